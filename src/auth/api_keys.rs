//! API keys: what other systems come in by.
//!
//! Only the hash of a key is kept. A key may what it was made for, and never more than whoever made it may now: it
//! shrinks with them, and is good for nothing once they are gone or have been disabled.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    caller::{Caller, rights_of_staff},
    rights::{RightName, Rights},
    secret::OpaqueToken,
};
use crate::{
    db::{Conn, columns::Json, schema::api_keys},
    error::Result,
    http::cursor::PageRequest,
    ids::{KeyId, StaffId},
    load_page_by,
    time::UtcTime,
};

/// How long a use is not noted again.
const NOTED_FOR: TimeDelta = TimeDelta::minutes(1);

/// A key, without what it is shown by.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ApiKeyRow {
    pub id: KeyId,
    pub key_hash: String,
    pub name: String,
    pub rights: Json<Vec<RightName>>,
    pub created_by: StaffId,
    pub expires_at: Option<UtcTime>,
    pub last_used_at: Option<UtcTime>,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

impl ApiKeyRow {
    /// What it was made for.
    pub fn rights(&self) -> Rights {
        self.rights.iter().copied().collect()
    }
}

/// Who calls by a key, its id, and whether its use has been noted within the last minute; `None` where it is no good.
///
/// # Errors
/// A database error.
pub fn find_caller(conn: &mut Conn, key: &OpaqueToken, now: UtcTime) -> QueryResult<Option<(Caller, KeyId, bool)>> {
    let own = api_keys::table.filter(api_keys::key_hash.eq(key.hash()));
    let Some(row) = own.select(ApiKeyRow::as_select()).first(conn).optional()? else { return Ok(None) };
    let Some(rights) = rights_now(conn, &row, now)? else { return Ok(None) };
    let is_noted = row.last_used_at.is_some_and(|used_at| used_at.plus(NOTED_FOR) > now);
    Ok(Some((Caller::ApiKey { id: row.id, created_by: row.created_by, rights }, row.id, is_noted)))
}

/// What a key may do now; `None` where it is no good any more.
///
/// # Errors
/// A database error.
pub fn rights_of_key(conn: &mut Conn, id: KeyId, now: UtcTime) -> QueryResult<Option<Rights>> {
    match find(conn, id)? {
        Some(row) => rights_now(conn, &row, now),
        None => Ok(None),
    }
}

fn rights_now(conn: &mut Conn, row: &ApiKeyRow, now: UtcTime) -> QueryResult<Option<Rights>> {
    if row.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Ok(None);
    }
    let of_maker = rights_of_staff(conn, row.created_by)?;
    Ok(of_maker.map(|rights| rights.shared_with(row.rights())))
}

/// Notes that a key was used.
///
/// # Errors
/// A database error.
pub fn note_use(conn: &mut Conn, id: KeyId, now: UtcTime) -> QueryResult<()> {
    diesel::update(api_keys::table.find(id)).set(api_keys::last_used_at.eq(now)).execute(conn).map(drop)
}

/// Writes down a new key.
///
/// # Errors
/// A database error.
pub fn insert(conn: &mut Conn, row: &ApiKeyRow) -> QueryResult<()> {
    diesel::insert_into(api_keys::table).values(row).execute(conn).map(drop)
}

/// The key of this id.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: KeyId) -> QueryResult<Option<ApiKeyRow>> {
    api_keys::table.find(id).select(ApiKeyRow::as_select()).first(conn).optional()
}

/// A page, newest first.
///
/// # Errors
/// A database error; 400 `invalid_cursor`.
pub fn load_page(conn: &mut Conn, page: &PageRequest<'_>) -> Result<Vec<ApiKeyRow>> {
    let query = api_keys::table.select(ApiKeyRow::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, api_keys::id => KeyId, false, page)?)
}

/// How many there are.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    api_keys::table.count().get_result(conn)
}

/// Gives a key another name.
///
/// # Errors
/// A database error.
pub fn rename(conn: &mut Conn, row: &mut ApiKeyRow, name: String, now: UtcTime) -> QueryResult<()> {
    row.name = name;
    row.version += 1;
    row.updated_at = now;
    let changed =
        (api_keys::name.eq(&row.name), api_keys::version.eq(row.version), api_keys::updated_at.eq(row.updated_at));
    diesel::update(api_keys::table.find(row.id)).set(changed).execute(conn).map(drop)
}

/// Makes a key good for nothing.
///
/// # Errors
/// A database error.
pub fn revoke(conn: &mut Conn, id: KeyId) -> QueryResult<()> {
    diesel::delete(api_keys::table.find(id)).execute(conn).map(drop)
}
