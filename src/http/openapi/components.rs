//! What operations share: the problem document, failures, parameters, and ways to show who calls.

use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{
    super::{etag, problem},
    conditions, headers,
};
use crate::{error::Code, ids::OrderId};

/// The body of every failure, for the document.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "stands for what `problem::render` writes")]
pub struct ProblemDocument {
    /// Address of a page that explains the code.
    #[schema(format = "uri-reference", max_length = 200, example = "/problems/not-found")]
    r#type: String,
    /// The code in a few words.
    #[schema(max_length = 100, example = "Not found")]
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What went wrong this time.
    #[schema(max_length = 2000, example = "There is nothing here, or nothing that you may see.")]
    detail: String,
    /// Stable code.
    #[schema(value_type = ProblemCode)]
    code: String,
    /// The request's id, as in `X-Request-Id`.
    #[schema(
        min_length = 8,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "019b7f3c2f9a7c31a1f1e1b2c3d4e5f6"
    )]
    request_id: String,
    /// Every violation, up to 1,000, where the request broke rules.
    #[schema(max_items = 1000)]
    errors: Option<Vec<ViolationDocument>>,
    /// Why the card was refused, with `card_declined`.
    #[schema(max_length = 64, pattern = "^[a-z0-9_]+$", example = "insufficient_funds")]
    decline_code: Option<String>,
    /// What a code is shown with, with `second_factor_required`: `POST /auth/second-factor` takes both.
    #[schema(max_length = 64, pattern = "^ch_[A-Za-z0-9_-]{43}$")]
    challenge: Option<String>,
    /// Seconds for which the challenge is good, with `second_factor_required`.
    #[schema(minimum = 1, maximum = 300, example = 300)]
    challenge_expires_in: Option<i64>,
    /// The order that stands in the way, with `checkout_in_progress` and `cart_closed`.
    order_id: Option<OrderId>,
    /// What the cart costs now, with `price_changed`: as the cart shows it.
    #[schema(value_type = Option<Object>)]
    totals: Option<Value>,
    /// The present version, with `stale_version` and `cart_changed`.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 4)]
    current_version: Option<i64>,
    /// The present version's entity tag.
    #[schema(max_length = 100, example = "\"4\"")]
    current_etag: Option<String>,
    /// The methods that the address takes, with `method_not_allowed`.
    #[schema(max_length = 100, example = "GET, HEAD, OPTIONS")]
    allow: Option<String>,
    /// How many are on the shelf, where a change of stock would leave too few.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, example = 5)]
    on_hand: Option<i64>,
    /// How many of them are held by orders.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    reserved: Option<i64>,
    /// Seconds to wait, as in `Retry-After`.
    #[schema(minimum = 0, maximum = 3600, example = 1)]
    retry_after: Option<i64>,
    /// The limit that was passed, with `payload_too_large`: bytes.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 262_144)]
    max: Option<i64>,
    /// How many bytes there are, with `range_not_satisfiable`.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 52_104)]
    length: Option<i64>,
}

/// The stable codes of problems and violations.
enum ProblemCode {}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Stable code; `/problems/{code}`, with dashes, explains it. More may come."))
            .enum_values(Some(Code::ALL.iter().map(|it| it.as_str())))
            .examples([Code::NotFound.as_str()])
            .build()
            .into()
    }
}
impl ToSchema for ProblemCode {}

/// One broken rule: exactly one of `pointer`, `parameter` and `header` says where.
#[derive(ToSchema)]
#[schema(as = Violation)]
#[allow(dead_code, reason = "stands for `error::Violation`")]
struct ViolationDocument {
    /// JSON pointer into the body.
    #[schema(max_length = 10000, example = "#/lines/0/quantity")]
    pointer: Option<String>,
    /// Name of a query parameter.
    #[schema(max_length = 10000)]
    parameter: Option<String>,
    /// Name of a header.
    #[schema(max_length = 100)]
    header: Option<String>,
    /// Stable code.
    #[schema(value_type = ProblemCode)]
    code: String,
    /// What is wrong.
    #[schema(max_length = 10000, example = "This must be at least 1.")]
    detail: String,
    /// Figures to show.
    #[schema(value_type = Object)]
    params: Value,
}

/// Puts the shared components beside those that were collected.
pub(super) fn add(document: &mut Value) {
    let mut schemas = vec![("Problem".to_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    let components = &mut document["components"];
    for (name, schema) in schemas {
        components["schemas"][name] = json!(schema);
    }
    // The carts' own, which this module lies below.
    components["schemas"]["Problem"]["properties"]["totals"] = json!({"$ref": "#/components/schemas/Totals"});
    components["securitySchemes"] = security_schemes();
    components["responses"] = shared_responses();
    components["responses"][conditions::NOT_MODIFIED] = conditions::not_modified();
    components["parameters"] = shared_parameters();
    for (name, parameter) in conditions::parameters().as_object().into_iter().flatten() {
        components["parameters"][name] = parameter.clone();
    }
    components["headers"] = headers::components();
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of a customer (`/me`, `/carts`, `/orders`). OAuth 2.0 bearer usage (RFC 6750), signed as RFC8725 advises."
        },
        "staff": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of a member of the staff (`/admin`), who logs in as customers do, or an API key (`sk_…`). OAuth 2.0 bearer usage (RFC 6750), signed as RFC8725 advises."
        },
        "refresh_cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-rt",
            "description": "A browser's refresh token, from a log-in with `transport: \"cookie\"`. It counts only with an `Origin` that the shop has listed."
        },
        "cart_token": {
            "type": "apiKey",
            "in": "header",
            "name": "Cart-Token",
            "description": "A guest's token of one cart (`ct_…`), shown once when the cart is made."
        },
        "order_token": {
            "type": "apiKey",
            "in": "header",
            "name": "Order-Token",
            "description": "A guest's token of one order (`ot_…`), shown at checkout."
        }
    })
}

/// Failures that any operation may answer with, by the rule that brings them about.
const SHARED: &[(&str, &str, &[Code])] = &[
    (
        "400",
        "The query, a header or the JSON is not of the right form.",
        &[Code::InvalidRequest, Code::UnknownParameter, Code::MalformedJson],
    ),
    ("401", "A credential is needed, or the one shown is not valid.", &[Code::Unauthorized, Code::InvalidToken]),
    ("402", "The card was declined.", &[Code::CardDeclined]),
    ("403", "The credential is valid, but not for this.", &[Code::Forbidden]),
    ("404", "There is nothing here, or nothing that the caller may see.", &[Code::NotFound]),
    ("406", "`Accept` rules out every form that the answer could take.", &[Code::NotAcceptable]),
    ("409", "The request does not go with the present state.", &[Code::Conflict, Code::IdempotencyInProgress]),
    ("412", "The object has changed since the version that `If-Match` names.", &[Code::StaleVersion]),
    ("413", "The body is too large.", &[Code::PayloadTooLarge]),
    ("415", "The body is not of a type that this takes.", &[Code::UnsupportedMediaType]),
    ("416", "The range begins behind the last byte.", &[Code::RangeNotSatisfiable]),
    ("422", "The body breaks rules; `errors` lists all of them.", &[Code::ValidationFailed]),
    ("428", "`If-Match` is missing.", &[Code::PreconditionRequired]),
    ("429", "That was too often; try again after `Retry-After` seconds.", &[Code::RateLimited]),
    ("500", "A fault on our side.", &[Code::InternalError]),
    ("503", "Not just now; try again after `Retry-After` seconds.", &[Code::Unavailable]),
];

fn shared_responses() -> Value {
    let response = |status: &str, description: &str, codes: &[Code]| {
        let examples: Map<String, Value> = codes
            .iter()
            .map(|code| {
                let value = json!({
                    "type": problem::type_path(code.as_str()),
                    "title": code.title(),
                    "status": problem::status(*code).as_u16(),
                    "detail": code.about(),
                    "code": code.as_str(),
                    "request_id": "019b7f3c2f9a7c31a1f1e1b2c3d4e5f6",
                });
                (code.as_str().to_owned(), json!({"summary": code.title(), "value": value}))
            })
            .collect();
        json!({
            "description": description,
            "headers": headers::of_failure(status),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
        })
    };
    SHARED.iter().map(|(status, description, codes)| (name_of(status), response(status, description, codes))).collect()
}

pub(super) fn name_of(status: &str) -> String {
    format!("Problem{status}")
}

/// `*`, or entity tags that begin with a version (RFC 9110, section 13.1.1).
fn if_match_schema() -> Value {
    json!({"oneOf": [
        {"type": "string", "enum": ["*"]},
        {"type": "string", "maxLength": etag::LONGEST_IF_MATCH, "pattern": etag::IF_MATCH_PATTERN},
    ]})
}

/// The forms that it may have.
fn if_match_examples() -> Value {
    json!({
        "version": {"summary": "The version alone, as `version` shows it.", "value": "\"3\""},
        "entity_tag": {"summary": "The `ETag` as it was answered; only the version in it counts.", "value": "\"3.k3m9x2ab\""},
        "several": {"summary": "One of several versions.", "value": "\"3\", \"4\""},
        "any": {"summary": "Whatever the version.", "value": "*"},
    })
}

fn shared_parameters() -> Value {
    json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "Entity tag of the version that the change is meant for, or `*`; a weak one (`W/…`) is refused. Without it the answer is 428.",
            "schema": if_match_schema(), "examples": if_match_examples()
        },
        "IfMatchOptional": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "Entity tag of the version that the change is meant for, or `*`; a weak one (`W/…`) is refused.",
            "schema": if_match_schema(), "examples": if_match_examples()
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key with the same body has one effect and the same answer, for 24 hours. At least 20 characters from callers without a credential.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}, "example": "3f1c9a52-6a0e-4f6e-9d53-0f6b1f0f7c11"
        },
        "IdempotencyKeyRequired": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "The same key with the same body has one effect and the same answer, for 24 hours. At least 20 characters from callers without a credential.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}, "example": "3f1c9a52-6a0e-4f6e-9d53-0f6b1f0f7c11"
        }
    })
}
