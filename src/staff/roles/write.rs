//! Makes, changes and deletes roles.

use super::{
    store::{self, RoleRow},
    view::RoleView,
};
use crate::{
    audit::{Action, By},
    auth::rights::Rights,
    db::{Conn, columns::Json},
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::RoleId,
    keys::Keys,
    staff::authority,
    time::UtcTime,
};

/// Makes a role.
///
/// # Errors
/// 403 `beyond_own_rights`, 409 `name_taken`.
pub(super) fn create(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    name: String,
    rights: Rights,
    now: UtcTime,
) -> Result<RoleView> {
    let held = by.lock(conn, now)?;
    authority::require(held, rights)?;
    let row = RoleRow::new(name, rights, now);
    store::insert(conn, &row)?;
    by.record(conn, keys, row.id.as_str(), Action::RoleCreated, now)?;
    Ok(row.into())
}

/// Changes a role, and with it what its holders may do.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`, 409 `built_in_role` or `name_taken`.
pub(super) fn change(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: RoleId,
    condition: &IfMatch,
    (name, rights): (Option<String>, Option<Rights>),
    now: UtcTime,
) -> Result<RoleView> {
    let (mut row, held) = lock_own(conn, by, id, condition, now)?;
    let rights = rights.unwrap_or_else(|| row.all_rights());
    authority::require(held, rights)?;
    let name = name.unwrap_or_else(|| row.name.clone());
    if name == row.name && rights == row.all_rights() {
        return Ok(row.into());
    }
    row.name = name;
    row.rights = Json::new(rights.names());
    store::update(conn, &mut row, now)?;
    by.record(conn, keys, id.as_str(), Action::RoleChanged, now)?;
    Ok(row.into())
}

/// Deletes a role that nobody has.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`, 409 `built_in_role` or `in_use`.
pub(super) fn delete(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: RoleId,
    condition: &IfMatch,
    now: UtcTime,
) -> Result<()> {
    lock_own(conn, by, id, condition, now)?;
    if store::is_held(conn, id)? {
        return Err(Error::problem(Code::InUse, "Somebody has this role, or is invited to it."));
    }
    store::delete(conn, id)?;
    by.record(conn, keys, id.as_str(), Action::RoleDeleted, now)
}

/// The role that a body names at `#/role_id`.
///
/// # Errors
/// 422 `not_found`.
pub(in crate::staff) fn named_in_body(conn: &mut Conn, id: RoleId) -> Result<RoleRow> {
    let missing = || Violation::at("#/role_id", Code::NotFound, "There is no such role.").into();
    store::find(conn, id)?.ok_or_else(missing)
}

fn lock_own(conn: &mut Conn, by: &By, id: RoleId, condition: &IfMatch, now: UtcTime) -> Result<(RoleRow, Rights)> {
    let held = by.lock(conn, now)?;
    let row = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    if row.built_in.is_some() {
        return Err(Error::problem(Code::BuiltInRole, Code::BuiltInRole.about()));
    }
    authority::require(held, row.all_rights())?;
    Ok((row, held))
}
