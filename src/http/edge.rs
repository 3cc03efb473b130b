//! The one middleware: request ids, CORS, methods, problems, conditions, compression, headers, the access log.

use std::{sync::Arc, time::Instant};

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use log::Level;

use super::{
    access_log::Line,
    answer_cache::{AnswerCache, Kept},
    client_address::ClientAddress,
    compression::{self, Coding},
    cors::Origins,
    etag, problem,
    problem::Pending,
    query,
    rate_limit::{Meter, RateLimits, policy_of},
    routes::{Matched, Operation, RouteTable},
    unread,
};
use crate::{
    card_data::has_card_number,
    error::{Code, Error, Problem},
    shop::Shop,
};

/// What the middleware has to know.
pub struct Edge {
    /// Known paths and methods.
    pub routes: RouteTable,
    /// Who may call from a browser.
    pub origins: Origins,
    /// How often somebody may ask, where that is limited.
    pub rate_limits: Option<RateLimits>,
    /// Answers of the catalogue that are ready.
    pub answers: AnswerCache,
}

/// The request's id, for answers that name it.
#[derive(Clone)]
pub struct RequestId(pub String);

/// What is needed of the request once the handler has taken it.
struct Asked {
    request_id: String,
    method: Method,
    route: Arc<str>,
    origin: Option<HeaderValue>,
    if_none_match: Option<String>,
    coding: Option<Coding>,
    meter: Option<Meter>,
}

/// What stands for the route of a path that leads nowhere.
const NOWHERE: &str = "-";

/// Wraps every request.
///
/// # Errors
/// None of its own: what the service returns as an error is passed on.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let Some(edge) = request.app_data::<Data<Edge>>().cloned() else {
        return Err(Error::Internal("the edge is not configured".to_owned()).into());
    };
    let kept = edge.answers.find(&request).filter(|_| accepts_json(request.headers()));
    let client = client_address(&request);
    let asked = asked(&edge, &request, client, kept.as_deref());
    let unread = unread::hold(&mut request);
    let response = match kept {
        Some(kept) => request.into_response(counted(&asked, kept.response(asked.coding))),
        None => {
            introduce(&asked, client, &request);
            made(&edge, &asked, request, next).await?
        }
    };
    let (request, response) = response.into_parts();
    let (mut response, code) = finish(&edge, &asked, response);
    if let Some(held) = unread {
        response = response.map_body(|_, body| held.until_sent(body));
    }
    let status = response.status().as_u16();
    let line = Line {
        request_id: &asked.request_id,
        method: asked.method.as_str(),
        route: &asked.route,
        status,
        took: started.elapsed(),
        code,
    };
    line.write();
    Ok(ServiceResponse::new(request, response))
}

/// The answer of whoever is to give it.
async fn made(
    edge: &Edge,
    asked: &Asked,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(early) = before(edge, asked, &mut request) {
        return Ok(request.into_response(counted(asked, early)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Says in the request's extensions what others have to know of it.
fn introduce(asked: &Asked, client: Option<ClientAddress>, request: &ServiceRequest) {
    let mut extensions = request.extensions_mut();
    extensions.insert(RequestId(asked.request_id.clone()));
    extensions.insert(Matched(asked.route.clone()));
    if let Some(client) = client {
        extensions.insert(client);
    }
    if let Some(meter) = &asked.meter {
        extensions.insert(meter.clone());
    }
}

/// Who calls, as far as the connection and our proxies tell.
fn client_address(request: &ServiceRequest) -> Option<ClientAddress> {
    let (peer, shop) = (request.peer_addr()?.ip(), request.app_data::<Data<Shop>>()?);
    Some(ClientAddress(shop.config.trusted_proxies.client_address(peer, request.headers())))
}

fn asked(edge: &Edge, request: &ServiceRequest, client: Option<ClientAddress>, kept: Option<&Kept>) -> Asked {
    let headers = request.headers();
    let route = match kept {
        Some(kept) => kept.route.clone(),
        None => request.match_pattern().as_deref().unwrap_or(NOWHERE).into(),
    };
    let text = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
    // Tokens travel below /auth: compressing them beside text of the caller's choice would leak them (BREACH).
    let may_compress = !route.starts_with("/api/v1/auth");
    Asked {
        request_id: request_id(headers),
        method: request.method().clone(),
        origin: headers.get(header::ORIGIN).cloned(),
        if_none_match: text(header::IF_NONE_MATCH),
        meter: client.and_then(|client| meter(edge, request, &route, client)),
        coding: Coding::preferred(headers.get(header::ACCEPT_ENCODING)).filter(|_| may_compress),
        route,
    }
}

/// What the request is counted by, if it is at all. Preflights are a browser's own doing, and free.
fn meter(edge: &Edge, request: &ServiceRequest, route: &str, client: ClientAddress) -> Option<Meter> {
    let limits = edge.rate_limits.as_ref()?;
    let path = if route == NOWHERE { request.path() } else { route };
    let policy = policy_of(request.method().as_str(), path)?;
    if is_preflight(request) {
        return None;
    }
    Some(limits.meter(policy, client.0))
}

fn is_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// An answer that no handler gives counts for the client's address: nobody has asked who calls.
fn counted(asked: &Asked, early: HttpResponse) -> HttpResponse {
    match asked.meter.as_ref().map(|it| it.admit(None)) {
        Some(Err(refused)) => refusal(refused),
        _ => early,
    }
}

fn request_id(headers: &HeaderMap) -> String {
    let well_formed = |text: &&str| {
        let fits = (8..=64).contains(&text.len()) && !has_card_number(text) && !has_form_of_token(text);
        fits && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-')
    };
    match headers.get("x-request-id").and_then(|it| it.to_str().ok()).filter(well_formed) {
        Some(text) => text.to_owned(),
        None => uuid::Uuid::now_v7().simple().to_string(),
    }
}

/// Whether this is written as our opaque tokens are: two letters, `_`, 43 characters. What a front-end mixes up must not
/// get into the log.
fn has_form_of_token(text: &str) -> bool {
    text.len() == 46 && text.find('_') == Some(2)
}

/// The answer, where it is known before any handler runs.
fn before(edge: &Edge, asked: &Asked, request: &mut ServiceRequest) -> Option<HttpResponse> {
    if is_preflight(request) {
        let mut response = HttpResponse::NoContent();
        for header in Origins::preflight_headers() {
            response.insert_header(header);
        }
        return Some(response.finish());
    }
    let Some(allow) = edge.routes.allow(&asked.route) else {
        return Some(refusal(Error::problem(
            Code::NotFound,
            "There is no such address; `/docs` shows those that there are.",
        )));
    };
    if asked.method == Method::OPTIONS {
        return Some(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish());
    }
    if asked.method == Method::HEAD {
        // The HTTP library has noted that no body goes out; the handlers need not know.
        request.head_mut().method = Method::GET;
        // A range is a matter of GET alone (RFC 9110, 14.2).
        request.headers_mut().remove(header::RANGE);
    }
    let Some(operation) = edge.routes.operation(&asked.route, request.method()) else {
        let problem = Problem::new(Code::MethodNotAllowed, format!("This address takes {allow}."));
        return Some(refusal(problem.with("allow", allow).into()));
    };
    admits(operation, request).err().map(refusal)
}

/// Rules that hold for every handler alike.
fn admits(operation: Operation, request: &ServiceRequest) -> Result<(), Error> {
    if operation.answers_json && !accepts_json(request.headers()) {
        return Err(Error::problem(Code::NotAcceptable, "Answers are `application/json`."));
    }
    if operation.takes_query { Ok(()) } else { query::require_none(request.query_string()) }
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).peekable();
    if values.peek().is_none() {
        return true;
    }
    values.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(',')).any(|range| {
        let mut pieces = range.split(';').map(str::trim);
        let media_type = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let refused = pieces.any(|it| it.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
        !refused && matches!(media_type.as_str(), "" | "*/*" | "application/*" | "application/json")
    })
}

fn refusal(error: Error) -> HttpResponse {
    HttpResponse::from_error(error)
}

/// What every answer gets, and the code of the problem that it is, if it is one.
fn finish(
    edge: &Edge,
    asked: &Asked,
    mut response: HttpResponse<BoxBody>,
) -> (HttpResponse<BoxBody>, Option<&'static str>) {
    let pending = response.extensions_mut().remove::<Pending>();
    let (mut response, code) = with_problem(asked, response, pending);
    if let Some(hit) = not_modified(asked, &response) {
        response = hit;
    }
    let headers = response.headers_mut();
    if let Some(meter) = &asked.meter {
        meter.write(headers);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    edge.origins.admit(asked.origin.as_ref(), headers);
    if let Ok(id) = HeaderValue::from_str(&asked.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    (packed(asked, response), code)
}

/// Our problems get the request's id; the framework's own failures become problems.
fn with_problem(
    asked: &Asked,
    response: HttpResponse<BoxBody>,
    pending: Option<Pending>,
) -> (HttpResponse<BoxBody>, Option<&'static str>) {
    let status = response.status();
    let problem = match pending {
        Some(Pending { problem, cause }) => {
            if let Some(cause) = cause {
                // Overload is no fault, and anybody can bring it about.
                let level = if status == StatusCode::SERVICE_UNAVAILABLE { Level::Warn } else { Level::Error };
                log::log!(level, "request_id={} route={} {cause}", asked.request_id, asked.route);
            }
            problem
        }
        // An answer that was kept for an idempotency key is a problem already.
        None if problem::is_one(&response) => return (response, None),
        None if status.is_client_error() || status.is_server_error() => problem::of_status(status),
        None => return (response, None),
    };
    (problem::render(&problem, &asked.request_id), Some(problem.code.as_str()))
}

fn not_modified(asked: &Asked, response: &HttpResponse<BoxBody>) -> Option<HttpResponse<BoxBody>> {
    let reads = asked.method == Method::GET || asked.method == Method::HEAD;
    let tag = response.headers().get(header::ETAG)?.to_str().ok()?;
    if !reads || response.status() != StatusCode::OK || !etag::none_match_hits(asked.if_none_match.as_ref()?, tag) {
        return None;
    }
    let mut hit = HttpResponse::NotModified();
    // The tag of the answer that this stands for (RFC 9110, 15.4.5): a cache keeps the compressed one under its own.
    let is_packed = compression::is_worthwhile(response.body().size(), response.headers());
    let coding = asked.coding.filter(|_| is_packed);
    hit.insert_header((header::ETAG, coding.map_or(tag.to_owned(), |it| etag::with_coding(tag, it.name()))));
    for name in [header::CACHE_CONTROL, header::CONTENT_LOCATION, header::EXPIRES] {
        if let Some(value) = response.headers().get(&name) {
            hit.insert_header((name, value.clone()));
        }
    }
    Some(hit.finish())
}

fn packed(asked: &Asked, response: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
    let Some(coding) = asked.coding else { return response };
    let (mut head, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => BoxBody::new(compression::packed(coding, bytes, head.headers_mut())),
        Err(stream) => stream,
    };
    head.set_body(body)
}
