//! Asks people to show that an e-mail address is theirs.

use super::register::NewCustomer;
use crate::{
    auth::{access_token::Subject, logins},
    db::Conn,
    email::Email,
    error::Result,
    ids::CustomerId,
    mail::{self, Letter, MailKind, Recipient},
    shop::Shop,
    time::UtcTime,
};

use super::store;

/// Asks the customer who has just registered.
///
/// # Errors
/// A database error.
pub(super) fn ask(conn: &mut Conn, shop: &Shop, id: CustomerId, email: &Email, now: UtcTime) -> Result<()> {
    let email_hash = shop.keys.email_hash(email.as_str());
    let to = Recipient { owner: id.as_str(), email_hash: &email_hash };
    mail::post(conn, &shop.keys, MailKind::VerifyEmail, to, &Letter::to(email.as_str()), now)
}

/// Asks once more, where the address is a customer's who has not shown it yet. A registration that waits is asked for by
/// registering again.
///
/// # Errors
/// A database error.
pub(super) fn resend(conn: &mut Conn, shop: &Shop, email: &Email, now: UtcTime) -> Result<()> {
    let email_hash = shop.keys.email_hash(email.as_str());
    let waiting = match logins::find(conn, &email_hash)?.map(|it| it.owner) {
        Some(Subject::Customer(id)) => store::find_active(conn, id)?.filter(|row| !row.email_verified),
        _ => None,
    };
    match waiting {
        Some(row) => {
            let to = Recipient { owner: row.id.as_str(), email_hash: &email_hash };
            let address = store::open(conn, &shop.keys, &row)?.email;
            mail::post(conn, &shop.keys, MailKind::VerifyEmail, to, &Letter::to(&address), now)
        }
        None => mail::post_to_nobody(conn, &shop.keys, MailKind::VerifyEmail, &email_hash, now),
    }
}

/// Keeps a registration until its address is confirmed; nothing else is made of it before. Where the address is somebody's
/// already, they are told by mail, and whoever registers is not.
///
/// # Errors
/// A database error.
pub(super) fn await_confirmation(conn: &mut Conn, shop: &Shop, new: &NewCustomer, now: UtcTime) -> Result<()> {
    let NewCustomer { email, name, password_hash } = new;
    let email_hash = shop.keys.email_hash(email.as_str());
    let letter = Letter::to(email.as_str());
    match logins::find(conn, &email_hash)? {
        Some(login) => {
            let to = Recipient { owner: login.owner.as_str(), email_hash: &email_hash };
            mail::post(conn, &shop.keys, MailKind::AddressInUse, to, &letter, now)
        }
        None => {
            let letter = Letter { name: name.clone(), password_hash: Some(password_hash.clone()), ..letter };
            mail::post_to_newcomer(conn, &shop.keys, MailKind::ConfirmRegistration, &email_hash, &letter, now)
        }
    }
}
