//! Changes the password of somebody who is logged in.

use crate::{
    accounts::sign_in,
    audit::{self, Action, Entry, Outcome},
    auth::{
        access_token::Subject,
        extract::{SignedIn, Source},
        logins,
        password::{self, Password, TooWeak, Verdict},
        password_queue::PasswordQueue,
        session,
    },
    db::Conn,
    email::Email,
    error::{Code, Error, Result, Violation},
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
            session::end_others(conn, subject, session_id, now)?;
        }
        let outcome = if is_changed { Outcome::Succeeded } else { Outcome::Refused };
        let entry = Entry { outcome, ..Entry::done_by(subject.as_str(), Action::PasswordChanged, &source) };
        audit::record(conn, &inner.keys, entry, now)?;
        Ok(is_changed)
    });
    if changed.await? { Ok(()) } else { Err(wrong_password()) }
}

/// The address that somebody logs in by: no part of a good password.
fn email_of(conn: &mut Conn, shop: &Shop, subject: Subject) -> Result<Email> {
    let person = sign_in::find_person(conn, shop, subject)?.ok_or_else(Error::not_found)?;
    person.email().parse().map_err(|_| Error::Internal(format!("{} has no e-mail address", subject.as_str())))
}

pub(super) fn wrong_password() -> Error {
    Violation::at("#/current_password", Code::WrongPassword, Code::WrongPassword.about()).into()
}
