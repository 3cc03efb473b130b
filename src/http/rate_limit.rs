//! How often somebody may ask, counted by this process alone.
//!
//! The edge makes a `Meter` for each request to a route that has a policy. The request is counted once it is known
//! who calls ([`admit`]), before any handler runs; the edge then writes what the meter shows into the answer's headers.
//! What tries an account is counted by that account as well, by the handler, which alone has read the body
//! ([`Attempts`]).

mod attempts;
mod policy;
mod windows;

use std::{cell::Cell, net::IpAddr, rc::Rc, sync::Arc};

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};

pub use attempts::Attempts;
pub use policy::{Policy, policy_of};
use windows::{Standing, Windows};

use super::client_address::{ClientAddress, line_of};
use crate::{
    error::{Code, Error, Problem, Result},
    time::Clock,
};

/// Keys of each policy that are remembered at a time: a few megabytes.
const KEYS: usize = 65_536;
/// For so long an account's owner is known again by the line that they have logged in from.
const FAMILIAR_SECONDS: i64 = 90 * 24 * 60 * 60;

/// All that this process counts. Cheap to clone.
#[derive(Clone)]
pub struct RateLimits(Arc<Counts>);

struct Counts {
    clock: Clock,
    /// In the order of [`Policy::ALL`].
    windows: [Windows; Policy::ALL.len()],
    /// Accounts with the lines that they were logged in to from.
    familiar: Windows,
}

/// What one request is counted by. In the request's extensions.
#[derive(Clone)]
pub(super) struct Meter(Rc<Reading>);

struct Reading {
    limits: RateLimits,
    policy: Policy,
    line: Cell<IpAddr>,
    /// What the answer's headers are to show: the policy and how its key stands.
    shown: Cell<Option<(Policy, Standing)>>,
}

impl RateLimits {
    /// Nobody has asked for anything yet.
    pub fn new(clock: Clock) -> Self {
        let windows = Policy::ALL.map(|it| Windows::new(it.quota(), policy::WINDOW_SECONDS, KEYS));
        Self(Arc::new(Counts { clock, windows, familiar: Windows::new(1, FAMILIAR_SECONDS, KEYS) }))
    }

    /// For a request from `address` by `policy`.
    pub(super) fn meter(&self, policy: Policy, address: IpAddr) -> Meter {
        let line = Cell::new(line_of(address));
        Meter(Rc::new(Reading { limits: self.clone(), policy, line, shown: Cell::new(None) }))
    }

    fn count(&self, policy: Policy, key: &str) -> Standing {
        self.0.windows[policy as usize].count(key, self.0.clock.now())
    }
}

impl Meter {
    /// Counts the request for `account`, else for the line that it comes from.
    ///
    /// # Errors
    /// 429 `rate_limited`.
    pub(super) fn admit(&self, account: Option<&str>) -> Result<()> {
        let policy = self.0.policy;
        // Passwords are tried with any account's token, or none: there the network counts.
        match account.filter(|_| policy != Policy::Auth) {
            Some(account) => self.count(policy, account),
            None => self.count(policy, &self.line()),
        }
    }

    fn count(&self, policy: Policy, key: &str) -> Result<()> {
        let standing = self.0.limits.count(policy, key);
        // What is left for an account is not shown while there is any: it would tell who else is about to log in.
        if policy != Policy::AuthAccount || standing.refused {
            self.0.shown.set(Some((policy, standing)));
        }
        if standing.refused { Err(refusal(standing.reset_seconds)) } else { Ok(()) }
    }

    fn line(&self) -> String {
        self.0.line.get().to_string()
    }

    /// Writes what the meter shows into an answer's headers.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let Some((policy, standing)) = self.0.shown.get() else { return };
        let Standing { remaining, reset_seconds, .. } = standing;
        let shown = format!(r#""{}";r={remaining};t={reset_seconds}"#, policy.name());
        for (name, text) in [("ratelimit-policy", self.0.policy.described()), ("ratelimit", shown)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Counts a request for whom it comes from: `account` is the id of a customer, of a member of the staff or of an API
/// key; without one it is the client's address, whatever cart they show a token of.
///
/// # Errors
/// 429 `rate_limited`.
pub fn admit(request: &ServiceRequest, account: Option<&str>) -> Result<()> {
    let extensions = request.extensions();
    let Some(meter) = extensions.get::<Meter>() else { return Ok(()) };
    // A front-end server may have said meanwhile for whom it calls.
    if let Some(ClientAddress(address)) = extensions.get() {
        meter.0.line.set(line_of(*address));
    }
    meter.admit(account)
}

fn refusal(seconds: i64) -> Error {
    let detail = format!("That was too often; this can be done again in {seconds} seconds.");
    Problem::new(Code::RateLimited, detail).with("retry_after", seconds).into()
}
