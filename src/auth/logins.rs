//! Who may log in: e-mail addresses, as keyed hashes, with the hashes of their passwords.
//!
//! An address stands here once, so that it is a customer's or a member of the staff's, never both.

use diesel::prelude::*;

use super::access_token::Subject;
use crate::{
    db::{Conn, constraints::is_duplicate, schema::logins},
    error::{Code, Error, Result},
    on_each_database,
    time::UtcTime,
};

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Whose it is.
    pub owner: Subject,
    /// The password's stored hash.
    pub password_hash: String,
}

/// The login of an address, by its keyed hash.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, email_hash: &str) -> Result<Option<Login>> {
    let row: Option<(String, String)> =
        logins::table.find(email_hash).select((logins::owner_id, logins::password_hash)).first(conn).optional()?;
    let Some((owner, password_hash)) = row else { return Ok(None) };
    let owner = Subject::of_id(&owner).ok_or_else(|| Error::Internal(format!("a login belongs to `{owner}`")))?;
    Ok(Some(Login { owner, password_hash }))
}

/// The keyed hash of the address that `owner` logs in by, and their password's stored hash.
///
/// # Errors
/// A database error, also where they have no login.
pub fn of_owner(conn: &mut Conn, owner: Subject) -> QueryResult<(String, String)> {
    let own = logins::table.filter(logins::owner_id.eq(owner.as_str()));
    own.select((logins::email_hash, logins::password_hash)).get_result(conn)
}

/// Lets `owner` log in by this address.
///
/// # Errors
/// 409 `email_taken` where somebody does already.
pub fn create(conn: &mut Conn, email_hash: &str, owner: Subject, password_hash: &str, now: UtcTime) -> Result<()> {
    let row = (
        logins::email_hash.eq(email_hash),
        logins::owner_id.eq(owner.as_str()),
        logins::password_hash.eq(password_hash),
        logins::updated_at.eq(now),
    );
    let inserted = on_each_database!(conn, conn => {
        diesel::insert_into(logins::table).values(row).on_conflict(logins::email_hash).do_nothing().execute(conn)
    })?;
    if inserted == 1 { Ok(()) } else { Err(Error::problem(Code::EmailTaken, Code::EmailTaken.about())) }
}

/// Puts `fresh` in the place of the hash `compared`, which may be the same; says whether that one still stood there.
///
/// The row is locked by it: a password that changes at the same moment ends the session that begins here, or keeps it
/// from beginning.
///
/// # Errors
/// A database error.
pub fn confirm(conn: &mut Conn, email_hash: &str, compared: &str, fresh: &str, now: UtcTime) -> QueryResult<bool> {
    let same = logins::table.find(email_hash).filter(logins::password_hash.eq(compared));
    if compared == fresh {
        return diesel::update(same).set(logins::password_hash.eq(fresh)).execute(conn).map(|rows| rows == 1);
    }
    let changed = (logins::password_hash.eq(fresh), logins::updated_at.eq(now));
    diesel::update(same).set(changed).execute(conn).map(|rows| rows == 1)
}

/// Lets `owner` log in by another address in the place of their present one.
///
/// # Errors
/// 409 `email_taken` where somebody else does already.
pub fn change_address(conn: &mut Conn, owner: Subject, email_hash: &str, now: UtcTime) -> Result<()> {
    let own = logins::table.filter(logins::owner_id.eq(owner.as_str()));
    let changed = (logins::email_hash.eq(email_hash), logins::updated_at.eq(now));
    match diesel::update(own).set(changed).execute(conn) {
        // PostgreSQL names a primary key for its table alone.
        Err(error) if ["logins.email_hash", "logins.pkey"].iter().any(|it| is_duplicate(&error, it)) => {
            Err(Error::problem(Code::EmailTaken, Code::EmailTaken.about()))
        }
        result => Ok(result.map(drop)?),
    }
}

/// Puts `fresh` in the place of the hash of `owner`'s password.
///
/// # Errors
/// A database error.
pub fn set_password(conn: &mut Conn, owner: Subject, fresh: &str, now: UtcTime) -> QueryResult<()> {
    let own = logins::table.filter(logins::owner_id.eq(owner.as_str()));
    let changed = (logins::password_hash.eq(fresh), logins::updated_at.eq(now));
    diesel::update(own).set(changed).execute(conn).map(drop)
}

/// Nobody logs in as `owner` any more.
///
/// # Errors
/// A database error.
pub fn remove(conn: &mut Conn, owner: Subject) -> QueryResult<()> {
    diesel::delete(logins::table.filter(logins::owner_id.eq(owner.as_str()))).execute(conn).map(drop)
}
