//! Texts that have broken other programs, in every text of every body.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Map, Value};

use super::samples::{Sample, leaves, samples, with};
use crate::support::{Answer, api_test, shared_data};

/// Requests under way together. Many of them wait for each other, or for the index of the search.
const AT_ONCE: usize = 8;
/// In how many parts an operation meets the texts: the parts go side by side.
const PARTS: usize = 5;
/// How far apart in the list the texts of two neighbouring places are.
const STRIDE: usize = 37;

api_test!(no_naughty_text_in_a_body_is_a_fault_of_ours, SHARED_DATA, |app| {
    let file = std::fs::read(shared_data("vectors/naughty-strings.json")).unwrap();
    let texts: Vec<String> = serde_json::from_slice(&file).unwrap();
    let samples = samples(app);
    let (next, findings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(sample) = samples.get(number / PARTS) else { return };
            let found = Trial::new(sample).run(&texts, number % PARTS);
            findings.lock().unwrap().extend(found);
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let findings = findings.into_inner().unwrap();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
});

/// A text, and the place of the body where it is put.
type Put<'a> = (&'a str, &'a str);

/// One operation, which meets all texts.
struct Trial<'a> {
    sample: &'a Sample,
    /// What the operation answers to a body that is as it should be.
    usual: (u16, Value),
    findings: Vec<String>,
}

impl<'a> Trial<'a> {
    fn new(sample: &'a Sample) -> Self {
        let usual = outcome(&sample.send(&sample.body));
        Self { sample, usual, findings: Vec::new() }
    }

    /// Each place meets each text of a part. One body holds as many as it has places, a different one in each; as names of
    /// members all stand in one.
    fn run(mut self, texts: &[String], part: usize) -> Vec<String> {
        let is_text = |pointer: &String| self.sample.body.pointer(pointer).is_some_and(Value::is_string);
        let places: Vec<String> = leaves(&self.sample.body).into_iter().filter(is_text).collect();
        let own = || (part..texts.len()).step_by(PARTS);
        self.send(&own().map(|it| (texts[it].clone(), texts[it].as_str().into())).collect::<Map<_, _>>().into());
        for number in own() {
            let text = |place: usize| texts[(number + place * STRIDE) % texts.len()].as_str();
            let put: Vec<Put<'_>> = places.iter().enumerate().map(|(place, it)| (it.as_str(), text(place))).collect();
            self.meet(put);
        }
        self.findings
    }

    /// Sends the texts together. Those that are refused hide what becomes of the others, which go on without them; where
    /// nothing says which one it was, each goes alone.
    fn meet(&mut self, mut put: Vec<Put<'_>>) {
        while !put.is_empty() {
            let answer = self.send(&self.body_with(&put));
            let refused = pointers(&answer);
            let all = put.len();
            put.retain(|(place, _)| !refused.iter().any(|it| lies_at(place, it)));
            if put.len() < all {
                continue;
            }
            let came_through = answer.status < 300 || outcome(&answer) == self.usual;
            if !came_through && all > 1 {
                put.into_iter().for_each(|alone| drop(self.send(&self.body_with(&[alone]))));
            }
            return;
        }
    }

    fn body_with(&self, put: &[Put<'_>]) -> Value {
        put.iter().fold(self.sample.body.clone(), |body, (place, text)| with(&body, place, *text))
    }

    fn send(&mut self, body: &Value) -> Answer {
        let answer = self.sample.send(body);
        if answer.status >= 500 {
            let (name, told) = (&self.sample.name, answer.text().chars().take(300).collect::<String>());
            self.findings.push(format!("{name}: {} {told} to {body}", answer.status));
        }
        answer
    }
}

/// Status, and code where it is a problem.
fn outcome(answer: &Answer) -> (u16, Value) {
    let is_problem = answer.header("content-type") == Some("application/problem+json");
    (answer.status, if is_problem { answer.json()["code"].take() } else { Value::Null })
}

/// The places that a problem names, as JSON pointers without their `#`.
fn pointers(answer: &Answer) -> Vec<String> {
    let problem = if answer.status == 422 { answer.json() } else { Value::Null };
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|it| Some(it["pointer"].as_str()?.strip_prefix('#')?.to_owned())).collect()
}

/// Whether `place` is `named`, or lies within it. The body as a whole is no place.
fn lies_at(place: &str, named: &str) -> bool {
    !named.is_empty() && place.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
