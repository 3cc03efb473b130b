//! How often one may ask: what the headers say, who is counted, and what happens beyond.

mod accounts;
mod callers;
mod forwarded;
mod headers;

use crate::support::{Answer, Client, TestApp};

/// Somebody at this address, behind the proxy.
fn from(app: &TestApp, address: &str) -> Client {
    app.client().with("X-Forwarded-For", address)
}

/// What `RateLimit` says: the policy, what is left, the seconds until all of it is there again.
#[track_caller]
fn standing(answer: &Answer) -> (String, i64, i64) {
    let text = answer.header("ratelimit").expect("RateLimit");
    let parts: Vec<&str> = text.split(';').collect();
    let [policy, left, reset] = parts.as_slice() else { panic!("{text}") };
    let number = |text: &str, name| text.strip_prefix(name).and_then(|it| it.parse().ok()).expect("a number");
    (policy.trim_matches('"').to_owned(), number(left, "r="), number(reset, "t="))
}
