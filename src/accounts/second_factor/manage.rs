//! Turns second factors on and off.

use crate::{
    accounts::sign_in,
    audit::{self, Action, Entry},
    auth::{
        access_token::Subject,
        extract::Source,
        logins,
        second_factor::{self, Secret, Verdict},
    },
    db::Conn,
    error::{Code, Error, Result, Violation},
    mail::{self, Letter, MailKind, Recipient},
    shop::Shop,
    time::UtcTime,
};

/// Makes a secret for `owner`, which counts for nothing until its first code is shown; with it the address that their
/// device reads it from.
///
/// # Errors
/// 409 `second_factor_on`.
pub(super) fn begin(conn: &mut Conn, shop: &Shop, owner: Subject, now: UtcTime) -> Result<(Secret, String)> {
    let person = sign_in::find_person(conn, shop, owner)?.ok_or_else(Error::not_found)?;
    let secret = second_factor::begin(conn, &shop.keys, owner, now)?
        .ok_or_else(|| Error::problem(Code::SecondFactorOn, Code::SecondFactorOn.about()))?;
    let uri = secret.uri(&shop.config.store.name, person.email());
    Ok((secret, uri))
}

/// Turns the second factor on by its first code; its recovery codes.
///
/// # Errors
/// 422 `wrong_code` at `#/code`.
pub(super) fn confirm(
    conn: &mut Conn,
    shop: &Shop,
    owner: Subject,
    code: &str,
    source: &Source,
    now: UtcTime,
) -> Result<Vec<String>> {
    let codes = second_factor::confirm(conn, &shop.keys, owner, code, now)?.ok_or_else(wrong_code)?;
    note(conn, shop, owner, Action::SecondFactorTurnedOn, source, now)?;
    tell(conn, shop, owner, MailKind::SecondFactorOn, now)?;
    Ok(codes)
}

/// Makes other recovery codes, for who shows a code. The inner error is the caller's: what was noted of a wrong code is to
/// be committed all the same.
///
/// # Errors
/// 429 `rate_limited`; within: 422 `wrong_code` at `#/code`.
pub(super) fn renew(
    conn: &mut Conn,
    shop: &Shop,
    owner: Subject,
    code: &str,
    source: &Source,
    now: UtcTime,
) -> Result<Result<Vec<String>>> {
    if let Err(refused) = show(conn, shop, owner, code, now)? {
        return Ok(Err(refused));
    }
    note(conn, shop, owner, Action::RecoveryCodesRenewed, source, now)?;
    Ok(Ok(second_factor::renew_recovery_codes(conn, owner)?))
}

/// Turns the second factor off, for who shows a code. The inner error is the caller's, as that of [`renew`].
///
/// # Errors
/// 403 `second_factor_needed` where the staff must have one, 429 `rate_limited`; within: 422 `wrong_code` at `#/code`.
pub(super) fn turn_off(
    conn: &mut Conn,
    shop: &Shop,
    owner: Subject,
    code: &str,
    source: &Source,
    now: UtcTime,
) -> Result<Result<()>> {
    if matches!(owner, Subject::Staff(_)) && shop.config.require_staff_second_factor {
        return Err(Error::problem(Code::SecondFactorNeeded, "The shop wants its staff to have a second factor."));
    }
    if let Err(refused) = show(conn, shop, owner, code, now)? {
        return Ok(Err(refused));
    }
    second_factor::turn_off(conn, owner.as_str())?;
    note(conn, shop, owner, Action::SecondFactorTurnedOff, source, now)?;
    tell(conn, shop, owner, MailKind::SecondFactorOff, now)?;
    Ok(Ok(()))
}

fn show(conn: &mut Conn, shop: &Shop, owner: Subject, code: &str, now: UtcTime) -> Result<Result<()>> {
    Ok(match second_factor::take(conn, &shop.keys, owner, code, now)? {
        Verdict::Right | Verdict::Recovered => Ok(()),
        Verdict::Wrong => Err(wrong_code()),
    })
}

fn note(conn: &mut Conn, shop: &Shop, owner: Subject, action: Action, source: &Source, now: UtcTime) -> Result<()> {
    audit::record(conn, &shop.keys, Entry::done_by(owner.as_str(), action, source), now)
}

fn tell(conn: &mut Conn, shop: &Shop, owner: Subject, kind: MailKind, now: UtcTime) -> Result<()> {
    let person = sign_in::find_person(conn, shop, owner)?.ok_or_else(Error::not_found)?;
    let (email_hash, _) = logins::of_owner(conn, owner)?;
    let to = Recipient { owner: owner.as_str(), email_hash: &email_hash };
    mail::post(conn, &shop.keys, kind, to, &Letter::to(person.email()), now)
}

fn wrong_code() -> Error {
    Violation::at("#/code", Code::WrongCode, Code::WrongCode.about()).into()
}
