//! The middleware that finds out who calls: from the `Authorization` header to a [`Caller`] in the request's extensions.

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
    web::Data,
};

use super::{
    access_token, api_keys,
    caller::{Caller, find_caller},
    forwarded_client::believe,
    remembered::RememberedCallers,
    secret::{OpaqueToken, TokenKind},
};
use crate::{
    error::{Code, Error, Result},
    http::{answer_cache::AnswerCache, header::only, rate_limit, routes::Matched},
    shop::Shop,
};

/// Wraps every request, inside the edge. A token that is no good is refused whatever the route; what a good one
/// allows is for the extractors to say.
///
/// # Errors
/// None of its own: what the service returns as an error is passed on.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // An error that is returned would pass the edge by; a response does not.
    if let Err(error) = let_in(&request).await {
        return Ok(request.into_response(HttpResponse::from_error(error)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Finds out who calls, and counts the request for them. A token that is no good is nobody's: it counts for the address
/// that it comes from, and who shows too many reads that rather than what is wrong with them.
async fn let_in(request: &ServiceRequest) -> Result<()> {
    let matched = request.extensions().get::<Matched>().cloned();
    let route = matched.as_ref().map_or("", |it| &it.0);
    if route.starts_with("/api/v1/")
        && let Err(error) = believe(shop_of(request)?, request).await
    {
        return rate_limit::admit(request, None).and(Err(error));
    }
    if !request.headers().contains_key(header::AUTHORIZATION) || !looks_at_tokens(route) {
        return rate_limit::admit(request, None);
    }
    match caller(request, route).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            rate_limit::admit(request, Some(caller.id()))
        }
        Err(error) => rate_limit::admit(request, None).and(Err(error)),
    }
}

/// Routes below `/auth` for those who are logged in.
const FOR_THE_SIGNED_IN: [&str; 6] = [
    "/api/v1/auth/change-password",
    "/api/v1/auth/change-email",
    "/api/v1/auth/second-factor/enrol",
    "/api/v1/auth/second-factor/confirm",
    "/api/v1/auth/second-factor/recovery-codes",
    "/api/v1/auth/second-factor/disable",
];

/// Elsewhere below `/auth` an old token must not keep its owner from getting a new one. Outside the API (pages, health,
/// keys) nobody asks who calls.
fn looks_at_tokens(route: &str) -> bool {
    let begins_sessions = route.starts_with("/api/v1/auth/") && !FOR_THE_SIGNED_IN.contains(&route);
    route.starts_with("/api/v1/") && !begins_sessions
}

fn shop_of(request: &ServiceRequest) -> Result<&Data<Shop>> {
    request.app_data().ok_or_else(|| Error::Internal("the shop is not configured".to_owned()))
}

async fn caller(request: &ServiceRequest, route: &str) -> Result<Caller> {
    let shop = shop_of(request)?;
    let token = bearer(request.headers()).ok_or_else(invalid_token)?;
    let now = shop.clock.now();
    let remembered = request.app_data::<Data<RememberedCallers>>();
    let is_kept = request.app_data::<Data<AnswerCache>>().is_some_and(|it| it.keeps(route));
    if is_kept && let Some(caller) = remembered.and_then(|it| it.find(token, now)) {
        return Ok(caller);
    }
    if token.starts_with(TokenKind::ApiKey.prefix()) {
        return holder_of_key(shop, token).await;
    }
    let claims = access_token::verify(&shop.keys, &shop.config.public_url, now, token).map_err(|reason| {
        log::debug!("an access token is refused: {reason}");
        invalid_token()
    })?;
    let is_needed = shop.config.require_staff_second_factor;
    let ends_at = claims.expires_at;
    let found = shop.db.read(move |conn| Ok(find_caller(conn, &claims, is_needed)?)).await?;
    if let Some(remembered) = remembered {
        remembered.note(token, found, now, ends_at);
    }
    found.ok_or_else(invalid_token)
}

/// Another system, by its key. That the key was used is noted at most once a minute, and not waited for in vain.
pub(super) async fn holder_of_key(shop: &Shop, token: &str) -> Result<Caller> {
    let key = OpaqueToken::parse(TokenKind::ApiKey, token).map_err(|_| invalid_token())?;
    let now = shop.clock.now();
    let found = shop.db.read(move |conn| Ok(api_keys::find_caller(conn, &key, now)?)).await?;
    let (caller, id, is_noted) = found.ok_or_else(invalid_token)?;
    if !is_noted && let Err(error) = shop.db.write(move |conn| Ok(api_keys::note_use(conn, id, now)?)).await {
        log::warn!("the use of {id} is not noted: {error}");
    }
    Ok(caller)
}

/// The one token of the one header (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, header::AUTHORIZATION)?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

fn invalid_token() -> Error {
    Error::problem(Code::InvalidToken, Code::InvalidToken.about())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn token_of(values: &[&'static str]) -> Option<String> {
        let request =
            values.iter().fold(TestRequest::default(), |it, value| it.append_header((header::AUTHORIZATION, *value)));
        bearer(request.to_http_request().headers()).map(str::to_owned)
    }

    #[test]
    fn one_bearer_header_holds_one_token() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc "] {
            assert_eq!(token_of(&[value]).as_deref(), Some("abc"), "{value}");
        }
    }

    #[test]
    fn whatever_else_stands_in_the_header_is_no_token() {
        for value in ["", "Bearer", "Bearer ", "abc", "Basic YTpi", "Bearerabc", "Bearer\tabc", "Token abc"] {
            assert_eq!(token_of(&[value]), None, "{value}");
        }
        assert_eq!(token_of(&["Bearer abc", "Bearer abc"]), None);
        assert_eq!(token_of(&[]), None);
    }
}
