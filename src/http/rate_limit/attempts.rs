//! Tries at an account: log-in, registration, and whatever sends a mail or asks for a code.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::{Meter, Policy};
use crate::error::Result;

/// Counts tries at accounts. For handlers below `/auth`, which call [`Attempts::count`] before they look anything up.
pub struct Attempts(Option<Meter>);

impl Attempts {
    /// Counts a try at `account`, a name that tells nothing: `Keys::email_hash` of the address that was given, whether
    /// somebody has it or not, or the id of who is logged in. Tries count alike whether they succeed or fail, from
    /// wherever they come.
    ///
    /// Somebody who tries passwords the whole day must not keep the owner out. So whoever was let in from a line before
    /// ([`Attempts::succeeded`]) has tries of their own there, which strangers cannot use up.
    ///
    /// # Errors
    /// 429 `rate_limited`.
    pub fn count(&self, account: &str) -> Result<()> {
        let Some(meter) = &self.0 else { return Ok(()) };
        let counts = &meter.0.limits.0;
        let here = at_line(meter, account);
        let is_familiar = counts.familiar.knows(&here, counts.clock.now());
        meter.count(Policy::AuthAccount, if is_familiar { &here } else { account })
    }

    /// Remembers that who asks has shown the right password of `account`.
    pub fn succeeded(&self, account: &str) {
        if let Some(meter) = &self.0 {
            let counts = &meter.0.limits.0;
            counts.familiar.count(&at_line(meter, account), counts.clock.now());
        }
    }
}

fn at_line(meter: &Meter, account: &str) -> String {
    format!("{account} {}", meter.line())
}

impl FromRequest for Attempts {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().get::<Meter>().cloned())))
    }
}
