//! Changes the password of somebody who is logged in.

use super::choose::is_same;
use crate::{
    accounts::sign_in,
    audit::{self, Action, Entry, Outcome},
    auth::{
        access_token::Subject,
        extract::{SignedIn, Source},
        logins,
        password::{self, Password, TooWeak, Verdict},
        password_queue::PasswordQueue,
        second_factor, session,
    },
    db::Conn,
    email::Email,
    error::{Code, Error, Result, Violation},
    mail::{self, Letter, MailKind, Recipient},
    shop::Shop,
};

/// Why a password is not changed.
enum Refusal {
    WrongPassword,
    TooWeak(TooWeak),
}

/// Puts `new` in the place of `current`, and ends all sessions but the one that asks.
///
/// # Errors
/// 422 `wrong_password` at `#/current_password`, `weak_password` at `#/new_password`; 503 where too many passwords are
/// being hashed.
pub(super) async fn change(
    shop: &Shop,
    queue: &PasswordQueue,
    caller: SignedIn,
    source: Source,
    current: Password,
    new: Password,
) -> Result<()> {
    let SignedIn { subject, session_id } = caller;
    let inner = shop.clone();
    let ((email_hash, stored), email) =
        shop.db.read(move |conn| Ok((logins::of_owner(conn, subject)?, email_of(conn, &inner, subject)?))).await?;
    let address = email.as_str().to_owned();
    let (keys, cost, compared) = (shop.keys.clone(), shop.config.bcrypt_cost, stored.clone());
    let hashed = queue.run(move || {
        if password::verify(&keys, &compared, &current, cost) == Verdict::Mismatch {
            return Err(Refusal::WrongPassword);
        }
        password::check_strength(&new, Some(&email)).map_err(Refusal::TooWeak)?;
        Ok(password::hash(&keys, &new, cost))
    });
    let fresh = match hashed.await? {
        Ok(fresh) => Some(fresh),
        Err(Refusal::WrongPassword) => None,
        Err(Refusal::TooWeak(reason)) => return Err(reason.at("#/new_password").into()),
    };
    let inner = shop.clone();
    let changed = shop.db.write(move |conn| {
        let now = inner.clock.now();
        // Where it has been changed meanwhile, what was compared is not the present one any more.
        let is_changed = match &fresh {
            Some(fresh) => logins::confirm(conn, &email_hash, &stored, fresh, now)?,
            None => false,
        };
        if is_changed {
            second_factor::forget_challenges(conn, subject.as_str())?;
            session::end_others(conn, subject, session_id, now)?;
            mail::void_tokens(conn, subject.as_str(), &[MailKind::ResetPassword, MailKind::ConfirmNewEmail], now)?;
            let to = Recipient { owner: subject.as_str(), email_hash: &email_hash };
            mail::post(conn, &inner.keys, MailKind::PasswordChanged, to, &Letter::to(&address), now)?;
        }
        let outcome = if is_changed { Outcome::Succeeded } else { Outcome::Refused };
        let entry = Entry { outcome, ..Entry::done_by(subject.as_str(), Action::PasswordChanged, &source) };
        audit::record(conn, &inner.keys, entry, now)?;
        Ok(is_changed)
    });
    if changed.await? { Ok(()) } else { Err(wrong_password()) }
}

/// Whether it is the password of `subject`.
///
/// # Errors
/// 503 where too many passwords are being hashed.
pub(in crate::accounts) async fn is_right(
    shop: &Shop,
    queue: &PasswordQueue,
    subject: Subject,
    text: &str,
) -> Result<bool> {
    // What cannot be a password is not the present one.
    let Ok(password) = Password::parse(text) else { return Ok(false) };
    let (_, stored) = shop.db.read(move |conn| Ok(logins::of_owner(conn, subject)?)).await?;
    is_same(shop, queue, password, Some(stored)).await
}

/// The address that somebody logs in by: no part of a good password.
fn email_of(conn: &mut Conn, shop: &Shop, subject: Subject) -> Result<Email> {
    let person = sign_in::find_person(conn, shop, subject)?.ok_or_else(Error::not_found)?;
    person.email().parse().map_err(|_| Error::Internal(format!("{} has no e-mail address", subject.as_str())))
}

pub(in crate::accounts) fn wrong_password() -> Error {
    Violation::at("#/current_password", Code::WrongPassword, Code::WrongPassword.about()).into()
}
