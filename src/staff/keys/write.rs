//! Makes, renames and revokes API keys.

use super::view::ApiKey;
use crate::{
    audit::{Action, By},
    auth::{
        api_keys::{self, ApiKeyRow},
        extract::Actor,
        rights::Rights,
        secret::{OpaqueToken, TokenKind},
    },
    db::{Conn, columns::Json},
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::KeyId,
    keys::Keys,
    staff::authority,
    time::UtcTime,
};

/// A key to be made.
#[derive(Clone)]
pub(super) struct NewApiKey {
    pub(super) name: String,
    pub(super) rights: Rights,
    pub(super) expires_at: Option<UtcTime>,
}

/// Makes a key, which the answer shows once.
///
/// # Errors
/// 403 `forbidden` for an API key: what it made would outlive it; 403 `beyond_own_rights`, 422 where it would have ended
/// already.
pub(super) fn create(conn: &mut Conn, keys: &Keys, by: &By, new: NewApiKey, now: UtcTime) -> Result<ApiKey> {
    if matches!(by.actor, Actor::ApiKey { .. }) {
        return Err(Error::problem(Code::Forbidden, "Keys are made by people; an API key is none."));
    }
    let held = by.lock(conn, now)?;
    authority::require(held, new.rights)?;
    if new.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(Violation::at("#/expires_at", Code::ReversedRange, "It would end before it begins.").into());
    }
    let token = OpaqueToken::random(TokenKind::ApiKey);
    let row = ApiKeyRow {
        id: KeyId::new(),
        key_hash: token.hash(),
        name: new.name,
        rights: Json::new(new.rights.names()),
        created_by: by.actor.answerable(),
        expires_at: new.expires_at,
        last_used_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    api_keys::insert(conn, &row)?;
    by.record(conn, keys, row.id.as_str(), Action::ApiKeyCreated, now)?;
    Ok(ApiKey::new(row, Some(&token)))
}

/// Gives a key another name.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`.
pub(super) fn rename(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: KeyId,
    condition: &IfMatch,
    name: Option<String>,
    now: UtcTime,
) -> Result<ApiKey> {
    let mut row = lock(conn, by, id, condition, now)?;
    if let Some(name) = name.filter(|it| *it != row.name) {
        api_keys::rename(conn, &mut row, name, now)?;
        by.record(conn, keys, id.as_str(), Action::ApiKeyChanged, now)?;
    }
    Ok(ApiKey::new(row, None))
}

/// Revokes a key: the next request with it is refused.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`.
pub(super) fn revoke(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: KeyId,
    condition: &IfMatch,
    now: UtcTime,
) -> Result<()> {
    lock(conn, by, id, condition, now)?;
    api_keys::revoke(conn, id)?;
    by.record(conn, keys, id.as_str(), Action::ApiKeyRevoked, now)
}

fn lock(conn: &mut Conn, by: &By, id: KeyId, condition: &IfMatch, now: UtcTime) -> Result<ApiKeyRow> {
    let held = by.lock(conn, now)?;
    let row = api_keys::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    authority::require(held, row.rights())?;
    Ok(row)
}
