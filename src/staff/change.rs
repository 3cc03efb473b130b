//! Changes members of the staff, and lets them go.

use diesel::QueryResult;

use super::{
    authority::{self, By},
    roles,
    store::{self, NAME, StaffRow},
    view::StaffAccount,
};
use crate::{
    audit::Action,
    auth::{access_token::Subject, logins, rights::Role, session},
    db::Conn,
    error::{Error, Result},
    http::etag::IfMatch,
    ids::{RoleId, StaffId},
    keys::Keys,
    patch::Patch,
    time::UtcTime,
    vault,
};

/// What is to change of somebody.
#[derive(Clone)]
pub(super) struct StaffChange {
    pub(super) name: Patch<String>,
    pub(super) role_id: Option<RoleId>,
    pub(super) disabled: Option<bool>,
}

/// Changes a member of the staff. Who is disabled is out at once.
///
/// # Errors
/// 404, 412, 422 for a role that is not there, 403 `beyond_own_rights`, 409 `last_admin`.
pub(super) fn change(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: StaffId,
    condition: &IfMatch,
    change: StaffChange,
    now: UtcTime,
) -> Result<StaffAccount> {
    let held = by.lock(conn, now)?;
    let (before, role) = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(before.version)?;
    authority::require(held, role.all_rights())?;
    let StaffChange { name, role_id, disabled } = change;
    let mut row = before.clone();
    if let Some(role_id) = role_id {
        authority::require(held, roles::named_in_body(conn, role_id)?.all_rights())?;
        row.role_id = role_id;
    }
    if let Some(disabled) = disabled {
        row.disabled_at = disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    let key = vault::open(conn, keys, id.as_str())?;
    let known = before.name.as_deref().map(|sealed| store::opened(&key, id.as_str(), NAME, sealed)).transpose()?;
    let wanted = name.apply(known.clone());
    let renamed = wanted != known;
    if renamed {
        row.name = wanted.map(|name| key.seal(id.as_str(), NAME, name.as_bytes()));
    }
    let moved = row.role_id != before.role_id;
    let switched = row.disabled_at.is_some() != before.disabled_at.is_some();
    if is_admin(&before) && !is_admin(&row) {
        authority::keep_an_admin_besides(conn, id)?;
    }
    if renamed || moved || switched {
        store::update(conn, &mut row, now)?;
    }
    if renamed || moved {
        by.record(conn, keys, id.as_str(), Action::StaffChanged, now)?;
    }
    if switched {
        switch(conn, &row, now)?;
        let action = if row.disabled_at.is_some() { Action::StaffDisabled } else { Action::StaffEnabled };
        by.record(conn, keys, id.as_str(), action, now)?;
    }
    store::find_account(conn, keys, id)
}

/// Lets a member of the staff go: their sessions and keys end, and nothing personal of them stays.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`, 409 `last_admin`.
pub(super) fn delete(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: StaffId,
    condition: &IfMatch,
    now: UtcTime,
) -> Result<()> {
    let held = by.lock(conn, now)?;
    let (row, role) = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    authority::require(held, role.all_rights())?;
    if is_admin(&row) {
        authority::keep_an_admin_besides(conn, id)?;
    }
    by.record(conn, keys, id.as_str(), Action::StaffDeleted, now)?;
    logins::remove(conn, Subject::Staff(id))?;
    session::end_all(conn, Subject::Staff(id), now)?;
    vault::destroy(conn, id.as_str())?;
    // Their keys go with the row.
    Ok(store::delete(conn, id)?)
}

/// Whether they are an admin who may come in.
fn is_admin(row: &StaffRow) -> bool {
    row.role_id == Role::Admin.id() && row.disabled_at.is_none()
}

fn switch(conn: &mut Conn, row: &StaffRow, now: UtcTime) -> QueryResult<()> {
    match row.disabled_at {
        Some(_) => session::end_all(conn, Subject::Staff(row.id), now),
        None => Ok(()),
    }
}
