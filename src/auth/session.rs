//! Sessions and their refresh tokens: begun by a log-in, carried on by rotation, ended by their owner or by a thief.
//!
//! Of the tokens of a session one is live. Presenting it replaces it. Presenting one that was replaced ends the session,
//! for two hold it and one of them stole it; but a reply may have been lost, or two tabs may have asked at once, so that
//! for a moment, and while its successor is unused, a replaced token is answered with the same successor again.

mod living;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    access_token::Subject,
    secret::{OpaqueToken, TokenKind, derive_same_successor, derive_successor},
};
use crate::{
    db::{
        Conn,
        schema::{refresh_tokens, sessions},
    },
    error::{Error, Result},
    ids::SessionId,
    keys::{Keys, fill_random},
    time::UtcTime,
    vault,
};

pub use living::{KeptSession, LivingSession, all_of, count, end_others, end_own, load_page};

/// How long a refresh token is good for.
pub const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long after its replacement a token still yields its successor.
const LOST_REPLY: TimeDelta = TimeDelta::seconds(10);

/// The column that is sealed, by its name.
const DEVICE: &str = "device";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: SessionId,
    owner_id: String,
    device: Option<Vec<u8>>,
    created_at: UtcTime,
    last_used_at: UtcTime,
}

/// A session's id and its live refresh token.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The session.
    pub session_id: SessionId,
    /// Its live token.
    pub refresh_token: OpaqueToken,
    /// When that token ends.
    pub refresh_expires_at: UtcTime,
}

/// What presenting a refresh token leads to.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// The session goes on, for its owner.
    Granted(Subject, Granted),
    /// The token is not one of ours, or it or its session has ended.
    Refused,
    /// The token had been replaced: its session has been ended, which was this owner's.
    Reused(Subject, SessionId),
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens)]
struct TokenRow {
    token_hash: String,
    session_id: SessionId,
    nonce: Vec<u8>,
    successor_hash: Option<String>,
    replaced_at: Option<UtcTime>,
    created_at: UtcTime,
    expires_at: UtcTime,
}

/// Begins a session; `device` is what the program that asks calls itself.
///
/// # Errors
/// A database error.
pub fn start(conn: &mut Conn, keys: &Keys, owner: Subject, device: Option<&str>, now: UtcTime) -> Result<Granted> {
    let session_id = SessionId::new();
    let key = vault::open(conn, keys, owner.as_str())?;
    let row = SessionRow {
        id: session_id,
        owner_id: owner.as_str().to_owned(),
        device: device.map(|text| key.seal(session_id.as_str(), DEVICE, text.as_bytes())),
        created_at: now,
        last_used_at: now,
    };
    diesel::insert_into(sessions::table).values(&row).execute(conn)?;
    let refresh_token = OpaqueToken::random(TokenKind::Refresh);
    let refresh_expires_at = insert_token(conn, session_id, &refresh_token, now)?;
    Ok(Granted { session_id, refresh_token, refresh_expires_at })
}

/// Replaces the presented token by its successor. Commit what it did even where the token is refused: a theft that was
/// found out is over only then.
///
/// # Errors
/// A database error, or rows that do not fit our keys.
pub fn refresh(conn: &mut Conn, keys: &Keys, presented: &OpaqueToken, now: UtcTime) -> Result<Refreshed> {
    let Some(row) = find_token(conn, presented)? else { return Ok(Refreshed::Refused) };
    let owner = sessions::table
        .find(row.session_id)
        .filter(sessions::ended_at.is_null())
        .select(sessions::owner_id)
        .first::<String>(conn)
        .optional()?;
    let Some(owner) = owner.filter(|_| row.expires_at > now) else { return Ok(Refreshed::Refused) };
    let owner = Subject::of_id(&owner).ok_or_else(|| Error::Internal(format!("a session belongs to `{owner}`")))?;
    let successor = derive_successor(keys, presented, &row.nonce);
    // Of many that present the live token at once one replaces it; the others find it replaced.
    let live = refresh_tokens::table.find(&row.token_hash).filter(refresh_tokens::replaced_at.is_null());
    let replaced = (refresh_tokens::replaced_at.eq(now), refresh_tokens::successor_hash.eq(successor.hash()));
    if diesel::update(live).set(replaced).execute(conn)? == 0 {
        return repeat(conn, keys, presented, owner, now);
    }
    if !touch(conn, row.session_id, now)? {
        return Ok(Refreshed::Refused);
    }
    forget_expired(conn, row.session_id, now)?;
    let refresh_expires_at = insert_token(conn, row.session_id, &successor, now)?;
    Ok(Refreshed::Granted(owner, Granted { session_id: row.session_id, refresh_token: successor, refresh_expires_at }))
}

/// The same successor again, where the reply to the first try may have been lost; else it is theft.
fn repeat(conn: &mut Conn, keys: &Keys, presented: &OpaqueToken, owner: Subject, now: UtcTime) -> Result<Refreshed> {
    let Some(row) = find_token(conn, presented)? else { return Ok(Refreshed::Refused) };
    let session_id = row.session_id;
    let is_fresh = row.replaced_at.is_some_and(|replaced_at| now <= replaced_at.plus(LOST_REPLY));
    if let Some(successor_hash) = row.successor_hash.filter(|_| is_fresh) {
        let unused: Option<UtcTime> = refresh_tokens::table
            .find(&successor_hash)
            .filter(refresh_tokens::replaced_at.is_null())
            .select(refresh_tokens::expires_at)
            .first(conn)
            .optional()?;
        let same = derive_same_successor(keys, presented, &row.nonce, &successor_hash);
        if let (Some(refresh_expires_at), Some(refresh_token)) = (unused, same) {
            return Ok(Refreshed::Granted(owner, Granted { session_id, refresh_token, refresh_expires_at }));
        }
    }
    // Of many who show it at once one ends the session, and tells.
    Ok(if end(conn, session_id, now)? { Refreshed::Reused(owner, session_id) } else { Refreshed::Refused })
}

/// Ends the session that a refresh token, live or replaced, belongs to. A token that is none ends nothing.
///
/// # Errors
/// A database error.
pub fn end_by_token(conn: &mut Conn, presented: &OpaqueToken, now: UtcTime) -> QueryResult<()> {
    match find_token(conn, presented)? {
        Some(row) => end(conn, row.session_id, now).map(drop),
        None => Ok(()),
    }
}

/// Ends all sessions of `owner`.
///
/// # Errors
/// A database error.
pub fn end_all(conn: &mut Conn, owner: Subject, now: UtcTime) -> QueryResult<()> {
    let living = sessions::table.filter(sessions::owner_id.eq(owner.as_str())).filter(sessions::ended_at.is_null());
    diesel::update(living).set(sessions::ended_at.eq(now)).execute(conn).map(drop)
}

/// Ends a session; says whether it lived.
fn end(conn: &mut Conn, session_id: SessionId, now: UtcTime) -> QueryResult<bool> {
    let living = sessions::table.find(session_id).filter(sessions::ended_at.is_null());
    diesel::update(living).set(sessions::ended_at.eq(now)).execute(conn).map(|rows| rows == 1)
}

/// Whether the session lives; notes that it was used.
fn touch(conn: &mut Conn, session_id: SessionId, now: UtcTime) -> QueryResult<bool> {
    let living = sessions::table.find(session_id).filter(sessions::ended_at.is_null());
    diesel::update(living).set(sessions::last_used_at.eq(now)).execute(conn).map(|rows| rows == 1)
}

fn find_token(conn: &mut Conn, presented: &OpaqueToken) -> QueryResult<Option<TokenRow>> {
    refresh_tokens::table.find(presented.hash()).select(TokenRow::as_select()).first(conn).optional()
}

fn insert_token(conn: &mut Conn, session_id: SessionId, token: &OpaqueToken, now: UtcTime) -> QueryResult<UtcTime> {
    let mut nonce = vec![0; 32];
    fill_random(&mut nonce);
    let expires_at = now.plus(REFRESH_LIFETIME);
    let token_hash = token.hash();
    let row = TokenRow {
        token_hash,
        session_id,
        nonce,
        successor_hash: None,
        replaced_at: None,
        created_at: now,
        expires_at,
    };
    diesel::insert_into(refresh_tokens::table).values(&row).execute(conn)?;
    Ok(expires_at)
}

/// A replaced token is kept until it would have ended, so that its reuse is known for what it is; not longer.
fn forget_expired(conn: &mut Conn, session_id: SessionId, now: UtcTime) -> QueryResult<()> {
    let of_session = refresh_tokens::table.filter(refresh_tokens::session_id.eq(session_id));
    let expired =
        of_session.filter(refresh_tokens::replaced_at.is_not_null()).filter(refresh_tokens::expires_at.le(now));
    diesel::delete(expired).execute(conn).map(drop)
}
