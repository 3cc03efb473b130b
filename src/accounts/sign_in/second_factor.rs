//! The second half of a log-in.

use serde::{Deserialize, Serialize};

use super::{Arrival, GuestCart, sign_in};
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
    ids::CartId,
    shop::Shop,
    time::UtcTime,
};

/// What is kept of an arrival until the code comes.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    cart: Option<(CartId, String)>,
    by_cookie: bool,
}

impl Kept {
    pub(super) fn of(arrival: &Arrival) -> Self {
        let cart = arrival.cart.as_ref().map(|GuestCart { id, token }| (*id, token.clone()));
        Self { cart, by_cookie: arrival.by_cookie }
    }
}

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
/// 401 `invalid_token` where the challenge is used up, and within: 401 `invalid_code`, 429 `rate_limited`.
pub(super) fn finish(
    conn: &mut Conn,
    shop: &Shop,
    challenge: &OpaqueToken,
    code: &str,
    source: &Source,
    now: UtcTime,
) -> Result<Result<(Session, bool)>> {
    let challenge = LoginChallenge::<Kept>::try_once(conn, &shop.keys, challenge, now)?
        .ok_or_else(|| Error::problem(Code::InvalidToken, Code::InvalidToken.about()))?;
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
        Verdict::TooSoon(seconds) => {
            let detail = format!("Too many codes were wrong; one is looked at again in {seconds} seconds.");
            return Err(Problem::new(Code::RateLimited, detail).with("retry_after", seconds).into());
        }
    }
    challenge.finish(conn)?;
    let Kept { cart, by_cookie } = challenge.arrival;
    let session = sign_in(conn, shop, owner, &Arrival::new(cart, source.clone()), now)?;
    Ok(Ok((session, by_cookie)))
}
