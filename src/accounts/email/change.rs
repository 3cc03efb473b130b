//! Gives an account another e-mail address.

use crate::{
    accounts::{sign_in, store},
    audit::{self, Action, Entry},
    auth::{access_token::Subject, extract::Source, logins},
    db::Conn,
    email::Email,
    error::{Code, Result},
    mail::{self, Letter, MailKind, Recipient, Redeemed},
    shop::Shop,
    staff,
    time::UtcTime,
};

/// Asks at the new address whether the account is to have it. Where it belongs to another account, that one is told, and
/// whoever asks is not.
///
/// # Errors
/// A database error.
pub(super) fn ask(conn: &mut Conn, shop: &Shop, owner: Subject, address: &Email, now: UtcTime) -> Result<()> {
    let email_hash = shop.keys.email_hash(address.as_str());
    let taken = logins::find(conn, &email_hash)?.map(|it| it.owner).filter(|it| *it != owner);
    let (kind, whose) = match &taken {
        Some(other) => (MailKind::AddressInUse, other),
        None => (MailKind::ConfirmNewEmail, &owner),
    };
    let to = Recipient { owner: whose.as_str(), email_hash: &email_hash };
    mail::post(conn, &shop.keys, kind, to, &Letter::to(address.as_str()), now)
}

/// The account has the new address from now on; the old one is told, and what was mailed there is good for nothing.
///
/// # Errors
/// 422 `unusable_token` where the address has become somebody else's meanwhile, or the owner may not come in any more.
pub(super) fn finish(
    conn: &mut Conn,
    shop: &Shop,
    owner: Subject,
    address: &Email,
    source: &Source,
    now: UtcTime,
) -> Result<()> {
    let person = sign_in::find_person(conn, shop, owner)?.ok_or_else(Redeemed::unusable)?;
    let (former_hash, _) = logins::of_owner(conn, owner)?;
    let email_hash = shop.keys.email_hash(address.as_str());
    logins::change_address(conn, owner, &email_hash, now).map_err(|error| match error.code() {
        Some(Code::EmailTaken) => Redeemed::unusable(),
        _ => error,
    })?;
    match owner {
        Subject::Customer(id) => store::set_email(conn, &shop.keys, id, address, &email_hash, now)?,
        Subject::Staff(id) => staff::set_email(conn, &shop.keys, id, address, &email_hash, now)?,
    }
    let sent_there = [MailKind::VerifyEmail, MailKind::ResetPassword, MailKind::ConfirmNewEmail];
    mail::void_tokens(conn, owner.as_str(), &sent_there, now)?;
    if former_hash != email_hash {
        let to = Recipient { owner: owner.as_str(), email_hash: &former_hash };
        mail::post(conn, &shop.keys, MailKind::EmailChanged, to, &Letter::to(person.email()), now)?;
    }
    audit::record(conn, &shop.keys, Entry::done_by(owner.as_str(), Action::EmailChanged, source), now)
}
