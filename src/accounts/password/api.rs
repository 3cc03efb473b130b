//! Passwords over HTTP.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{change, reset};
use crate::{
    accounts::evenly::evenly,
    auth::{
        extract::{SignedIn, Source},
        password::Password,
        password_queue::PasswordQueue,
    },
    email::Email,
    error::{Error, Result},
    http::{answer::Answer, json::StrictJson, rate_limit::Attempts},
    shop::Shop,
};

/// The routes of passwords.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(change_password).service(forgot_password).service(reset_password);
}

/// The present password and the one to come.
// Without `Debug`, so that no log can hold a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password up to now.
    #[schema(format = "password", min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    current_password: String,
    /// 8 to 256 characters of any kind, each counted once with its accents; nothing is trimmed. What is easily guessed is
    /// refused.
    #[schema(format = "password", min_length = 8, max_length = 1024, example = "lantern pebble orchard violin")]
    new_password: String,
}

/// Change one's password
///
/// For customers and staff. Ends all other sessions; the one by which the request comes goes on.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ChangePassword, description = "The passwords."),
    responses((status = 204, description = "From now on one logs in by the new password.")),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/change-password")]
async fn change_password(
    caller: SignedIn,
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: StrictJson<ChangePassword>,
) -> Result<Answer> {
    attempts.count(caller.subject.as_str())?;
    let ChangePassword { current_password, new_password } = body.value;
    let new = Password::parse(&new_password).map_err(|reason| reason.at("#/new_password"))?;
    // What cannot be a password is not the present one.
    let current = Password::parse(&current_password).map_err(|_| change::wrong_password())?;
    change::change(&shop, &queue, caller, source, current, new).await?;
    Ok(Answer::no_content())
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotPassword {
    /// The address of the account.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    email: Email,
}

/// A token that came by mail, and the password to come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The token, as it stands in the link behind `token=`.
    #[schema(min_length = 1, max_length = 200, example = "mt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U")]
    token: String,
    /// 8 to 256 characters of any kind, each counted once with its accents; nothing is trimmed. What is easily guessed is
    /// refused.
    #[schema(format = "password", min_length = 8, max_length = 1024, example = "lantern pebble orchard violin")]
    new_password: String,
}

/// Ask to choose another password
///
/// For customers and staff who have forgotten theirs. The answer is the same for every address, and takes as long.
/// One such mail a minute, and five an hour, go to an address; what is asked for beyond that is not sent.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ForgotPassword, description = "The address."),
    responses((status = 202, description = "If an account has this address, a mail with a link is on its way."))
)]
#[post("/api/v1/auth/forgot-password")]
async fn forgot_password(
    shop: Data<Shop>,
    source: Source,
    attempts: Attempts,
    body: StrictJson<ForgotPassword>,
) -> Result<Answer> {
    let ForgotPassword { email } = body.value;
    attempts.count(&shop.keys.email_hash(email.as_str()))?;
    let inner = shop.clone();
    evenly(shop.db.write(move |conn| reset::ask(conn, &inner, &email, &source, inner.clock.now()))).await?;
    Ok(Answer::accepted())
}

/// Choose another password
///
/// By the token of the mail that `POST /auth/forgot-password` sends. Ends all sessions, and shows that the address is
/// one's own.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ResetPassword, description = "The token and the password."),
    responses((status = 204, description = "From now on one logs in by the new password."))
)]
#[post("/api/v1/auth/reset-password")]
async fn reset_password(
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    body: StrictJson<ResetPassword>,
) -> Result<Answer> {
    let ResetPassword { token, new_password } = body.value;
    let new = Password::parse(&new_password).map_err(|reason| Error::from(reason.at("#/new_password")))?;
    reset::reset(&shop, &queue, token, new, source).await?;
    Ok(Answer::no_content())
}
