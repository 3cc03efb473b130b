//! Accepts an invitation.

use super::{
    mailed::{self, InvitationMail},
    store,
};
use crate::{
    audit::{self, Action, Entry},
    auth::{extract::Source, secret::OpaqueToken},
    db::Conn,
    email::Email,
    error::{Code, Error, Result},
    ids::{InvitationId, StaffId},
    keys::Keys,
    staff::{
        authority,
        create::{self, NewStaff},
    },
    time::UtcTime,
};

/// Whom a token is for.
// Without `Debug`, so that no log can hold it.
pub struct Invited {
    /// The invitation.
    pub id: InvitationId,
    /// Where it was sent.
    pub email: Email,
}

/// Whom the token is for.
///
/// # Errors
/// 401 `invalid_token` where it is not one of ours, was used, made void, or has expired.
pub fn find_by_token(conn: &mut Conn, keys: &Keys, token: &OpaqueToken, now: UtcTime) -> Result<Invited> {
    let id = store::find_by_hash(conn, &token.hash(), now)?.ok_or_else(invalid_token)?;
    let mail = mailed::open_for_mail(conn, keys, id, now)?.ok_or_else(invalid_token)?;
    Ok(Invited { id, email: mail.email })
}

/// Lets somebody into the staff by their token, once.
///
/// # Errors
/// 401 `invalid_token`, also where whoever invited them no longer holds what it gives; 409 `email_taken`.
pub fn accept(
    conn: &mut Conn,
    keys: &Keys,
    token: &OpaqueToken,
    (name, password_hash): (Option<String>, String),
    source: &Source,
    now: UtcTime,
) -> Result<StaffId> {
    authority::lock(conn)?;
    let Invited { id, email } = find_by_token(conn, keys, token, now)?;
    let (row, role) = store::find(conn, id, now)?.ok_or_else(invalid_token)?;
    let held = authority::rights_of(conn, &row.invited_by, now)?;
    if !held.is_some_and(|held| held.cover(role.all_rights())) {
        return Err(invalid_token());
    }
    let InvitationMail { name: proposed, .. } =
        mailed::open_for_mail(conn, keys, id, now)?.ok_or_else(invalid_token)?;
    if !store::delete(conn, id)? {
        return Err(invalid_token());
    }
    let new = NewStaff { email, name: name.or(proposed), role_id: row.role_id, password_hash };
    let staff_id = create::create(conn, keys, &new, now)?;
    let entry = Entry::done_to(id.as_str(), staff_id.as_str(), Action::InvitationAccepted, source);
    audit::record(conn, keys, entry, now)?;
    Ok(staff_id)
}

fn invalid_token() -> Error {
    Error::problem(Code::InvalidToken, Code::InvalidToken.about())
}
