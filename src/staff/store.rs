//! Members of the staff in the database, and what is sealed in their rows.

use diesel::prelude::*;

use super::{
    roles::store::RoleRow,
    view::{HeldRole, StaffAccount, StaffMember},
};
use crate::{
    auth::second_factor,
    db::{
        Conn,
        schema::{roles, staff},
    },
    email::Email,
    error::{Error, Result},
    http::cursor::PageRequest,
    ids::{RoleId, StaffId},
    keys::{Keys, PersonKey},
    load_page_by,
    time::UtcTime,
    vault,
};

pub(super) const EMAIL: &str = "email";
pub(super) const NAME: &str = "name";

/// A member of the staff.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff)]
pub(super) struct StaffRow {
    pub(super) id: StaffId,
    pub(super) email_hash: String,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) disabled_at: Option<UtcTime>,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
    pub(super) role_id: RoleId,
}

pub(super) fn insert(conn: &mut Conn, row: &StaffRow) -> QueryResult<()> {
    diesel::insert_into(staff::table).values(row).execute(conn).map(drop)
}

/// Writes what may change of a row, as its next version.
pub(super) fn update(conn: &mut Conn, row: &mut StaffRow, now: UtcTime) -> QueryResult<()> {
    row.version += 1;
    row.updated_at = now;
    let changed = (
        staff::name.eq(&row.name),
        staff::role_id.eq(row.role_id),
        staff::disabled_at.eq(row.disabled_at),
        staff::version.eq(row.version),
        staff::updated_at.eq(now),
    );
    diesel::update(staff::table.find(row.id)).set(changed).execute(conn).map(drop)
}

pub(super) fn delete(conn: &mut Conn, id: StaffId) -> QueryResult<()> {
    diesel::delete(staff::table.find(id)).execute(conn).map(drop)
}

/// The member of the staff with their role, disabled or not.
pub(super) fn find(conn: &mut Conn, id: StaffId) -> QueryResult<Option<(StaffRow, RoleRow)>> {
    staff::table
        .inner_join(roles::table)
        .filter(staff::id.eq(id))
        .select((StaffRow::as_select(), RoleRow::as_select()))
        .first(conn)
        .optional()
}

/// A page, newest first.
pub(super) fn load_page(conn: &mut Conn, page: &PageRequest<'_>) -> Result<Vec<(StaffRow, RoleRow)>> {
    let query =
        staff::table.inner_join(roles::table).select((StaffRow::as_select(), RoleRow::as_select())).into_boxed();
    Ok(load_page_by!(conn, query, staff::id => StaffId, false, page)?)
}

pub(super) fn count(conn: &mut Conn) -> QueryResult<i64> {
    staff::table.count().get_result(conn)
}

/// The account as staff see it; `key` is the person's.
pub(super) fn account(row: StaffRow, role: RoleRow, key: &PersonKey, second_factor: bool) -> Result<StaffAccount> {
    let (email, name) = open(&row, key)?;
    Ok(StaffAccount {
        id: row.id,
        email,
        name,
        rights: role.all_rights().names(),
        role: HeldRole { id: role.id, name: role.name },
        second_factor,
        disabled: row.disabled_at.is_some(),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The account of this id.
pub(super) fn find_account(conn: &mut Conn, keys: &Keys, id: StaffId) -> Result<StaffAccount> {
    let (row, role) = find(conn, id)?.ok_or_else(Error::not_found)?;
    let key = vault::open(conn, keys, id.as_str())?;
    let second_factor = second_factor::is_on(conn, id.as_str())?;
    account(row, role, &key, second_factor)
}

/// Their address and name.
pub(super) fn open(row: &StaffRow, key: &PersonKey) -> Result<(String, Option<String>)> {
    let open = |column, sealed: &[u8]| vault::open_text(key, row.id.as_str(), column, sealed);
    Ok((open(EMAIL, &row.email)?, row.name.as_deref().map(|sealed| open(NAME, sealed)).transpose()?))
}

/// The member of the staff, unless they have been disabled.
///
/// # Errors
/// A database error, or a row that cannot be opened.
pub fn find_member(conn: &mut Conn, keys: &Keys, id: StaffId) -> Result<Option<StaffMember>> {
    let Some((row, role)) = find(conn, id)?.filter(|(row, _)| row.disabled_at.is_none()) else { return Ok(None) };
    let key = vault::open(conn, keys, id.as_str())?;
    let (email, name) = open(&row, &key)?;
    Ok(Some(StaffMember { id, email, name, rights: role.all_rights().names() }))
}

/// Gives a member of the staff another address to log in by.
///
/// # Errors
/// A database error, or a person without a key.
pub fn set_email(
    conn: &mut Conn,
    keys: &Keys,
    id: StaffId,
    email: &Email,
    email_hash: &str,
    now: UtcTime,
) -> Result<()> {
    let key = vault::open(conn, keys, id.as_str())?;
    let changed = (
        staff::email_hash.eq(email_hash),
        staff::email.eq(key.seal(id.as_str(), EMAIL, email.as_str().as_bytes())),
        staff::version.eq(staff::version + 1),
        staff::updated_at.eq(now),
    );
    Ok(diesel::update(staff::table.find(id)).set(changed).execute(conn).map(drop)?)
}
