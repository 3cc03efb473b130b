//! Accounts over HTTP.

use actix_web::{delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    erase, password,
    register::{self, NewCustomer},
    sign_in::{self, Arrival, api::Transport},
    store, verification,
    view::{Me, Session},
};
use crate::{
    address::require_text,
    audit::{self, Action, Entry},
    auth::{
        access_token::Subject,
        extract::{Customer, Source},
        password::Password,
        password_queue::PasswordQueue,
        second_factor,
    },
    db::Conn,
    email::Email,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        form::ShopperJsonOrForm,
        json::ShopperJson,
        rate_limit::Attempts,
    },
    ids::{CartId, CustomerId},
    patch::Patch,
    shop::Shop,
};

/// Accounts' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(register_customer).service(get_me).service(update_me).service(delete_me);
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
    /// `cookie` for a browser's app: the refresh token is a cookie then, and `refresh_token` is null.
    transport: Option<Transport>,
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
    let Register { email, password, name, cart_id, cart_token, transport } = body.0;
    let account = shop.keys.email_hash(email.as_str());
    attempts.count(&account)?;
    let password = password::read_with_name(&password, name.as_deref())?;
    let arrival = Arrival::new(cart_id.zip(cart_token), transport, source);
    let by_cookie = arrival.by_cookie;
    let password_hash = password::hash_chosen(&shop, &queue, password.clone(), email.clone(), "#/password").await?;
    let new = NewCustomer { email, name, password_hash };
    if shop.config.verified_registration {
        return register_later(&shop, &queue, new, password).await;
    }
    let inner = shop.clone();
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
    let location = Some("/api/v1/me".to_owned());
    Ok(Answer { location, ..sign_in::api::answer(session, by_cookie).status(201) })
}

/// Keeps the registration until its address is confirmed. It takes as long whether the address is new or not.
async fn register_later(shop: &Shop, queue: &PasswordQueue, new: NewCustomer, password: Password) -> Result<Answer> {
    let (now, inner, email) = (shop.clock.now(), shop.clone(), new.email.clone());
    let waiting = shop.db.read(move |conn| verification::find_waiting(conn, &inner, &email, now)).await?;
    let is_same = password::is_same(shop, queue, password, waiting.password_hash.clone()).await?;
    let inner = shop.clone();
    shop.db.write(move |conn| verification::await_confirmation(conn, &inner, &new, (&waiting, is_same), now)).await?;
    Ok(Answer::accepted())
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
        .erase(move |conn| {
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
    let second_factor = second_factor::is_on(conn, id.as_str())?;
    Ok(Me::new(&row, person, second_factor))
}
