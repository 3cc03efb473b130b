//! How many SQL statements a request takes.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
/// Often enough that what the server does beside requests misses one of them.
const TRIES: usize = 8;

/// Counts the statements of every connection that is opened from now on.
pub(super) fn count_from_now_on() {
    set_default_instrumentation(|| Some(Box::new(counted) as Box<dyn Instrumentation>)).expect("instrumentation");
}

fn counted(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { .. } = event {
        STATEMENTS.fetch_add(1, Ordering::SeqCst);
    }
}

/// How many statements `request` takes; it is told how often it was made before.
pub(crate) fn statements(mut request: impl FnMut(usize)) -> u64 {
    let count = |number| {
        let before = STATEMENTS.load(Ordering::SeqCst);
        request(number);
        STATEMENTS.load(Ordering::SeqCst) - before
    };
    (0..TRIES).map(count).min().expect("a try")
}
