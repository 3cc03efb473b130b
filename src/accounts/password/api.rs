//! Passwords over HTTP.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::change;
use crate::{
    auth::{
        extract::{SignedIn, Source},
        password::Password,
        password_queue::PasswordQueue,
    },
    error::Result,
    http::{answer::Answer, json::StrictJson, rate_limit::Attempts},
    shop::Shop,
};

/// The routes of passwords.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(change_password);
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
