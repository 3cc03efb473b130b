//! Bodies: strict JSON of the right type, length and shape, for every operation that takes one.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::samples::{Sample, leaves, samples, with};
use crate::support::{Answer, TestApp, api_test};

/// Runs a check for every sample and tells all that fail.
fn for_each(app: &TestApp, check: impl Fn(&Sample) -> Vec<String>) {
    let findings: Vec<String> = samples(app).iter().flat_map(check).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

fn is_problem(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status
        && answer.header("content-type") == Some("application/problem+json")
        && answer.json()["code"] == code
}

fn told(sample: &Sample, what: &str, answer: &Answer) -> String {
    format!("{}: {what}: {} {}", sample.name, answer.status, answer.text().chars().take(300).collect::<String>())
}

api_test!(a_body_of_another_type_is_415, |app| {
    for_each(app, |sample| {
        let body = || sample.body.to_string().into_bytes();
        let mut findings = Vec::new();
        for content_type in
            ["text/plain", "application/xml", "application/json; charset=latin1", "multipart/form-data", ""]
        {
            let answer = sample.send_bytes(content_type, body());
            if !is_problem(&answer, 415, "unsupported_media_type") {
                findings.push(told(sample, content_type, &answer));
            }
        }
        for coding in ["br", "deflate", "gzip, gzip", "x"] {
            let answer =
                sample.send_with(&[("Content-Type", "application/json"), ("Content-Encoding", coding)], body());
            if !is_problem(&answer, 415, "unsupported_media_type") {
                findings.push(told(sample, coding, &answer));
            }
        }
        findings
    });
});

api_test!(what_is_not_strict_json_is_malformed, |app| {
    let deep = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let bodies = [
        "",
        "[7]",
        "[]",
        "{",
        "{}x",
        "{'a':1}",
        r#"{"a":1,"a":2}"#,
        r#"{"a":{"b":1,"b":1}}"#,
        r#"{"a":1e400}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":01}"#,
        r#"{"a":NaN}"#,
        "\u{feff}{}",
        r#"{"a":1,}"#,
        "// x\n{}",
        "nul",
    ];
    let bodies: Vec<Vec<u8>> = bodies.iter().map(|it| it.as_bytes().to_vec()).collect();
    let bodies: Vec<Vec<u8>> = bodies
        .into_iter()
        .chain([deep(64), deep(128), deep(20_000)].map(String::into_bytes))
        .chain([b"{\"a\":\"\xff\"}".to_vec(), b"\x00".to_vec(), b"{\"a\":\"\x01\"}".to_vec()])
        .collect();
    for_each(app, |sample| {
        let meant = bodies.iter().filter(|body| sample.needs_body || !body.is_empty());
        let sent = meant.map(|body| (body, sample.send_bytes("application/json", body.clone())));
        let wrong = sent.filter(|(_, answer)| !is_problem(answer, 400, "malformed_json"));
        wrong
            .map(|(body, answer)| told(sample, &String::from_utf8_lossy(&body[..body.len().min(40)]), &answer))
            .collect()
    });
});

api_test!(a_member_that_is_not_known_is_refused_by_its_name, |app| {
    for_each(app, |sample| {
        let mut body = sample.body.clone();
        body["surprise"] = json!({"role": "admin"});
        body["sur/pr~ise"] = json!(1);
        let answer = sample.send(&body);
        let named = answer.status == 422
            && ["#/surprise unknown_field", "#/sur~1pr~0ise unknown_field"]
                .iter()
                .all(|it| answer.violations().contains(&(*it).to_owned()));
        if named { Vec::new() } else { vec![told(sample, "surprise", &answer)] }
    });
});

api_test!(a_value_of_another_type_is_refused_by_its_place, |app| {
    for_each(app, |sample| {
        let mut findings = Vec::new();
        // An attribute may be a text, a number or a truth.
        let typed = leaves(&sample.body).into_iter().filter(|it| !it.is_empty() && !it.starts_with("/attributes/"));
        for pointer in typed {
            let here = sample.body.pointer(&pointer).expect("a leaf");
            let others = match here {
                Value::String(_) => vec![json!(7), json!({}), json!(true)],
                Value::Number(_) => vec![json!("1"), json!(1.5), json!(u64::MAX), json!(true), json!({})],
                Value::Bool(_) => vec![json!("true"), json!(1)],
                // An empty object or list: metadata, and what has nothing to show.
                _ => vec![json!("text")],
            };
            for other in others {
                let answer = sample.send(&with(&sample.body, &pointer, other.clone()));
                let place = format!("#{pointer} ");
                if answer.status != 422 || !answer.violations().iter().any(|it| it.starts_with(&place)) {
                    findings.push(told(sample, &format!("{pointer} = {other}"), &answer));
                }
            }
        }
        findings
    });
});

api_test!(a_null_character_in_any_text_is_refused, |app| {
    for_each(app, |sample| {
        let is_text = |pointer: &String| sample.body.pointer(pointer).is_some_and(Value::is_string);
        let sent = leaves(&sample.body).into_iter().filter(is_text).map(|pointer| {
            let answer = sample.send(&with(&sample.body, &pointer, "a\u{0}b"));
            (pointer, answer)
        });
        let wrong = sent.filter(|(_, answer)| answer.status != 422);
        wrong.map(|(pointer, answer)| told(sample, &pointer, &answer)).collect()
    });
});

api_test!(a_body_over_256_kibibytes_is_413_packed_or_not, |app| {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let large = format!("{{\"a\":\"{}\"}}", "a".repeat(300 * 1024)).into_bytes();
    // 200 MB of nothing in 200 kB.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    (0..200).for_each(|_| encoder.write_all(&vec![b' '; 1_000_000]).unwrap());
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 256 * 1024);
    let packed = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    for_each(app, |sample| {
        let mut findings = Vec::new();
        let sent = [
            ("large", sample.send_bytes("application/json", large.clone())),
            ("large, packed", sample.send_with(&packed, gzip(&large))),
            ("a bomb", sample.send_with(&packed, bomb.clone())),
        ];
        findings.extend(
            sent.iter()
                .filter(|(_, it)| !is_problem(it, 413, "payload_too_large"))
                .map(|(what, it)| told(sample, what, it)),
        );
        let broken = sample.send_with(&packed, b"no gzip at all".to_vec());
        if !is_problem(&broken, 400, "malformed_json") {
            findings.push(told(sample, "broken gzip", &broken));
        }
        let plain = sample.send(&json!({"surprise": 1}));
        let same = sample.send_with(&packed, gzip(br#"{"surprise":1}"#));
        if (plain.status, plain.violations()) != (same.status, same.violations()) {
            findings.push(told(sample, "packed and plain differ", &same));
        }
        findings
    });
});
