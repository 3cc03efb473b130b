//! The one-time tokens that come by mail.

use super::{Letter, MailKind, store};
use crate::{
    auth::secret::{OpaqueToken, TokenKind},
    db::Conn,
    error::{Code, Error, Result, Violation},
    keys::Keys,
    time::UtcTime,
    vault,
};

/// What a token that was just used stands for.
pub struct Redeemed {
    /// What it came with.
    pub kind: MailKind,
    /// Whose it was.
    pub owner: String,
    /// What that mail held.
    pub letter: Letter,
}

impl Redeemed {
    /// The error for a token that cannot be used, whatever the reason; it stands at `#/token`.
    pub fn unusable() -> Error {
        Violation::at("#/token", Code::UnusableToken, Code::UnusableToken.about()).into()
    }
}

/// Whose a token is that came with a mail of this kind; it stays good.
///
/// # Errors
/// 422 `unusable_token`.
pub fn owner_of(conn: &mut Conn, text: &str, kind: MailKind, now: UtcTime) -> Result<String> {
    let token = OpaqueToken::parse(TokenKind::Mail, text).map_err(|_| Redeemed::unusable())?;
    store::owner_of_token(conn, &token.hash(), kind, now)?.ok_or_else(Redeemed::unusable)
}

/// Uses up a token that came with a mail of one of these kinds.
///
/// # Errors
/// 422 `unusable_token` where it is none, has been used, has expired, or came with another kind of mail.
pub fn redeem(conn: &mut Conn, keys: &Keys, text: &str, kinds: &[MailKind], now: UtcTime) -> Result<Redeemed> {
    let token = OpaqueToken::parse(TokenKind::Mail, text).map_err(|_| Redeemed::unusable())?;
    let row = store::use_token(conn, &token.hash(), kinds, now)?.ok_or_else(Redeemed::unusable)?;
    let (Some(owner), Some(content)) = (row.owner_id, row.content) else { return Err(Redeemed::unusable()) };
    let key = vault::find(conn, keys, &owner)?.ok_or_else(Redeemed::unusable)?;
    let letter = Letter::open(&key, row.id, &content)?;
    Ok(Redeemed { kind: row.kind, owner, letter })
}

/// Makes the tokens of these kinds that `owner` has, or is about to be sent, good for nothing.
///
/// # Errors
/// A database error.
pub fn void_tokens(conn: &mut Conn, owner: &str, kinds: &[MailKind], now: UtcTime) -> Result<()> {
    Ok(store::void_tokens(conn, owner, kinds, now)?)
}
