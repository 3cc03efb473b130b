//! Makes and revokes invitations.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    store::{self, InvitationRow},
    view::Invitation,
};
use crate::{
    audit::{Action, By},
    auth::logins,
    db::Conn,
    email::Email,
    error::{Code, Error, Result},
    events::{self, EventType},
    http::etag::IfMatch,
    ids::{InvitationId, RoleId},
    keys::Keys,
    mail::{self, Letter, MailKind, Recipient},
    staff::{
        authority, roles,
        store::{EMAIL, NAME},
    },
    time::UtcTime,
    vault,
};

/// How long an invitation stands.
const LIFETIME: TimeDelta = TimeDelta::hours(72);

/// Who is to be invited.
// Without `Debug`, so that no log can hold it.
#[derive(Clone)]
pub(super) struct NewInvitation {
    pub(super) email: Email,
    pub(super) name: Option<String>,
    pub(super) role_id: RoleId,
}

/// Invites somebody, by mail.
///
/// # Errors
/// 422 for a role that is not there, 403 `beyond_own_rights`, 409 `email_taken` or `already_invited`.
pub(super) fn create(conn: &mut Conn, keys: &Keys, by: &By, new: &NewInvitation, now: UtcTime) -> Result<Invitation> {
    let held = by.lock(conn, now)?;
    let NewInvitation { email, name, role_id } = new;
    authority::require(held, roles::named_in_body(conn, *role_id)?.all_rights())?;
    store::forget_expired(conn, now)?;
    let email_hash = keys.email_hash(email.as_str());
    if logins::find(conn, &email_hash)?.is_some() {
        return Err(Error::problem(Code::EmailTaken, "A customer or a member of the staff has this address."));
    }
    if store::is_invited(conn, &email_hash)? {
        return Err(Error::problem(Code::AlreadyInvited, Code::AlreadyInvited.about()));
    }
    let id = InvitationId::new();
    let key = vault::create(conn, keys, id.as_str(), now)?;
    let row = InvitationRow {
        id,
        email_hash,
        email: key.seal(id.as_str(), EMAIL, email.as_str().as_bytes()),
        name: name.as_deref().map(|name| key.seal(id.as_str(), NAME, name.as_bytes())),
        role_id: *role_id,
        invited_by: by.actor.as_str().to_owned(),
        expires_at: now.plus(LIFETIME),
        created_at: now,
    };
    store::insert(conn, &row)?;
    let to = Recipient { owner: id.as_str(), email_hash: &row.email_hash };
    mail::post(conn, keys, MailKind::StaffInvitation, to, &Letter::to(email.as_str()), now)?;
    events::record(conn, now, EventType::StaffInvited, id.as_str(), 1, json!({}))?;
    by.record(conn, keys, id.as_str(), Action::InvitationCreated, now)?;
    store::view(conn, keys, id, now)
}

/// Revokes an invitation: its token is good for nothing.
///
/// # Errors
/// 404, 412, 403 `beyond_own_rights`.
pub(super) fn revoke(
    conn: &mut Conn,
    keys: &Keys,
    by: &By,
    id: InvitationId,
    condition: &IfMatch,
    now: UtcTime,
) -> Result<()> {
    let held = by.lock(conn, now)?;
    let (_, role) = store::find(conn, id, now)?.ok_or_else(Error::not_found)?;
    condition.require(1)?;
    authority::require(held, role.all_rights())?;
    store::delete(conn, id)?;
    by.record(conn, keys, id.as_str(), Action::InvitationRevoked, now)
}
