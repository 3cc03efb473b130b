//! Asks people to show that an e-mail address is theirs.

use chrono::TimeDelta;

use super::register::NewCustomer;
use crate::{
    auth::{access_token::Subject, logins},
    db::{Conn, dialect::lock_address},
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

/// For so long a registration waits to be confirmed.
const WAITING: TimeDelta = TimeDelta::hours(24);

/// The registrations of an address that wait to be confirmed, as they were at one moment.
#[derive(Clone)]
pub(super) struct Waiting {
    registrations: usize,
    /// Whether the latest one is contested: then all that follow are, however many they are and however old the others.
    is_contested: bool,
    /// The hash of the latest one's password.
    pub(super) password_hash: Option<String>,
}

/// The registrations that wait for this address.
///
/// # Errors
/// A database error.
pub(super) fn find_waiting(conn: &mut Conn, shop: &Shop, email: &Email, now: UtcTime) -> Result<Waiting> {
    let letters = registrations(conn, shop, email, now)?;
    let latest = letters.first();
    Ok(Waiting {
        registrations: letters.len(),
        is_contested: latest.is_some_and(|it| it.is_contested),
        password_hash: latest.and_then(|it| it.password_hash.clone()),
    })
}

/// Whether several have registered with this address, by different passwords. Who of them it belongs to is not to be told
/// by who follows a link: the owner may follow that of a stranger's registration.
///
/// # Errors
/// A database error.
pub(super) fn is_contested(conn: &mut Conn, shop: &Shop, email: &Email, now: UtcTime) -> Result<bool> {
    lock_address(conn, &shop.keys.email_hash(email.as_str()))?;
    Ok(registrations(conn, shop, email, now)?.iter().any(|letter| letter.is_contested))
}

fn registrations(conn: &mut Conn, shop: &Shop, email: &Email, now: UtcTime) -> Result<Vec<Letter>> {
    let email_hash = shop.keys.email_hash(email.as_str());
    mail::letters_to_newcomers(conn, &shop.keys, MailKind::ConfirmRegistration, &email_hash, now.plus(-WAITING))
}

/// Keeps a registration until its address is confirmed; nothing else is made of it before. Where the address is somebody's
/// already, they are told by mail, and whoever registers is not. `waiting` is what waited when its password was compared,
/// `is_same` what came of that.
///
/// # Errors
/// A database error.
pub(super) fn await_confirmation(
    conn: &mut Conn,
    shop: &Shop,
    new: &NewCustomer,
    (waiting, is_same): (&Waiting, bool),
    now: UtcTime,
) -> Result<()> {
    let NewCustomer { email, name, password_hash } = new;
    let email_hash = shop.keys.email_hash(email.as_str());
    let letter = Letter::to(email.as_str());
    // Of two who come at once the second sees the first.
    lock_address(conn, &email_hash)?;
    // Another may have come in between, with which nothing was compared.
    let Waiting { registrations, is_contested, .. } = find_waiting(conn, shop, email, now)?;
    let is_compared = is_same && registrations == waiting.registrations;
    let is_contested = is_contested || (registrations > 0 && !is_compared);
    match logins::find(conn, &email_hash)? {
        Some(login) => {
            let to = Recipient { owner: login.owner.as_str(), email_hash: &email_hash };
            mail::post(conn, &shop.keys, MailKind::AddressInUse, to, &letter, now)
        }
        None => {
            let (name, password_hash) = (name.clone(), Some(password_hash.clone()));
            let letter = Letter { name, password_hash, is_contested, ..letter };
            mail::post_to_newcomer(conn, &shop.keys, MailKind::ConfirmRegistration, &email_hash, &letter, now)
        }
    }
}
