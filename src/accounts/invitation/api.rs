//! `/auth/accept-invitation`.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    accounts::{
        password,
        sign_in::{self, Arrival, api::Transport},
        view::Session,
    },
    auth::{access_token::Subject, extract::Source, password_queue::PasswordQueue},
    error::Result,
    http::{answer::Answer, json::StrictJson},
    shop::Shop,
    staff::invitation,
};

/// The route of those who are invited.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(accept_invitation);
}

/// The token of an invitation, and how to log in from now on.
// Without `Debug`, so that no log can hold a password or a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The token that came by mail.
    #[schema(min_length = 1, max_length = 200, example = "mt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U")]
    token: String,
    /// 8 to 256 characters of any kind, each counted once with its accents; nothing is trimmed. What is easily guessed is
    /// refused.
    #[schema(format = "password", min_length = 8, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What to be called; the name in the invitation where this is absent.
    #[schema(min_length = 1, max_length = 200, example = "Kim Lund")]
    name: Option<String>,
    /// `cookie` for a browser's app: the refresh token is a cookie then, and `refresh_token` is null.
    transport: Option<Transport>,
}

/// Accept an invitation into the staff
///
/// Makes the account and begins its first session. The token is good once, and for 72 hours.
#[utoipa::path(
    tag = "accounts",
    request_body(content = AcceptInvitation, description = "The token and a password."),
    responses(
        (status = 200, description = "The account's first session.", body = Session),
        (status = 409, description = "`email_taken`: an account with this address was made meanwhile."),
    ),
)]
#[post("/api/v1/auth/accept-invitation")]
async fn accept_invitation(
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    body: StrictJson<AcceptInvitation>,
) -> Result<Answer> {
    let AcceptInvitation { token, password, name, transport } = body.value;
    let password = password::read_with_name(&password, name.as_deref())?;
    let (inner, shown) = (shop.clone(), token.clone());
    let find = move |conn: &mut _| invitation::find_by_token(conn, &inner.keys, &shown, inner.clock.now());
    let email = shop.db.read(find).await?;
    let password_hash = password::hash_chosen(&shop, &queue, password, email, "#/password").await?;
    let arrival = Arrival::new(None, transport, source);
    let by_cookie = arrival.by_cookie;
    let inner = shop.clone();
    let session = shop
        .db
        .write(move |conn| {
            let now = inner.clock.now();
            let new = (name.clone(), password_hash.clone());
            let id = invitation::accept(conn, &inner.keys, &token, new, &arrival.source, now)?;
            sign_in::sign_in(conn, &inner, Subject::Staff(id), &arrival, now)
        })
        .await?;
    Ok(sign_in::api::answer(session, by_cookie))
}
