//! Accepts an invitation.

use super::store::{self, InvitationRow, Sealed};
use crate::{
    audit::{self, Action, Entry},
    auth::extract::Source,
    db::Conn,
    email::Email,
    error::{Error, Result},
    ids::{InvitationId, StaffId},
    keys::Keys,
    mail::{self, MailKind, Redeemed},
    staff::{
        authority,
        create::{self, NewStaff},
        roles::store::RoleRow,
    },
    time::UtcTime,
    vault,
};

/// Where the invitation was sent whose token this is.
///
/// # Errors
/// 422 `unusable_token` where it is not one of ours, was used, made void, or has expired.
pub fn find_by_token(conn: &mut Conn, keys: &Keys, token: &str, now: UtcTime) -> Result<Email> {
    let owner = mail::owner_of(conn, token, MailKind::StaffInvitation, now)?;
    let (row, _) = find(conn, &owner, now)?;
    Ok(open(conn, keys, &row)?.0)
}

/// Lets somebody into the staff by their token, once.
///
/// # Errors
/// 422 `unusable_token`, also where whoever invited them no longer holds what it gives; 409 `email_taken`.
pub fn accept(
    conn: &mut Conn,
    keys: &Keys,
    token: &str,
    (name, password_hash): (Option<String>, String),
    source: &Source,
    now: UtcTime,
) -> Result<StaffId> {
    authority::lock(conn)?;
    let redeemed = mail::redeem(conn, keys, token, &[MailKind::StaffInvitation], now)?;
    let (row, role) = find(conn, &redeemed.owner, now)?;
    let held = authority::rights_of(conn, &row.invited_by, now)?;
    if !held.is_some_and(|held| held.cover(role.all_rights())) {
        return Err(Redeemed::unusable());
    }
    let (email, proposed) = open(conn, keys, &row)?;
    let InvitationRow { id, role_id, .. } = row;
    store::delete(conn, id)?;
    let new = NewStaff { email, name: name.or(proposed), role_id, password_hash };
    let staff_id = create::create(conn, keys, &new, now)?;
    let entry = Entry::done_to(id.as_str(), staff_id.as_str(), Action::InvitationAccepted, source);
    audit::record(conn, keys, entry, now)?;
    Ok(staff_id)
}

/// The invitation whose mail it was, unless it has ended.
fn find(conn: &mut Conn, owner: &str, now: UtcTime) -> Result<(InvitationRow, RoleRow)> {
    let id: InvitationId = owner.parse().map_err(|_| Redeemed::unusable())?;
    store::find(conn, id, now)?.ok_or_else(Redeemed::unusable)
}

/// Whom it is for.
fn open(conn: &mut Conn, keys: &Keys, row: &InvitationRow) -> Result<(Email, Option<String>)> {
    let key = vault::open(conn, keys, row.id.as_str())?;
    let Sealed { email, name } = store::open(row, &key)?;
    let email = email.parse().map_err(|_| Error::Internal(format!("{} is sent to no address", row.id)))?;
    Ok((email, name))
}
