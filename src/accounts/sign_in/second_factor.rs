//! The second half of a log-in.

use super::{Arrival, invalid_token, sign_in};
use crate::{
    accounts::view::Session,
    audit::{self, Action, Entry},
    auth::{
        extract::Source,
        second_factor::{self, CHALLENGE_SECONDS, LoginChallenge, Verdict},
        secret::OpaqueToken,
    },
    db::Conn,
    error::{Code, Error, Problem, Result},
    shop::Shop,
    time::UtcTime,
};

/// The answer to a right password where a second factor is on.
pub(super) fn required(challenge: &OpaqueToken) -> Error {
    Problem::new(Code::SecondFactorRequired, Code::SecondFactorRequired.about())
        .with("challenge", challenge.expose())
        .with("challenge_expires_in", CHALLENGE_SECONDS)
        .into()
}

/// Begins the session that a log-in asked for, and says whether its refresh token is to be a cookie. The inner error is
/// the caller's: what was noted of a wrong code is to be committed all the same.
///
/// # Errors
/// 401 `invalid_token` where the challenge is used up, 429 `rate_limited`, and within: 401 `invalid_code`.
pub(super) fn finish(
    conn: &mut Conn,
    shop: &Shop,
    challenge: &OpaqueToken,
    code: &str,
    source: &Source,
    now: UtcTime,
) -> Result<Result<(Session, bool)>> {
    let challenge = LoginChallenge::<Arrival>::try_once(conn, &shop.keys, challenge, now)?.ok_or_else(invalid_token)?;
    let owner = challenge.owner;
    match second_factor::take(conn, &shop.keys, owner, code, now)? {
        Verdict::Right => {}
        Verdict::Recovered => {
            let entry = Entry::done_by(owner.as_str(), Action::RecoveryCodeUsed, source);
            audit::record(conn, &shop.keys, entry, now)?;
        }
        Verdict::Wrong => {
            let entry = Entry::refused_to_anybody(Action::LoggedIn, Some(owner.as_str()), source);
            audit::record(conn, &shop.keys, entry.with("reason", Code::InvalidCode.as_str()), now)?;
            return Ok(Err(Error::problem(Code::InvalidCode, Code::InvalidCode.about())));
        }
    }
    challenge.finish(conn)?;
    let arrival = Arrival { source: source.clone(), ..challenge.arrival };
    let session = sign_in(conn, shop, owner, &arrival, now)?;
    Ok(Ok((session, arrival.by_cookie)))
}
