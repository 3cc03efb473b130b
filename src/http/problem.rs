//! How a failure stands on the wire: RFC 9457 problem documents. The only place that knows statuses.

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use crate::{
    db::constraints::is_passing,
    error::{Code, Error, Place, Problem},
};

/// The status that goes with a code.
#[rustfmt::skip] // A table: a line for each code would hide which belong together.
pub fn status(code: Code) -> StatusCode {
    use Code::*;
    match code {
        InvalidRequest | MalformedJson | UnknownParameter | InvalidParameter | InvalidHeader | InvalidCursor
        | CursorTooDeep | CurrencyNotOffered | IdempotencyKeyRequired | InvalidIdempotencyKey
        | InvalidIfMatch => StatusCode::BAD_REQUEST,
        Unauthorized | InvalidCredentials | InvalidToken | SecondFactorRequired | InvalidCode => StatusCode::UNAUTHORIZED,
        CardDeclined => StatusCode::PAYMENT_REQUIRED,
        Forbidden | BeyondOwnRights | SecondFactorNeeded => StatusCode::FORBIDDEN,
        NotFound => StatusCode::NOT_FOUND,
        MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Conflict | SlugTaken | SkuTaken | ExternalIdTaken | EmailTaken | InUse | InsufficientStock | PriceChanged
        | CartChanged | PromotionUnavailable | CheckoutInProgress | CartClosed | OrderPaid | IdempotencyInProgress
        | AnswerErased | InvalidTransition | NothingLeft | NameTaken | AlreadyInvited | LastAdmin | BuiltInRole | SecondFactorOn | CountryTaken | TooManyAddresses => StatusCode::CONFLICT,
        StaleVersion => StatusCode::PRECONDITION_FAILED,
        PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        ValidationFailed | UnknownField | Required | InvalidType | InvalidValue | InvalidFormat | InvalidCharacter
        | Duplicate | ImageRefused | ReversedRange | TooManyEntries | OptionsMismatch | CategoryMisplaced | ZeroAdjustment
        | PaymentMissing | UnknownTestCard | Blank | InvalidPostalCode | UnknownRegion | MutuallyExclusive
        | OutOfRange | TooShort | TooLong | AmountTooLarge | NoPrice | QuantityTooLarge | TooManyLines
        | BelowMinimumQuantity | AboveMaximumQuantity
        | CartIncomplete | CountryNotServed | ShippingOptionUnavailable | WrongPassword | WrongCode | PasswordTooLong | WeakPassword | UnusableToken | CardDataRefused
        | ReturnUrlNotAllowed | UnknownProvider | InvalidPaymentToken
        | IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        RateLimited => StatusCode::TOO_MANY_REQUESTS,
        InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status of one problem. A rule of values that the body breaks is 422, even where the same rule makes a query 400.
fn status_of(problem: &Problem) -> StatusCode {
    let in_body = problem.errors.iter().any(|it| matches!(it.place, Place::Pointer(_)));
    match status(problem.code) {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND if in_body => StatusCode::UNPROCESSABLE_ENTITY,
        StatusCode::UNPROCESSABLE_ENTITY if !in_body && !problem.errors.is_empty() => StatusCode::BAD_REQUEST,
        status => status,
    }
}

/// A problem on its way out; the edge gives it the request's id and writes it.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) problem: Problem,
    /// What the log keeps beside it.
    pub(super) cause: Option<String>,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status_of(&public(self))
    }

    fn error_response(&self) -> HttpResponse {
        let problem = public(self);
        let cause = match self {
            Self::Problem(_) => None,
            other => Some(other.to_string()),
        };
        let mut response = HttpResponse::new(status_of(&problem));
        response.extensions_mut().insert(Pending { problem, cause });
        response
    }
}

/// What the caller may know of a failure.
fn public(error: &Error) -> Problem {
    match error {
        Error::Problem(problem) => (**problem).clone(),
        passing if is_passing(passing) => Problem::new(Code::Unavailable, Code::Unavailable.about()),
        _ => Problem::new(Code::InternalError, Code::InternalError.about()),
    }
}

/// The problem that a bare status of the framework stands for.
pub(super) fn of_status(status: StatusCode) -> Problem {
    let code = match status {
        StatusCode::UNAUTHORIZED => Code::Unauthorized,
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::NOT_FOUND => return not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::NOT_ACCEPTABLE => Code::NotAcceptable,
        StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        status if status.is_client_error() => Code::InvalidRequest,
        _ => Code::InternalError,
    };
    Problem::new(code, code.about())
}

fn not_found() -> Problem {
    public(&Error::not_found())
}

/// Where the code is explained.
pub fn type_path(code: &str) -> String {
    format!("/problems/{}", code.replace('_', "-"))
}

/// Whether an answer is a problem document.
pub(super) fn is_one(response: &HttpResponse) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|it| it == "application/problem+json")
}

/// The finished answer.
pub(super) fn render(problem: &Problem, request_id: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status_of(problem));
    response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    advise(&mut response, problem, status_of(problem));
    response.body(document(problem, request_id).to_string())
}

/// A problem as an answer that can be kept for an idempotency key.
pub fn answer(problem: &Problem, request_id: &str) -> Answer {
    Answer {
        status: status_of(problem).as_u16(),
        body: document(problem, request_id).to_string(),
        problem: true,
        ..Answer::no_content()
    }
}

/// What a failure of one part of a request would be answered with by itself: status and document. What the caller does
/// not read of it goes to the log.
pub fn of_part(error: &Error, request_id: &str) -> (u16, Value) {
    if !matches!(error, Error::Problem(_)) {
        log::error!("request_id={request_id} {error}");
    }
    let problem = public(error);
    (status_of(&problem).as_u16(), document(&problem, request_id))
}

fn document(problem: &Problem, request_id: &str) -> Value {
    let code = problem.code;
    let mut members = Map::new();
    members.insert("type".into(), type_path(code.as_str()).into());
    members.insert("title".into(), code.title().into());
    members.insert("status".into(), status_of(problem).as_u16().into());
    members.insert("detail".into(), problem.detail.as_ref().into());
    members.insert("code".into(), code.as_str().into());
    members.insert("request_id".into(), request_id.into());
    if !problem.errors.is_empty() {
        members.insert("errors".into(), json!(problem.errors));
    }
    members.extend(problem.members.clone());
    Value::Object(members)
}

/// Headers that go with some codes.
fn advise(response: &mut HttpResponseBuilder, problem: &Problem, status: StatusCode) {
    match problem.code {
        Code::Unauthorized | Code::InvalidCredentials | Code::SecondFactorRequired | Code::InvalidCode => {
            response.insert_header((header::WWW_AUTHENTICATE, r#"Bearer realm="cartwright""#));
        }
        Code::InvalidToken => {
            let value = r#"Bearer realm="cartwright", error="invalid_token""#;
            response.insert_header((header::WWW_AUTHENTICATE, value));
        }
        Code::IdempotencyInProgress => {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        _ => {}
    }
    if status == StatusCode::SERVICE_UNAVAILABLE || problem.members.contains_key("retry_after") {
        let seconds = problem.members.get("retry_after").and_then(Value::as_u64).unwrap_or(1);
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if let Some(allow) = problem.members.get("allow").and_then(Value::as_str) {
        response.insert_header((header::ALLOW, allow));
    }
    if let Some(length) = problem.members.get("length") {
        response.insert_header((header::CONTENT_RANGE, format!("bytes */{length}")));
    }
    if let Some(tag) = problem.members.get("current_etag").and_then(Value::as_str) {
        response.insert_header((header::ETAG, tag));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Violation;

    #[test]
    fn the_same_code_is_400_in_a_query_or_a_header_and_422_in_a_body() {
        let status = |violation: Violation| Error::from(violation).status_code().as_u16();
        for code in [Code::Required, Code::InvalidFormat, Code::InvalidHeader] {
            assert_eq!(status(Violation::in_parameter("q", code, "")), 400);
            assert_eq!(status(Violation::in_header("If-Match", code, "")), 400);
            assert_eq!(status(Violation::at("#/q", code, "")), 422);
        }
        assert_eq!(Error::problem(Code::IdempotencyKeyReused, "").status_code().as_u16(), 422);
    }
}
