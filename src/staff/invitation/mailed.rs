//! What the mail of an invitation is made of.

use super::store::{self, Sealed};
use crate::{
    auth::secret::{OpaqueToken, TokenKind},
    db::Conn,
    email::Email,
    error::{Error, Result},
    ids::InvitationId,
    keys::Keys,
    time::UtcTime,
    vault,
};

/// What an invitation says to whom.
// Without `Debug`, so that no log can hold it.
pub struct InvitationMail {
    /// Where the mail goes.
    pub email: Email,
    /// What they are to be called.
    pub name: Option<String>,
    /// The name of the role.
    pub role: String,
    /// When it ends.
    pub expires_at: UtcTime,
}

/// What to mail for the invitation of this id; `None` where it has been revoked, accepted or has expired.
///
/// # Errors
/// A failure of ours.
pub fn open_for_mail(conn: &mut Conn, keys: &Keys, id: InvitationId, now: UtcTime) -> Result<Option<InvitationMail>> {
    let Some((row, role)) = store::find(conn, id, now)? else { return Ok(None) };
    let key = vault::open(conn, keys, id.as_str())?;
    let Sealed { email, name } = store::open(&row, &key)?;
    let email = email.parse().map_err(|_| Error::Internal(format!("{id} is sent to no address")))?;
    Ok(Some(InvitationMail { email, name, role: role.name, expires_at: row.expires_at }))
}

/// A new token for the invitation; those before are void. `None` where there is no such invitation any more.
///
/// # Errors
/// A database error.
pub fn issue_token(conn: &mut Conn, id: InvitationId, now: UtcTime) -> Result<Option<OpaqueToken>> {
    let token = OpaqueToken::random(TokenKind::Mail);
    Ok(store::set_token(conn, id, &token.hash(), now)?.then_some(token))
}
