//! One's own e-mail address over HTTP.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{change, confirm};
use crate::{
    accounts::{evenly::evenly, password, verification},
    audit::{self, Action, Entry, Outcome},
    auth::{
        extract::{SignedIn, Source},
        password_queue::PasswordQueue,
    },
    email::Email,
    error::Result,
    http::{answer::Answer, json::StrictJson, rate_limit::Attempts},
    shop::Shop,
};

/// The routes of e-mail addresses.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(verify_email).service(resend_verification).service(change_email);
}

/// A token that came by mail.
// Without `Debug`, here and below, so that no log can hold a token or a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// The token, as it stands in the link behind `token=`.
    #[schema(min_length = 1, max_length = 200, example = "mt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U")]
    token: String,
}

/// Whose address it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendVerification {
    /// The address of the account.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    email: Email,
}

/// Another address for one's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The account's password.
    #[schema(format = "password", min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    current_password: String,
    /// The address to log in by from then on.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "ann@new.example.com")]
    new_email: Email,
}

/// Confirm an e-mail address
///
/// By the token of a mail that went there: after a registration, on wish, or for a new address. Where accounts need a
/// confirmed address, this opens the account; if several have registered with the address by different passwords, none of
/// them counts, and a mail to choose one follows. Orders that were bought with the address as a guest become the account's.
#[utoipa::path(
    tag = "accounts",
    request_body(content = VerifyEmail, description = "The token."),
    responses((status = 204, description = "The address is confirmed."))
)]
#[post("/api/v1/auth/verify-email")]
async fn verify_email(shop: Data<Shop>, source: Source, body: StrictJson<VerifyEmail>) -> Result<Answer> {
    let VerifyEmail { token } = body.value;
    let inner = shop.clone();
    shop.db.write(move |conn| confirm::confirm(conn, &inner, &token, &source, inner.clock.now())).await?;
    Ok(Answer::no_content())
}

/// Ask for another mail to confirm an address
///
/// Whether a mail is sent is not told: the answer is the same for every address. One such mail a minute, and five an hour,
/// go to an address; what is asked for beyond that is not sent.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ResendVerification, description = "The address."),
    responses((status = 202, description = "If an account waits for this address to be confirmed, a mail is on its way."))
)]
#[post("/api/v1/auth/verify-email/resend")]
async fn resend_verification(
    shop: Data<Shop>,
    attempts: Attempts,
    body: StrictJson<ResendVerification>,
) -> Result<Answer> {
    let ResendVerification { email } = body.value;
    attempts.count(&shop.keys.email_hash(email.as_str()))?;
    let inner = shop.clone();
    evenly(shop.db.write(move |conn| verification::resend(conn, &inner, &email, inner.clock.now()))).await?;
    Ok(Answer::accepted())
}

/// Change one's e-mail address
///
/// For customers and staff. A mail to the new address asks to confirm it; until then one logs in by the old one, which is
/// told afterwards. Whether the new address belongs to somebody else is not told here, but to that person, by mail.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ChangeEmail, description = "The password and the new address."),
    responses((status = 202, description = "A mail to the new address is on its way.")),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/change-email")]
async fn change_email(
    caller: SignedIn,
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: StrictJson<ChangeEmail>,
) -> Result<Answer> {
    attempts.count(caller.subject.as_str())?;
    let ChangeEmail { current_password, new_email } = body.value;
    let right = password::is_right(&shop, &queue, caller.subject, &current_password).await?;
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            let entry = Entry::done_by(caller.subject.as_str(), Action::EmailChangeRequested, &source);
            let outcome = if right { Outcome::Succeeded } else { Outcome::Refused };
            audit::record(conn, &inner.keys, Entry { outcome, ..entry }, now)?;
            if right { change::ask(conn, &inner, caller.subject, &new_email, now) } else { Ok(()) }
        })
        .await?;
    if right { Ok(Answer::accepted()) } else { Err(password::wrong_password()) }
}
