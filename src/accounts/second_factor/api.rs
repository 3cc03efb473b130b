//! One's own second factor over HTTP.

use actix_web::{post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::manage;
use crate::{
    accounts::password,
    auth::{
        extract::{SignedIn, Source},
        password_queue::PasswordQueue,
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        json::StrictJson,
        rate_limit::Attempts,
    },
    shop::Shop,
};

/// The routes of second factors.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(enrol_second_factor)
        .service(confirm_second_factor)
        .service(renew_recovery_codes)
        .service(disable_second_factor);
}

/// The password, once more.
// Without `Debug`, here and below, so that no log can hold a password, a secret or a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolSecondFactor {
    /// The account's password.
    #[schema(format = "password", min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    current_password: String,
}

/// What the authenticator app has to know; shown once.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorSecret {
    /// The secret in base32, to be typed in.
    #[schema(
        pattern = "^[A-Z2-7]{32}$",
        min_length = 32,
        max_length = 32,
        example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    )]
    secret: String,
    /// The same as an address, to be shown as a QR code.
    #[schema(
        format = "uri",
        min_length = 1,
        max_length = 4000,
        example = "otpauth://totp/Harbour:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Harbour"
    )]
    uri: String,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSecondFactor {
    /// The six digits that the authenticator app shows now.
    #[schema(min_length = 1, max_length = 100, example = "287082")]
    code: String,
}

/// The password and a code, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowBothFactors {
    /// The account's password.
    #[schema(format = "password", min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    current_password: String,
    /// The six digits that the authenticator app shows now, or a recovery code.
    #[schema(min_length = 1, max_length = 100, example = "287082")]
    code: String,
}

/// What stands in for a code where the device is lost; shown once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes. Each is good once.
    #[schema(min_items = 10, max_items = 10)]
    recovery_codes: Vec<RecoveryCode>,
}

/// A code that is good once.
#[derive(Serialize, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$",
    min_length = 19,
    max_length = 19,
    example = "7h3k-2m9q-x5wt-0czb"
)]
pub struct RecoveryCode(String);

impl RecoveryCodes {
    fn new(codes: Vec<String>) -> Self {
        Self { recovery_codes: codes.into_iter().map(RecoveryCode).collect() }
    }
}

/// Begin to use a second factor
///
/// For customers and staff. Makes the secret that an authenticator app is to know (TOTP, RFC 6238: SHA-1, six digits, 30
/// seconds). Nothing is asked for until `POST /auth/second-factor/confirm` has seen a code of it; to begin again makes
/// another secret.
#[utoipa::path(
    tag = "accounts",
    request_body(content = EnrolSecondFactor, description = "The password."),
    responses(
        (status = 200, description = "The secret.", body = SecondFactorSecret),
        (status = 409, description = "`second_factor_on`: a second factor is on already."),
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/second-factor/enrol")]
async fn enrol_second_factor(
    caller: SignedIn,
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    attempts: Attempts,
    body: StrictJson<EnrolSecondFactor>,
) -> Result<Answer> {
    require_password(&shop, &queue, caller, &attempts, &body.value.current_password).await?;
    let inner = shop.clone();
    let begin = move |conn: &mut _| manage::begin(conn, &inner, caller.subject, inner.clock.now());
    let (secret, uri) = shop.db.write(begin).await?;
    Ok(Answer::ok(&SecondFactorSecret { secret: secret.base32(), uri }, Keep::Never))
}

/// Turn a second factor on
///
/// By the first code of the secret that `POST /auth/second-factor/enrol` has made. From now on logging in takes a code;
/// sessions that have begun go on.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ConfirmSecondFactor, description = "The code."),
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodes)),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/second-factor/confirm")]
async fn confirm_second_factor(
    caller: SignedIn,
    shop: Data<Shop>,
    source: Source,
    body: StrictJson<ConfirmSecondFactor>,
) -> Result<Answer> {
    let ConfirmSecondFactor { code } = body.value;
    let inner = shop.clone();
    let confirm = move |conn: &mut _| manage::confirm(conn, &inner, caller.subject, &code, &source, inner.clock.now());
    let codes = shop.db.write(confirm).await?;
    Ok(Answer::ok(&RecoveryCodes::new(codes), Keep::Never))
}

/// Make other recovery codes
///
/// The former ones are good for nothing any more.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ShowBothFactors, description = "The password and a code."),
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodes)),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/second-factor/recovery-codes")]
async fn renew_recovery_codes(
    caller: SignedIn,
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: StrictJson<ShowBothFactors>,
) -> Result<Answer> {
    let ShowBothFactors { current_password, code } = body.value;
    require_password(&shop, &queue, caller, &attempts, &current_password).await?;
    let inner = shop.clone();
    let renew = move |conn: &mut _| manage::renew(conn, &inner, caller.subject, &code, &source, inner.clock.now());
    let codes = shop.db.write(renew).await??;
    Ok(Answer::ok(&RecoveryCodes::new(codes), Keep::Never))
}

/// Turn a second factor off
///
/// From now on the password alone lets in.
#[utoipa::path(
    tag = "accounts",
    request_body(content = ShowBothFactors, description = "The password and a code."),
    responses((status = 204, description = "There is no second factor any more.")),
    security(("bearer" = []))
)]
#[post("/api/v1/auth/second-factor/disable")]
async fn disable_second_factor(
    caller: SignedIn,
    shop: Data<Shop>,
    queue: Data<PasswordQueue>,
    source: Source,
    attempts: Attempts,
    body: StrictJson<ShowBothFactors>,
) -> Result<Answer> {
    let ShowBothFactors { current_password, code } = body.value;
    require_password(&shop, &queue, caller, &attempts, &current_password).await?;
    let inner = shop.clone();
    let turn_off =
        move |conn: &mut _| manage::turn_off(conn, &inner, caller.subject, &code, &source, inner.clock.now());
    shop.db.write(turn_off).await??;
    Ok(Answer::no_content())
}

/// Refuses who does not know the password: a session alone, on a device left open, is not enough.
async fn require_password(
    shop: &Shop,
    queue: &PasswordQueue,
    caller: SignedIn,
    attempts: &Attempts,
    password: &str,
) -> Result<()> {
    attempts.count(caller.subject.as_str())?;
    if password::is_right(shop, queue, caller.subject, password).await? {
        return Ok(());
    }
    Err(password::wrong_password())
}
