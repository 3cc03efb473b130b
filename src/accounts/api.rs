//! Accounts over HTTP.

use actix_web::{delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    check_password::check_password,
    erase, password,
    register::{self, NewCustomer},
    sign_in::{self, Arrival},
    store, verification,
    view::{Me, Session},
};
use crate::{
    address::require_text,
    audit::{self, Action, Entry},
    auth::{
        access_token::Subject,
        extract::{Customer, RefreshCookie, Source},
        logins,
        password::Password,
        password_queue::PasswordQueue,
        refresh_cookie,
        secret::{OpaqueToken, TokenKind},
        session,
    },
    db::Conn,
    email::Email,
    error::{Code, Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        form::{JsonOrForm, ShopperJsonOrForm},
        json::{ShopperJson, StrictJson},
        rate_limit::Attempts,
    },
    ids::{CartId, CustomerId},
    patch::Patch,
    shop::Shop,
    text_enum,
};

/// Accounts' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(register_customer)
        .service(create_session)
        .service(refresh_session)
        .service(end_session)
        .service(get_me)
        .service(update_me)
        .service(delete_me);
}

/// A new account.
// Without `Debug`, here and below, so that no log can hold a password or a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The address to log in by.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    email: Email,
    /// 8 to 256 characters of any kind, each counted once with its accents; nothing is trimmed. What is easily guessed is
    /// refused.
    #[schema(format = "password", min_length = 8, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What to be called.
    #[schema(min_length = 1, max_length = 200, example = "Ann Berg")]
    name: Option<String>,
    /// A guest's cart to take along.
    cart_id: Option<CartId>,
    /// That cart's token.
    #[schema(min_length = 1, max_length = 200, example = "ct_3pQ8rT1uV5wX9yZ2aB4cD6eF8gH0jK1mN3pQ5rS7tU9")]
    cart_token: Option<String>,
}

/// An address and its password.
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

/// Changes to one's own account: what is absent stays, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    /// What to be called.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Ann Berg")]
    name: Patch<String>,
}

/// Register
///
/// Makes a customer's account and begins a session. A guest's cart that comes along becomes the customer's.
///
/// A shop may open accounts only when their address has been confirmed. Then every answer is 202, whether the address is
/// new or not; the mail tells the rest, `POST /auth/verify-email` opens the account, and the first log-in takes the cart
/// along.
#[utoipa::path(
    tag = "accounts",
    request_body(description = "The account.", content((Register = "application/json"), (Register = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "The account's first session.", body = Session),
        (status = 202, description = "A mail is on its way, where accounts need a confirmed address."),
        (status = 409, description = "`email_taken`: an account with this address exists."),
    ),
)]
#[post("/api/v1/auth/register")]
async fn register_customer(
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: ShopperJsonOrForm<Register>,
) -> Result<Answer> {
    let Register { email, password, name, cart_id, cart_token } = body.0;
    let account = shop.keys.email_hash(email.as_str());
    attempts.count(&account)?;
    let password = password::read_with_name(&password, name.as_deref())?;
    let arrival = Arrival::new(cart_id.zip(cart_token), source);
    let password_hash = password::hash_chosen(&shop, &queue, password, email.clone(), "#/password").await?;
    let new = NewCustomer { email, name, password_hash };
    let inner = shop.clone();
    if shop.config.verified_registration {
        let now = shop.clock.now();
        shop.db.write(move |conn| verification::await_confirmation(conn, &inner, &new, now)).await?;
        return Ok(Answer::accepted());
    }
    let session = shop
        .db
        .write(move |conn| {
            let now = inner.clock.now();
            let id = register::register(conn, &inner.keys, &new, now)?;
            verification::ask(conn, &inner, id, &new.email, now)?;
            let entry = Entry::done_by(id.as_str(), Action::Registered, &arrival.source);
            audit::record(conn, &inner.keys, entry, now)?;
            sign_in::sign_in(conn, &inner, Subject::Customer(id), &arrival, now)
        })
        .await?;
    attempts.succeeded(&account);
    Ok(Answer::created(&session, "/api/v1/me".to_owned(), Keep::Never))
}

/// Log in
///
/// Begins a session for a customer or a member of the staff. A guest's cart that comes along goes into the customer's.
#[utoipa::path(
    tag = "accounts",
    request_body(description = "The address and its password.", content((LogIn = "application/json"), (LogIn = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The session.", body = Session),
        (status = 401, description = "`invalid_credentials`: the address or the password is wrong."),
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
    // What cannot be a password is nobody's: the answer tells nothing of the account.
    let password = Password::parse(&password).map_err(|_| sign_in::invalid_credentials())?;
    let arrival = Arrival::new(cart_id.zip(cart_token), source);
    let wanted = email_hash.clone();
    let login = shop.db.read(move |conn| logins::find(conn, &wanted)).await?;
    let whose = login.as_ref().map(|it| it.owner);
    let inner = shop.clone();
    let Some((owner, seen, fresh)) = queue.run(move || check_password(&inner, login, &password)).await? else {
        let inner = shop.clone();
        shop.db.write(move |conn| sign_in::refuse(conn, &inner, whose, &arrival, inner.clock.now())).await?;
        return Err(sign_in::invalid_credentials());
    };
    let (inner, account) = (shop.clone(), email_hash.clone());
    let session = shop
        .db
        .write(move |conn| {
            let now = inner.clock.now();
            if !logins::confirm(conn, &account, &seen, &fresh, now)? {
                return Err(sign_in::invalid_credentials());
            }
            sign_in::sign_in(conn, &inner, owner, &arrival, now)
        })
        .await?;
    attempts.succeeded(&email_hash);
    Ok(answer(session, transport == Some(Transport::Cookie)))
}

/// The session, its refresh token as a cookie where that is wanted.
fn answer(mut session: Session, by_cookie: bool) -> Answer {
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
    let invalid_token = || Error::problem(Code::InvalidToken, Code::InvalidToken.about());
    let by_cookie = body.0.refresh_token.is_none();
    let presented = presented(body.0.refresh_token, cookie)?.ok_or_else(invalid_token)?;
    let inner = shop.clone();
    let session =
        shop.db.write(move |conn| sign_in::refresh(conn, &inner, &presented, &source, inner.clock.now())).await?;
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

/// Show one's own account
///
/// The account of the customer who calls.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The account.", body = Me)), security(("bearer" = [])))]
#[get("/api/v1/me")]
async fn get_me(customer: Customer, shop: Data<Shop>) -> Result<Answer> {
    let inner = shop.clone();
    let me = shop.db.read(move |conn| load_me(conn, &inner, customer.id)).await?;
    Ok(Answer::ok(&me, Keep::Personal).versioned(me.version))
}

/// Change one's own account
///
/// A JSON merge patch: what is absent stays, null clears.
#[utoipa::path(
    tag = "accounts",
    params(("If-Match" = Option<String>, Header)),
    request_body(content = ChangeMe, description = "The changes."),
    responses((status = 200, description = "The account as it now is.", body = Me)),
    security(("bearer" = []))
)]
#[patch("/api/v1/me")]
async fn update_me(
    customer: Customer,
    shop: Data<Shop>,
    condition: IfMatch,
    body: ShopperJson<ChangeMe>,
) -> Result<Answer> {
    let ChangeMe { name } = body.value;
    if let Patch::Value(name) = &name {
        require_text("#/name", Some(name))?;
    }
    let inner = shop.clone();
    let me = shop
        .db
        .write(move |conn| {
            let row = store::lock_active(conn, customer.id)?.ok_or_else(Error::not_found)?;
            condition.require(row.version)?;
            if !name.is_absent() {
                let name = name.clone().apply(None);
                store::set_name(conn, &inner.keys, &row, name.as_deref(), inner.clock.now())?;
            }
            load_me(conn, &inner, customer.id)
        })
        .await?;
    Ok(Answer::ok(&me, Keep::Personal).versioned(me.version))
}

/// Erase one's own account
///
/// Ends all sessions and destroys the key that everything personal was sealed with. Orders stay in the shop's books,
/// without a name. There is no way back.
#[utoipa::path(
    tag = "accounts",
    params(("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "The account is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/me")]
async fn delete_me(customer: Customer, shop: Data<Shop>, source: Source, condition: IfMatch) -> Result<Answer> {
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            // Before it is done, while there is a key that the entry's source can be sealed with, and destroyed.
            let entry = Entry::done_by(customer.id.as_str(), Action::AccountErased, &source);
            audit::record(conn, &inner.keys, entry, now)?;
            erase::erase(conn, customer.id, &condition, now)
        })
        .await?;
    Ok(Answer::no_content())
}

fn load_me(conn: &mut Conn, shop: &Shop, id: CustomerId) -> Result<Me> {
    let row = store::find_active(conn, id)?.ok_or_else(Error::not_found)?;
    let person = store::open(conn, &shop.keys, &row)?;
    Ok(Me::new(&row, person))
}
