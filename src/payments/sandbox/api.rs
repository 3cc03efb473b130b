//! The sandbox's stand-in for a provider's hosted card fields. The shop's own API never sees a card number.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NotATestCard, Sandbox, TestCard};
use crate::{
    error::{Code, Error, Result, Violation},
    http::{
        answer::{Answer, Keep},
        json::StrictJson,
    },
    payments::provider::{CardSummary, ProviderError},
};

/// The sandbox's routes; 404 where the sandbox is off.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(create_sandbox_token);
}

/// A test card. Only the sandbox's well-known numbers are taken; a real card's number must never be sent here.
// Without `Debug`, so that no log can hold a number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSandboxToken {
    /// One of the test numbers; spaces and hyphens between digits do not matter.
    #[schema(pattern = "^[0-9](?:[ -]?[0-9]){12,18}$", min_length = 13, max_length = 37, example = "4242424242424242")]
    number: String,
    /// The month in which the card expires.
    #[schema(minimum = 1, maximum = 12, example = 12)]
    exp_month: i32,
    /// The year in which the card expires.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    exp_year: i32,
    /// The security code; whatever it is, the number decides the outcome.
    #[schema(pattern = "^[0-9]{3,4}$", min_length = 3, max_length = 4, example = "123")]
    #[expect(dead_code, reason = "it has to be there and well formed; the number decides whether it is right")]
    cvc: String,
}

/// A token that stands for a card, good for one payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct SandboxToken {
    /// What `payment.token` of a checkout takes.
    #[schema(
        pattern = "^tok_[a-p]{32}$",
        min_length = 36,
        max_length = 36,
        example = "tok_abcdefghijklmnopabcdefghijklmnop"
    )]
    id: String,
    /// What may be known of the card.
    card: CardSummary,
}

/// Exchange a test card for a token
///
/// Works as a real provider's hosted fields do: the card goes to the provider, the shop gets the token. Only the
/// sandbox's test numbers are taken. The token is good for one payment.
#[utoipa::path(
    tag = "sandbox",
    request_body(content = CreateSandboxToken, description = "A test card."),
    responses(
        (status = 201, description = "The token.", body = SandboxToken),
        (status = 422, description = "A member breaks a rule, or the number is not a test card's."),
    )
)]
#[post("/sandbox/tokens")]
async fn create_sandbox_token(
    sandbox: Option<web::Data<Sandbox>>,
    body: StrictJson<CreateSandboxToken>,
) -> Result<Answer> {
    let sandbox = sandbox.ok_or_else(Error::not_found)?;
    let CreateSandboxToken { number, exp_month, exp_year, cvc: _ } = body.value;
    let card = TestCard::read(&number, exp_month, exp_year).map_err(refused)?;
    let summary = card.summary().clone();
    let id = sandbox.create_token(card).await.map_err(unavailable)?;
    // There is no `Location`: a token is used once and never read.
    Ok(Answer::ok(&SandboxToken { id, card: summary }, Keep::Never).status(201))
}

/// All that can go wrong here is the sandbox's file: locked for too long, or the disk is full.
fn unavailable(error: ProviderError) -> Error {
    log::error!("no token was made: {error}");
    Error::Unavailable("the sandbox provider")
}

fn refused(reason: NotATestCard) -> Error {
    match reason {
        NotATestCard::Number => {
            Violation::at("#/number", Code::UnknownTestCard, "The sandbox takes its own test card numbers only.").into()
        }
        NotATestCard::Expiry => {
            Violation::at("#/exp_month", Code::OutOfRange, "The card's date is not a month and a year.").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, http::StatusCode, test};
    use serde_json::{Value, json};

    use super::*;
    use crate::payments::sandbox::tests::Folder;

    async fn post(body: Value) -> (StatusCode, Value) {
        let folder = Folder::new();
        let sandbox = web::Data::new(folder.sandbox());
        let app = test::init_service(App::new().app_data(sandbox).service(create_sandbox_token)).await;
        let request = test::TestRequest::post().uri("/sandbox/tokens").set_json(body).to_request();
        let response = test::call_service(&app, request).await;
        let status = response.status();
        // A problem has its body from the edge, which stands around the whole application.
        (status, serde_json::from_slice(&test::read_body(response).await).unwrap_or(Value::Null))
    }

    #[actix_web::test]
    async fn a_test_card_becomes_a_token() {
        let card = json!({"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2030, "cvc": "123"});
        let (status, body) = post(card).await;
        assert_eq!(status, StatusCode::CREATED);
        assert!(body["id"].as_str().unwrap().starts_with("tok_"));
        assert_eq!(body["card"], json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}));
    }

    #[actix_web::test]
    async fn any_other_card_is_refused_and_not_repeated() {
        let good = json!({"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"});
        let changes = [
            ("number", json!("4111111111111111")),
            ("number", json!(4_111_111_111_111_111_i64)),
            ("number", json!("4111")),
            ("exp_month", json!(13)),
            ("exp_year", json!(1999)),
            ("cvc", json!("12a")),
            ("cvc", Value::Null),
            ("name", json!("4111111111111111")),
        ];
        for (member, value) in changes {
            let mut card = good.clone();
            card[member] = value;
            if let Err(error) = crate::http::json::parse::<CreateSandboxToken>(card.to_string().as_bytes()) {
                assert!(!format!("{error:?}").contains("4111"), "{error:?}");
            }
            assert_eq!(post(card).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{member}");
        }
    }
}
