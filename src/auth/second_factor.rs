//! The second factor: a code that changes every 30 seconds (RFC 6238), made from a secret that the owner's device shares
//! with us, or one of ten recovery codes where the device is lost.
//!
//! A code has six digits, so that guessing is kept slow: each is good once, and after ten wrong ones in a row the next is
//! looked at only after a while, twice as long each time and an hour at most. Recovery codes cannot be guessed and are
//! looked at always: nobody is locked out.

mod challenge;
mod recovery;
mod totp;

use std::collections::HashSet;

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::{
    auth::access_token::Subject,
    db::{Conn, schema::second_factors},
    error::{Code, Error, Problem, Result},
    keys::Keys,
    lock_rows, on_each_database,
    time::UtcTime,
    vault,
};

pub use challenge::{CHALLENGE_SECONDS, LoginChallenge, forget_challenges};
pub use totp::Secret;

/// The column that is sealed, by its name.
const SECRET: &str = "secret";
/// So many wrong codes in a row cost no waiting.
const FREE_FAILURES: i32 = 10;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors)]
struct FactorRow {
    owner_id: String,
    secret: Vec<u8>,
    confirmed_at: Option<UtcTime>,
    last_step: i64,
    failures: i32,
    next_try_at: Option<UtcTime>,
    created_at: UtcTime,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one of this moment, and was not used before.
    Right,
    /// It is one of the recovery codes, which is used up now.
    Recovered,
    /// It is neither. Commit what is noted of that.
    Wrong,
}

/// Whether `owner` logs in with a second factor.
///
/// # Errors
/// A database error.
pub fn is_on(conn: &mut Conn, owner: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(confirmed(owner))).get_result(conn)
}

/// Those of `owners` who log in with a second factor: one statement, however many there are.
///
/// # Errors
/// A database error.
pub fn those_with(conn: &mut Conn, owners: &[&str]) -> QueryResult<HashSet<String>> {
    let theirs = second_factors::table.filter(second_factors::owner_id.eq_any(owners));
    let found: Vec<String> =
        theirs.filter(second_factors::confirmed_at.is_not_null()).select(second_factors::owner_id).load(conn)?;
    Ok(found.into_iter().collect())
}

/// Keeps a new secret for `owner`, in the place of one that waits for its first code; `None` where one is in use.
///
/// # Errors
/// A database error, or a person without a key.
pub fn begin(conn: &mut Conn, keys: &Keys, owner: Subject, now: UtcTime) -> Result<Option<Secret>> {
    let key = vault::open(conn, keys, owner.as_str())?;
    let waiting = second_factors::table.find(owner.as_str()).filter(second_factors::confirmed_at.is_null());
    diesel::delete(waiting).execute(conn)?;
    if is_on(conn, owner.as_str())? {
        return Ok(None);
    }
    let secret = Secret::random();
    let row = FactorRow {
        owner_id: owner.as_str().to_owned(),
        secret: key.seal(owner.as_str(), SECRET, secret.bytes()),
        confirmed_at: None,
        last_step: 0,
        failures: 0,
        next_try_at: None,
        created_at: now,
    };
    // Of two that begin at once one has its secret kept.
    let kept = on_each_database!(conn, conn => {
        diesel::insert_into(second_factors::table)
            .values(&row)
            .on_conflict(second_factors::owner_id)
            .do_nothing()
            .execute(conn)
    })?;
    Ok((kept == 1).then_some(secret))
}

/// Turns the second factor on by its first code, and makes the recovery codes; `None` where the code is wrong or no
/// secret waits for one.
///
/// # Errors
/// A database error, or a person without a key.
pub fn confirm(conn: &mut Conn, keys: &Keys, owner: Subject, code: &str, now: UtcTime) -> Result<Option<Vec<String>>> {
    let Some(row) = find(conn, owner)?.filter(|row| row.confirmed_at.is_none()) else { return Ok(None) };
    let Some(step) = open(conn, keys, &row)?.step_of(code, now) else { return Ok(None) };
    let waiting = second_factors::table.find(owner.as_str()).filter(second_factors::confirmed_at.is_null());
    let confirmed = (second_factors::confirmed_at.eq(now), second_factors::last_step.eq(step));
    if diesel::update(waiting).set(confirmed).execute(conn)? == 0 {
        return Ok(None);
    }
    Ok(Some(recovery::replace(conn, owner.as_str())?))
}

/// Other recovery codes in the place of those that are left.
///
/// # Errors
/// A database error.
pub fn renew_recovery_codes(conn: &mut Conn, owner: Subject) -> QueryResult<Vec<String>> {
    recovery::replace(conn, owner.as_str())
}

/// Looks at a code that `owner` shows, and notes what became of it.
///
/// # Errors
/// 429 `rate_limited` where too many were wrong; a database error, or a person without a key.
pub fn take(conn: &mut Conn, keys: &Keys, owner: Subject, code: &str, now: UtcTime) -> Result<Verdict> {
    // Of several who show codes at once each sees what became of the one before.
    lock_rows!(conn, second_factors::table.find(owner.as_str()).select(second_factors::owner_id))?;
    let Some(row) = find(conn, owner)?.filter(|row| row.confirmed_at.is_some()) else { return Ok(Verdict::Wrong) };
    if recovery::use_up(conn, owner.as_str(), code)? {
        return Ok(Verdict::Recovered);
    }
    if let Some(next) = row.next_try_at.filter(|next| *next > now) {
        let seconds = (next.micros() - now.micros() + 999_999).div_euclid(1_000_000);
        let detail = format!("Too many codes were wrong; one is looked at again in {seconds} seconds.");
        return Err(Problem::new(Code::RateLimited, detail).with("retry_after", seconds).into());
    }
    let own = second_factors::table.find(owner.as_str());
    if let Some(step) = open(conn, keys, &row)?.step_of(code, now) {
        // Of several who show the same code at once one is let in.
        let unused = own.filter(second_factors::last_step.lt(step));
        let taken = (
            second_factors::last_step.eq(step),
            second_factors::failures.eq(0),
            second_factors::next_try_at.eq(None::<UtcTime>),
        );
        if diesel::update(unused).set(taken).execute(conn)? == 1 {
            return Ok(Verdict::Right);
        }
    }
    let failed = (
        second_factors::failures.eq(second_factors::failures + 1),
        second_factors::next_try_at.eq(pause(row.failures + 1).map(|pause| now.plus(pause))),
    );
    diesel::update(own).set(failed).execute(conn)?;
    Ok(Verdict::Wrong)
}

/// `owner` logs in by the password alone from now on; says whether that was otherwise before.
///
/// # Errors
/// A database error.
pub fn turn_off(conn: &mut Conn, owner: &str) -> QueryResult<bool> {
    let was_on = is_on(conn, owner)?;
    forget_challenges(conn, owner)?;
    // The recovery codes go with the row.
    diesel::delete(second_factors::table.find(owner)).execute(conn)?;
    Ok(was_on)
}

#[diesel::dsl::auto_type]
fn confirmed<'a>(owner: &'a str) -> _ {
    second_factors::table.filter(second_factors::owner_id.eq(owner)).filter(second_factors::confirmed_at.is_not_null())
}

fn find(conn: &mut Conn, owner: Subject) -> QueryResult<Option<FactorRow>> {
    second_factors::table.find(owner.as_str()).select(FactorRow::as_select()).first(conn).optional()
}

fn open(conn: &mut Conn, keys: &Keys, row: &FactorRow) -> Result<Secret> {
    let key = vault::open(conn, keys, &row.owner_id)?;
    let bytes = key.open(&row.owner_id, SECRET, &row.secret)?;
    Secret::from_bytes(bytes).ok_or_else(|| Error::Internal(format!("{} has a broken second factor", row.owner_id)))
}

/// How long nothing is looked at after so many wrong codes in a row.
fn pause(failures: i32) -> Option<TimeDelta> {
    let beyond = u32::try_from(failures - FREE_FAILURES).ok()?;
    Some(TimeDelta::minutes(60.min(1 << beyond.min(6))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_codes_cost_nothing_and_then_each_twice_as_long_up_to_an_hour() {
        let minutes = |failures| pause(failures).map(|it| it.num_minutes());
        assert_eq!([1, 9].map(minutes), [None, None]);
        assert_eq!([10, 11, 12, 15].map(minutes), [Some(1), Some(2), Some(4), Some(32)]);
        assert_eq!([16, 17, 1000, i32::MAX].map(minutes), [Some(60); 4]);
    }
}
