//! Access tokens: JWTs (RFC 7519) of the profile of RFC 9068, signed with Ed25519.
//!
//! We alone make them and we alone read them, so everything that a JWT might also be is refused: another algorithm,
//! type or key, and any further member of the header. The time is the caller's, not the system's.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{CustomerId, SessionId, StaffId},
    keys::{Generation, Keys, SigningKey, fill_random},
    time::UtcTime,
};

/// How long a token is good for, in seconds.
pub const LIFETIME_SECONDS: i64 = 900;
/// How far the clocks of two replicas may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 5;
/// How long a signing key that has been replaced is still good: for its last tokens, with a minute for servers that come
/// to know late that it was.
const RETIREMENT: TimeDelta = TimeDelta::seconds(LIFETIME_SECONDS + 60);
const TYPE: &str = "at+jwt";
/// Ours have about 600 characters, most of them the issuer's and the ids'; what is far longer need not be decoded.
const LONGEST: usize = 2_048;

/// Which half of the API a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Audience {
    /// The shop, for customers.
    #[serde(rename = "cartwright:store")]
    Store,
    /// The administration, for staff.
    #[serde(rename = "cartwright:admin")]
    Admin,
}

/// Whom a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A customer.
    Customer(CustomerId),
    /// A member of the staff.
    Staff(StaffId),
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom it stands for.
    pub subject: Subject,
    /// The session that it was issued in, and ends with.
    pub session: SessionId,
    /// The token's own id.
    pub jti: String,
    /// When it was issued, to the second.
    pub issued_at: UtcTime,
    /// When it ends, to the second.
    pub expires_at: UtcTime,
}

/// Why a token is refused. It is for the log: the caller learns no more than that the token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is not a JWT, or its header or claims are not of the form that ours have.
    Malformed,
    /// Its header says something that ours never say, another algorithm or type included.
    Header,
    /// It names a key that is not ours.
    UnknownKey,
    /// Its signature, issuer or audience is not ours.
    NotOurs,
    /// It has ended.
    Expired,
    /// It is not good yet.
    NotYet,
}

/// The claims as they stand in the token. Numbers are whole seconds; text or a fraction in their place is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    iss: String,
    aud: Audience,
    sub: String,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: String,
    sid: SessionId,
}

impl Subject {
    /// The half of the API that is theirs.
    pub fn audience(self) -> Audience {
        match self {
            Self::Customer(_) => Audience::Store,
            Self::Staff(_) => Audience::Admin,
        }
    }

    /// Whom an id names, if it is one of a person.
    pub fn of_id(text: &str) -> Option<Self> {
        let customer = text.parse().ok().map(Self::Customer);
        customer.or_else(|| text.parse().ok().map(Self::Staff))
    }

    /// The person's id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Customer(id) => id.as_str(),
            Self::Staff(id) => id.as_str(),
        }
    }

    fn parse(audience: Audience, text: &str) -> Option<Self> {
        match audience {
            Audience::Store => text.parse().ok().map(Self::Customer),
            Audience::Admin => text.parse().ok().map(Self::Staff),
        }
    }
}

/// A token for `subject` in `session`, good from `now` for [`LIFETIME_SECONDS`].
pub fn issue(keys: &Keys, issuer: &str, now: UtcTime, subject: Subject, session: SessionId) -> String {
    let mut jti = [0; 16];
    fill_random(&mut jti);
    let body = Body {
        iss: issuer.to_owned(),
        aud: subject.audience(),
        sub: subject.as_str().to_owned(),
        exp: now.seconds() + LIFETIME_SECONDS,
        nbf: now.seconds(),
        iat: now.seconds(),
        jti: URL_SAFE_NO_PAD.encode(jti),
        sid: session,
    };
    let generation = keys.newest();
    let key = generation.signing();
    let header = Header { typ: Some(TYPE.to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    #[expect(clippy::expect_used, reason = "the key is one for Ed25519, and the claims have a JSON form")]
    jsonwebtoken::encode(&header, &body, &key.encoding).expect("an Ed25519 signature")
}

/// What `token` says, if it is ours and good at `now`. Whether its session still lives is for the caller to find out.
pub fn verify(keys: &Keys, issuer: &str, now: UtcTime, token: &str) -> Result<Claims, Refused> {
    if token.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Malformed)?;
    let generation = generation_named_by(keys, header, now)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&["cartwright:store", "cartwright:admin"]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
    // The library would ask the system's clock; ours may be moved by a test.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let body =
        jsonwebtoken::decode::<Body>(token, &generation.signing().decoding, &validation).map_err(refusal)?.claims;
    check_times(&body, now)?;
    let subject = Subject::parse(body.aud, &body.sub).ok_or(Refused::Malformed)?;
    let (issued_at, expires_at) = (instant(body.iat)?, instant(body.exp)?);
    Ok(Claims { subject, session: body.sid, jti: body.jti, issued_at, expires_at })
}

/// The public keys that access tokens are verified with (RFC 7517, section 5).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JwkSet {
    /// The keys, newest first.
    #[schema(min_items = 1, max_items = 1000)]
    pub keys: Vec<Jwk>,
}

/// A public key for Ed25519 (RFC 8037, section 2).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Jwk {
    /// The kind of key.
    #[schema(pattern = "^OKP$", max_length = 3, example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(pattern = "^Ed25519$", max_length = 7, example = "Ed25519")]
    crv: &'static str,
    /// What it is for.
    #[serde(rename = "use")]
    #[schema(pattern = "^sig$", max_length = 3, example = "sig")]
    usage: &'static str,
    /// The algorithm.
    #[schema(pattern = "^EdDSA$", max_length = 5, example = "EdDSA")]
    alg: &'static str,
    /// The id by which tokens name it.
    #[schema(pattern = "^[A-Za-z0-9_-]+$", max_length = 64)]
    kid: String,
    /// The key, in base64url.
    #[schema(
        pattern = "^[A-Za-z0-9_-]{43}$",
        min_length = 43,
        max_length = 43,
        example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    )]
    x: String,
}

/// The public keys of all generations whose tokens may still be good.
pub fn jwks(keys: &Keys, now: UtcTime) -> JwkSet {
    JwkSet { keys: keys.living(now, RETIREMENT).iter().map(|it| jwk(it.signing())).collect() }
}

fn jwk(key: &SigningKey) -> Jwk {
    Jwk { kty: "OKP", crv: "Ed25519", usage: "sig", alg: "EdDSA", kid: key.kid.clone(), x: key.x.clone() }
}

/// The key of ours that the header names. A header which carries or points to a key, or says anything else that ours do
/// not, is refused unread; taking it apart in full makes a member that the library learns one day a decision here.
fn generation_named_by(keys: &Keys, header: Header, now: UtcTime) -> Result<Arc<Generation>, Refused> {
    let Header { typ, alg, cty, jku, jwk, kid, x5u, x5c, x5t, x5t_s256, crit, enc, zip, url, nonce, extras } = header;
    let is_bare = [&cty, &jku, &x5u, &x5t, &x5t_s256, &url, &nonce].into_iter().all(Option::is_none)
        && jwk.is_none()
        && x5c.is_none()
        && crit.is_none()
        && enc.is_none()
        && zip.is_none()
        && extras.inner().is_empty();
    if !is_bare || alg != Algorithm::EdDSA || typ.as_deref() != Some(TYPE) {
        return Err(Refused::Header);
    }
    let kid = kid.ok_or(Refused::UnknownKey)?;
    let mut living = keys.living(now, RETIREMENT).into_iter();
    living.find(|generation| generation.signing().kid == kid).ok_or(Refused::UnknownKey)
}

fn refusal(error: jsonwebtoken::errors::Error) -> Refused {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => Refused::NotOurs,
        _ => Refused::Malformed,
    }
}

fn check_times(body: &Body, now: UtcTime) -> Result<(), Refused> {
    let now = now.seconds();
    if body.exp <= now - LEEWAY_SECONDS {
        return Err(Refused::Expired);
    }
    if body.nbf > now + LEEWAY_SECONDS || body.iat > now + LEEWAY_SECONDS {
        return Err(Refused::NotYet);
    }
    Ok(())
}

fn instant(seconds: i64) -> Result<UtcTime, Refused> {
    seconds.checked_mul(1_000_000).map(UtcTime::from_micros).ok_or(Refused::Malformed)
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the token is not of the form that ours have",
            Self::Header => "the token's header says what ours never say",
            Self::UnknownKey => "the token names a key that is not ours",
            Self::NotOurs => "the token's signature, issuer or audience is not ours",
            Self::Expired => "the token has ended",
            Self::NotYet => "the token is not good yet",
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
