//! Callers whose access tokens were found to be good a moment ago: those who read the catalogue need not be looked up in
//! the database for each answer that is ready in memory. For everything else they are.

use chrono::TimeDelta;
use moka::sync::Cache;

use super::caller::Caller;
use crate::{digest::sha256, time::UtcTime};

/// A caller who is logged out, disabled or demoted is out within this time.
const FOR: TimeDelta = TimeDelta::seconds(5);
/// How many tokens are remembered at a time: a few megabytes.
const MOST: u64 = 20_000;

/// The remembered callers, by the hashes of their tokens. A clone is the same memory.
#[derive(Clone)]
pub struct RememberedCallers(Cache<[u8; 32], Remembered>);

#[derive(Clone, Copy)]
struct Remembered {
    caller: Caller,
    /// Before the database was asked.
    since: UtcTime,
    token_ends_at: UtcTime,
}

impl Default for RememberedCallers {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl RememberedCallers {
    /// Who showed this token at most five seconds ago, if it is still good.
    pub fn find(&self, token: &str, now: UtcTime) -> Option<Caller> {
        let Remembered { caller, since, token_ends_at } = self.0.get(&sha256(token.as_bytes()))?;
        // A clock that was set back proves nothing.
        (since <= now && now < since.plus(FOR) && now < token_ends_at).then_some(caller)
    }

    /// Remembers that at `since` the token, which ends at `token_ends_at`, was this caller's; or, without one, nobody's.
    pub fn note(&self, token: &str, caller: Option<Caller>, since: UtcTime, token_ends_at: UtcTime) {
        let key = sha256(token.as_bytes());
        match caller {
            Some(caller) => self.0.insert(key, Remembered { caller, since, token_ends_at }),
            None => self.0.invalidate(&key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CustomerId, SessionId};

    #[test]
    fn a_caller_is_known_for_five_seconds_and_no_longer_than_the_token() {
        let callers = RememberedCallers::default();
        let at = |seconds: i64| UtcTime::from_micros(1_000_000_000).plus(TimeDelta::seconds(seconds));
        let caller = Caller::Customer { id: CustomerId::new(), session_id: SessionId::new() };
        let knows = |token: &str, seconds: i64| callers.find(token, at(seconds)).map(|it| it.id().to_owned());
        callers.note("long", Some(caller), at(0), at(900));
        callers.note("short", Some(caller), at(0), at(2));
        let own = Some(caller.id().to_owned());
        assert_eq!(
            [knows("long", 0), knows("long", 4), knows("long", 5), knows("long", -1)],
            [own.clone(), own.clone(), None, None]
        );
        assert_eq!([knows("short", 1), knows("short", 2), knows("other", 0)], [own, None, None]);
        callers.note("long", None, at(1), at(900));
        assert_eq!(knows("long", 1), None);
    }
}
