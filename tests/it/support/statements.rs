//! How many SQL statements a request takes, and which.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use super::TestApp;

/// Statements by the database that they were sent to: tests that run beside each other have one each.
static STATEMENTS: LazyLock<Mutex<HashMap<String, Arc<Statements>>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Statements {
    count: AtomicU64,
    /// Their texts, while somebody wants to know.
    texts: Mutex<Option<Vec<String>>>,
}

/// The server looks for events and due work several times a second: so often is a request made at most, until the
/// lowest number has come [`CALM`] times.
const TRIES: usize = 40;
const CALM: usize = 4;

/// Counts the statements of every connection that is opened from now on.
pub(super) fn count_from_now_on() {
    set_default_instrumentation(|| Some(Box::new(Counter(None)))).expect("instrumentation");
}

/// Counts for one connection, once it is known where that leads.
struct Counter(Option<Arc<Statements>>);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match (event, &self.0) {
            (InstrumentationEvent::StartEstablishConnection { url, .. }, _) => self.0 = Some(statements_of(url)),
            (InstrumentationEvent::StartQuery { query, .. }, Some(statements)) => {
                statements.count.fetch_add(1, Ordering::SeqCst);
                if let Some(texts) = statements.texts.lock().expect("texts").as_mut() {
                    texts.push(query.to_string());
                }
            }
            _ => {}
        }
    }
}

fn statements_of(database: &str) -> Arc<Statements> {
    STATEMENTS.lock().expect("counts").entry(database.to_owned()).or_default().clone()
}

impl TestApp {
    fn all_statements(&self) -> Arc<Statements> {
        let url = &self.premises.database.url;
        statements_of(url.strip_prefix("sqlite:").unwrap_or(url))
    }

    /// The texts of the statements that the server makes while `request` runs, its own in the background among them.
    pub(crate) fn statement_texts(&self, request: impl FnOnce()) -> Vec<String> {
        let statements = self.all_statements();
        *statements.texts.lock().expect("texts") = Some(Vec::new());
        request();
        let texts = statements.texts.lock().expect("texts").take().unwrap_or_default();
        // Diesel writes the bound values behind.
        texts.iter().map(|text| text.split(" -- binds:").next().unwrap_or(text).to_owned()).collect()
    }

    /// How many statements `request` takes; it is told how often it was made before.
    pub(crate) fn statements(&self, mut request: impl FnMut(usize)) -> u64 {
        let count = &self.all_statements().count;
        let (mut fewest, mut times) = (u64::MAX, 0);
        for number in 0..TRIES {
            let before = count.load(Ordering::SeqCst);
            request(number);
            let taken = count.load(Ordering::SeqCst) - before;
            times = if taken < fewest { 1 } else { times + usize::from(taken == fewest) };
            fewest = fewest.min(taken);
            if times == CALM {
                break;
            }
        }
        fewest
    }
}
