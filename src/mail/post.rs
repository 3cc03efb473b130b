//! Writes a mail down in the transaction of what it tells.

use chrono::TimeDelta;

use super::{
    Letter, MailKind,
    store::{self, MailRow, MailState},
};
use crate::{
    db::{Conn, dialect::lock_address},
    error::Result,
    ids::JobId,
    keys::Keys,
    time::UtcTime,
    vault,
};

/// Whose mail it is.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The person: their key seals the mail.
    pub owner: &'a str,
    /// The keyed hash of the address that was asked for.
    pub email_hash: &'a str,
}

/// At most one mail of a kind a minute goes to an address, and so many an hour.
const BETWEEN: TimeDelta = TimeDelta::minutes(1);
const MOST_AN_HOUR: usize = 5;

/// Writes a mail down. Where too many of its kind were asked for it is withheld, and nobody is told.
///
/// # Errors
/// A database error, or a person without a key.
pub fn post(
    conn: &mut Conn,
    keys: &Keys,
    kind: MailKind,
    to: Recipient<'_>,
    letter: &Letter,
    now: UtcTime,
) -> Result<()> {
    let state = state(conn, to.email_hash, kind, now, MailState::Due)?;
    let id = JobId::new();
    let key = vault::open(conn, keys, to.owner)?;
    insert(conn, id, kind, state, to.email_hash, Some((to.owner, letter.seal(&key, id))), now)
}

/// Writes a mail down to somebody who is nobody yet: it is sealed with a key of its own, which goes when the mail goes.
///
/// # Errors
/// A database error.
pub fn post_to_newcomer(
    conn: &mut Conn,
    keys: &Keys,
    kind: MailKind,
    email_hash: &str,
    letter: &Letter,
    now: UtcTime,
) -> Result<()> {
    let state = state(conn, email_hash, kind, now, MailState::Due)?;
    let id = JobId::new();
    let key = vault::create(conn, keys, id.as_str(), now)?;
    insert(conn, id, kind, state, email_hash, Some((id.as_str(), letter.seal(&key, id))), now)
}

/// Does for an address that is nobody's what [`post`] does for one that is somebody's, so that both take as long.
///
/// # Errors
/// A database error.
pub fn post_to_nobody(conn: &mut Conn, keys: &Keys, kind: MailKind, email_hash: &str, now: UtcTime) -> Result<()> {
    let state = state(conn, email_hash, kind, now, MailState::Unaddressed)?;
    // It finds nothing, as it finds something for others.
    vault::find(conn, keys, "nobody")?;
    insert(conn, JobId::new(), kind, state, email_hash, None, now)
}

/// What the mails to newcomers at this address hold that were written since `since`, the latest first, those that were
/// withheld included: a hundred at most.
///
/// # Errors
/// A database error, or a letter that cannot be opened.
pub fn letters_to_newcomers(
    conn: &mut Conn,
    keys: &Keys,
    kind: MailKind,
    email_hash: &str,
    since: UtcTime,
) -> Result<Vec<Letter>> {
    let rows = store::load_since(conn, email_hash, kind, since)?;
    let owners: Vec<&str> = rows.iter().filter_map(|row| row.owner_id.as_deref()).collect();
    let opened = vault::find_all(conn, keys, &owners)?;
    let letters = rows.iter().filter_map(|row| {
        let (owner, content) = (row.owner_id.as_deref()?, row.content.as_deref()?);
        Some(Letter::open(opened.get(owner)?, row.id, content))
    });
    letters.collect()
}

fn state(conn: &mut Conn, email_hash: &str, kind: MailKind, now: UtcTime, otherwise: MailState) -> Result<MailState> {
    lock_address(conn, email_hash)?;
    let asked = store::asked_since(conn, email_hash, kind, now.plus(-TimeDelta::hours(1)))?;
    let is_too_soon = asked.first().is_some_and(|latest| latest.plus(BETWEEN) > now);
    let too_many = asked.len() >= MOST_AN_HOUR;
    Ok(if kind.is_limited() && (is_too_soon || too_many) { MailState::Withheld } else { otherwise })
}

fn insert(
    conn: &mut Conn,
    id: JobId,
    kind: MailKind,
    state: MailState,
    email_hash: &str,
    sealed: Option<(&str, Vec<u8>)>,
    now: UtcTime,
) -> Result<()> {
    let (owner_id, content) = sealed.map(|(owner, content)| (owner.to_owned(), content)).unzip();
    let row = MailRow {
        id,
        kind,
        state,
        owner_id,
        email_hash: email_hash.to_owned(),
        content,
        tries: 0,
        due_at: now,
        token_hash: None,
        token_expires_at: None,
        token_used_at: None,
        created_at: now,
        sent_at: None,
    };
    Ok(store::insert(conn, &row)?)
}
