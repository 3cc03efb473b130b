//! Lets the owner of an address choose another password, by a token that went there.

use super::choose::hash_chosen;
use crate::{
    accounts::{email, sign_in},
    audit::{self, Action, Entry},
    auth::{
        access_token::Subject, extract::Source, logins, password::Password, password_queue::PasswordQueue,
        second_factor, session,
    },
    db::Conn,
    email::Email,
    error::Result,
    mail::{self, Letter, MailKind, Recipient, Redeemed},
    shop::Shop,
    time::UtcTime,
};

/// Sends the token, where the address is somebody's who may come in. It takes as long where it is not.
///
/// # Errors
/// A database error.
pub(super) fn ask(conn: &mut Conn, shop: &Shop, address: &Email, source: &Source, now: UtcTime) -> Result<()> {
    let email_hash = shop.keys.email_hash(address.as_str());
    let owner = logins::find(conn, &email_hash)?.map(|it| it.owner);
    let person = owner.map(|it| sign_in::find_person(conn, shop, it)).transpose()?.flatten();
    let entry = Entry { actor: None, subject: None, ..Entry::done_by("", Action::PasswordResetRequested, source) };
    match owner.zip(person) {
        Some((owner, person)) => {
            let to = Recipient { owner: owner.as_str(), email_hash: &email_hash };
            mail::post(conn, &shop.keys, MailKind::ResetPassword, to, &Letter::to(person.email()), now)?;
            audit::record(conn, &shop.keys, Entry { subject: Some(owner.as_str()), ..entry }, now)
        }
        None => {
            mail::post_to_nobody(conn, &shop.keys, MailKind::ResetPassword, &email_hash, now)?;
            audit::record(conn, &shop.keys, entry, now)
        }
    }
}

/// Puts `new` in the place of the password of whoever has the token, and ends all of their sessions.
///
/// # Errors
/// 422 `unusable_token` at `#/token`, `weak_password` at `#/new_password`; 503 where too many passwords are being hashed.
pub(super) async fn reset(
    shop: &Shop,
    queue: &PasswordQueue,
    token: String,
    new: Password,
    source: Source,
) -> Result<()> {
    let (inner, shown) = (shop.clone(), token.clone());
    // A token that is none costs no hash.
    let address = shop.db.read(move |conn| address_of(conn, &inner, &shown)).await?;
    let fresh = hash_chosen(shop, queue, new, address, "#/new_password").await?;
    let inner = shop.clone();
    shop.db.write(move |conn| replace(conn, &inner, &token, &fresh, &source, inner.clock.now())).await
}

/// The address of whoever the token is for.
fn address_of(conn: &mut Conn, shop: &Shop, token: &str) -> Result<Email> {
    let owner = mail::owner_of(conn, token, MailKind::ResetPassword, shop.clock.now())?;
    let owner = Subject::of_id(&owner).ok_or_else(Redeemed::unusable)?;
    let person = sign_in::find_person(conn, shop, owner)?.ok_or_else(Redeemed::unusable)?;
    person.email().parse().map_err(|_| Redeemed::unusable())
}

fn replace(conn: &mut Conn, shop: &Shop, token: &str, fresh: &str, source: &Source, now: UtcTime) -> Result<()> {
    let redeemed = mail::redeem(conn, &shop.keys, token, &[MailKind::ResetPassword], now)?;
    let owner = Subject::of_id(&redeemed.owner).ok_or_else(Redeemed::unusable)?;
    let address: Email = redeemed.letter.to.parse().map_err(|_| Redeemed::unusable())?;
    let person = sign_in::find_person(conn, shop, owner)?.ok_or_else(Redeemed::unusable)?;
    logins::set_password(conn, owner, fresh, now)?;
    second_factor::forget_challenges(conn, owner.as_str())?;
    session::end_all(conn, owner, now)?;
    mail::void_tokens(conn, owner.as_str(), &[MailKind::ResetPassword, MailKind::ConfirmNewEmail], now)?;
    let email_hash = shop.keys.email_hash(address.as_str());
    let to = Recipient { owner: owner.as_str(), email_hash: &email_hash };
    mail::post(conn, &shop.keys, MailKind::PasswordChanged, to, &Letter::to(person.email()), now)?;
    if let Subject::Customer(id) = owner {
        if matches!(&person, sign_in::Person::Customer(customer) if !customer.email_verified) {
            // Whoever opened the account has not shown that the address is theirs: what they set up must not keep its
            // owner out.
            second_factor::turn_off(conn, owner.as_str())?;
        }
        // The token went to the address: it is theirs.
        email::confirmed(conn, shop, id, &address, now)?;
    }
    audit::record(conn, &shop.keys, Entry::done_by(owner.as_str(), Action::PasswordReset, source), now)
}
