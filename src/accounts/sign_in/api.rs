//! Logging in, carrying a session on, and logging out, over HTTP.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Arrival, Begun, check_password::check_password, invalid_credentials, invalid_token, refresh, refuse, second_factor,
};
use crate::{
    accounts::view::Session,
    auth::{
        extract::{RefreshCookie, Source},
        logins,
        password::Password,
        password_queue::PasswordQueue,
        refresh_cookie,
        secret::{OpaqueToken, TokenKind},
        session,
    },
    email::Email,
    error::Result,
    http::{
        answer::{Answer, Keep},
        form::JsonOrForm,
        json::StrictJson,
        rate_limit::Attempts,
    },
    ids::CartId,
    shop::Shop,
    text_enum,
};

/// The routes of sessions.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(create_session).service(complete_log_in).service(refresh_session).service(end_session);
}

/// An address and its password.
// Without `Debug`, here and below, so that no log can hold a password or a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The address of the account.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    email: Email,
    /// The account's password.
    #[schema(format = "password", min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// A guest's cart to take along.
    cart_id: Option<CartId>,
    /// That cart's token.
    #[schema(min_length = 1, max_length = 200, example = "ct_3pQ8rT1uV5wX9yZ2aB4cD6eF8gH0jK1mN3pQ5rS7tU9")]
    cart_token: Option<String>,
    /// `cookie` for a browser's app: the refresh token is a cookie then, and `refresh_token` is null.
    transport: Option<Transport>,
}

text_enum! {
    /// How a refresh token reaches its holder.
    Transport {
        /// As a cookie that no script of a page can read (`__Host-rt`).
        Cookie = "cookie",
    }
}

/// A session's refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshSession {
    /// The token of the last session answer; left out where the cookie holds it.
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 4096,
        example = "rt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U"
    )]
    refresh_token: Option<String>,
}

/// A session to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOut {
    /// A refresh token of the session; left out where the cookie holds it.
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 4096,
        example = "rt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U"
    )]
    refresh_token: Option<String>,
}

/// What a log-in still lacks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// The `challenge` of the log-in's answer.
    #[schema(min_length = 1, max_length = 200, example = "ch_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U")]
    challenge: String,
    /// The six digits that the authenticator app shows now, or a recovery code.
    #[schema(min_length = 1, max_length = 100, example = "287082")]
    code: String,
}

/// Log in
///
/// Begins a session for a customer or a member of the staff. A guest's cart that comes along goes into the customer's.
///
/// Where a second factor is on, the right password is answered with 401 `second_factor_required` and a `challenge`:
/// `POST /auth/second-factor` takes it with a code, and finishes what was asked for here.
#[utoipa::path(
    tag = "accounts",
    request_body(description = "The address and its password.", content((LogIn = "application/json"), (LogIn = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The session.", body = Session),
        (status = 401, description = "`invalid_credentials`: the address or the password is wrong. `second_factor_required`: the password is right; `challenge` awaits a code for `challenge_expires_in` seconds."),
    ),
)]
#[post("/api/v1/auth/login")]
async fn create_session(
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: JsonOrForm<LogIn>,
) -> Result<Answer> {
    let LogIn { email, password, cart_id, cart_token, transport } = body.0;
    let email_hash = shop.keys.email_hash(email.as_str());
    attempts.count(&email_hash)?;
    let place = queue.place().await?;
    // What cannot be a password is nobody's: the answer tells nothing of the account.
    let password = Password::parse(&password).map_err(|_| invalid_credentials())?;
    let arrival = Arrival::new(cart_id.zip(cart_token), transport, source);
    let by_cookie = arrival.by_cookie;
    let wanted = email_hash.clone();
    let login = shop.db.read(move |conn| logins::find(conn, &wanted)).await?;
    let whose = login.as_ref().map(|it| it.owner);
    let inner = shop.clone();
    let Some((owner, seen, fresh)) = place.run(move || check_password(&inner, login, &password)).await? else {
        let inner = shop.clone();
        shop.db.write(move |conn| refuse(conn, &inner, whose, &arrival, inner.clock.now())).await?;
        return Err(invalid_credentials());
    };
    let (inner, account) = (shop.clone(), email_hash.clone());
    let begun = shop
        .db
        .write(move |conn| {
            let now = inner.clock.now();
            if !logins::confirm(conn, &account, &seen, &fresh, now)? {
                return Err(invalid_credentials());
            }
            super::begin(conn, &inner, owner, &arrival, now)
        })
        .await?;
    attempts.succeeded(&email_hash);
    match begun {
        Begun::Session(session) => Ok(answer(*session, by_cookie)),
        Begun::Challenge(challenge) => Err(second_factor::required(&challenge)),
    }
}

/// Finish a log-in
///
/// By the code of an authenticator app, which is good once, or by a recovery code, which is used up. A challenge has five
/// tries and five minutes; after ten wrong codes in a row the next one has to wait.
#[utoipa::path(
    tag = "accounts",
    request_body(content = SecondFactor, description = "The challenge and a code."),
    responses(
        (status = 200, description = "The session that the log-in asked for.", body = Session),
        (status = 401, description = "`invalid_code`: the code is wrong, or was used before. `invalid_token`: the challenge is used up; log in again."),
    ),
)]
#[post("/api/v1/auth/second-factor")]
async fn complete_log_in(shop: Data<Shop>, source: Source, body: StrictJson<SecondFactor>) -> Result<Answer> {
    let SecondFactor { challenge, code } = body.value;
    let challenge = OpaqueToken::parse(TokenKind::Challenge, &challenge).map_err(|_| invalid_token())?;
    let inner = shop.clone();
    let finish = move |conn: &mut _| second_factor::finish(conn, &inner, &challenge, &code, &source, inner.clock.now());
    let (session, by_cookie) = shop.db.write(finish).await??;
    Ok(answer(session, by_cookie))
}

/// A session, whose refresh token goes into a cookie where that is wanted.
pub(in crate::accounts) fn answer(mut session: Session, by_cookie: bool) -> Answer {
    let token = session.refresh_token.take_if(|_| by_cookie);
    let cookie = token.map(|token| refresh_cookie::set(&token, session.refresh_expires_in));
    Answer { cookie, ..Answer::ok(&session, Keep::Never) }
}

/// Refresh a session
///
/// Exchanges the refresh token for a new one and a new access token. A token is good once; one that is shown again ends
/// the session, for somebody may have copied it. Only for ten seconds, and while the new token is unused, the old one
/// gives the same new one again: a reply may have been lost, or two tabs may have asked at once.
///
/// A browser that keeps the token as a cookie sends `{}`, and the new token comes as a cookie too.
#[utoipa::path(
    tag = "accounts",
    request_body(description = "The refresh token.", content((RefreshSession = "application/json"), (RefreshSession = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The session goes on.", body = Session),
        (status = 401, description = "`invalid_token`: the token is none, has ended, or was used before."),
    ),
    security((), ("refresh_cookie" = []))
)]
#[post("/api/v1/auth/refresh")]
async fn refresh_session(
    shop: Data<Shop>,
    cookie: RefreshCookie,
    source: Source,
    body: JsonOrForm<RefreshSession>,
) -> Result<Answer> {
    let by_cookie = body.0.refresh_token.is_none();
    let presented = presented(body.0.refresh_token, cookie)?.ok_or_else(invalid_token)?;
    let inner = shop.clone();
    let session = shop.db.write(move |conn| refresh(conn, &inner, &presented, &source, inner.clock.now())).await?;
    Ok(answer(session.ok_or_else(invalid_token)?, by_cookie))
}

/// The refresh token of the body, else of the cookie; `None` where there is none of ours.
///
/// # Errors
/// 403 where the cookie does not count.
fn presented(in_body: Option<String>, cookie: RefreshCookie) -> Result<Option<OpaqueToken>> {
    let text = match in_body {
        Some(text) => Some(text),
        None => cookie.text()?,
    };
    Ok(text.and_then(|text| OpaqueToken::parse(TokenKind::Refresh, &text).ok()))
}

/// Log out
///
/// Ends the session of the refresh token, with all its tokens. A token that is none ends nothing.
#[utoipa::path(
    tag = "accounts",
    request_body(content = LogOut, description = "The session."),
    responses((status = 204, description = "There is no such session any more.")),
    security((), ("refresh_cookie" = []))
)]
#[post("/api/v1/auth/logout")]
async fn end_session(shop: Data<Shop>, cookie: RefreshCookie, body: StrictJson<LogOut>) -> Result<Answer> {
    let by_cookie = body.value.refresh_token.is_none();
    if let Some(presented) = presented(body.value.refresh_token, cookie)? {
        let now = shop.clock.now();
        shop.db.write(move |conn| Ok(session::end_by_token(conn, &presented, now)?)).await?;
    }
    Ok(Answer { cookie: by_cookie.then(refresh_cookie::clear), ..Answer::no_content() })
}
