//! Changes members of the staff, and lets them go.

use super::{
    authority, roles,
    store::{self, NAME, StaffRow},
    view::StaffAccount,
};
use crate::{
    audit::{Action, By},
    auth::{access_token::Subject, logins, rights::Role, second_factor, session},
    db::Conn,
    error::{Code, Error, Result},
    http::etag::IfMatch,
    ids::{RoleId, StaffId},
    keys::Keys,
    mail::{self, Letter, MailKind, Recipient},
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
    pub(super) without_second_factor: bool,
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
    let StaffChange { name, role_id, disabled, without_second_factor } = change;
    if without_second_factor && by.actor.answerable() == id {
        let detail = "One's own second factor is turned off by a code, not by the administration.";
        return Err(Error::problem(Code::Forbidden, detail));
    }
    let mut row = before.clone();
    if let Some(role_id) = role_id {
        authority::require(held, roles::named_in_body(conn, role_id)?.all_rights())?;
        row.role_id = role_id;
    }
    if let Some(disabled) = disabled {
        row.disabled_at = disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    let key = vault::open(conn, keys, id.as_str())?;
    let (email, known) = store::open(&before, &key)?;
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
        let action = if row.disabled_at.is_some() {
            session::end_all(conn, Subject::Staff(id), now)?;
            Action::StaffDisabled
        } else {
            Action::StaffEnabled
        };
        by.record(conn, keys, id.as_str(), action, now)?;
    }
    if without_second_factor && turn_off_second_factor(conn, keys, &row, &email, now)? {
        by.record(conn, keys, id.as_str(), Action::SecondFactorTurnedOff, now)?;
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
    second_factor::turn_off(conn, id.as_str())?;
    vault::destroy(conn, id.as_str())?;
    // Their keys go with the row.
    Ok(store::delete(conn, id)?)
}

/// Lets them log in by the password alone, and tells them so.
fn turn_off_second_factor(conn: &mut Conn, keys: &Keys, row: &StaffRow, email: &str, now: UtcTime) -> Result<bool> {
    let was_on = second_factor::turn_off(conn, row.id.as_str())?;
    if was_on {
        let to = Recipient { owner: row.id.as_str(), email_hash: &row.email_hash };
        mail::post(conn, keys, MailKind::SecondFactorOff, to, &Letter::to(email), now)?;
    }
    Ok(was_on)
}

/// Whether they are an admin who may come in.
fn is_admin(row: &StaffRow) -> bool {
    row.role_id == Role::Admin.id() && row.disabled_at.is_none()
}
