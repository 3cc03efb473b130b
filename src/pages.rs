//! What lies outside `/api/v1`: the entrance, the documentation, the document itself, problems explained, health.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{HttpResponse, get, web, web::Data};
use chrono::TimeDelta;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::document,
    auth::access_token::{self, JwkSet},
    error::{Code, Error, Result},
    http::{
        answer::{Answer, Keep},
        path::PathParameter,
        problem,
    },
    search::Search,
    shop::Shop,
    text::escape_html,
};

/// Whether the server is about to stop.
#[derive(Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The pages.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(get_liveness)
        .service(get_readiness)
        .service(get_problem_type)
        .service(get_jwks)
        .service(get_security_policy)
        .route("/", web::get().to(entrance))
        .route("/docs", web::get().to(docs))
        .route("/docs/{file}", web::get().to(docs_file))
        .route("/openapi.json", web::get().to(openapi_json))
        .route("/openapi.yaml", web::get().to(openapi_yaml));
}

const HTML_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

fn html(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Content-Security-Policy", HTML_POLICY))
        .insert_header(("Cache-Control", "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(text)
}

async fn entrance(shop: Data<Shop>) -> HttpResponse {
    let name = escape_html(&shop.config.store.name);
    html(include_str!("pages/entrance.html").replace("{{name}}", &name))
}

async fn docs() -> HttpResponse {
    html(include_str!("pages/docs.html").to_owned())
}

/// The files of Swagger UI that the page asks for, and the few lines that start it.
async fn docs_file(file: PathParameter<String>) -> Result<HttpResponse> {
    if file.0 == "start.js" {
        return Ok(asset("text/javascript", include_str!("pages/start.js").as_bytes().to_vec()));
    }
    let config = std::sync::Arc::new(utoipa_swagger_ui::Config::from("/openapi.json"));
    match utoipa_swagger_ui::serve(&file.0, config) {
        Ok(Some(found)) => Ok(asset(&found.content_type, found.bytes.into_owned())),
        _ => Err(Error::not_found()),
    }
}

fn asset(content_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=3600")).content_type(content_type).body(bytes)
}

async fn openapi_json() -> Answer {
    Answer::ok(document(), Keep::Public).tagged()
}

async fn openapi_yaml() -> Result<HttpResponse> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = match TEXT.get() {
        Some(text) => text,
        None => {
            let text = document_as_yaml()?;
            TEXT.get_or_init(|| text)
        }
    };
    let mut answer = HttpResponse::Ok();
    Ok(answer.insert_header(("Cache-Control", "no-cache")).content_type("application/yaml").body(text.as_str()))
}

/// The OpenAPI document as `openapi.yaml` holds it.
///
/// # Errors
/// Where the document cannot be written as YAML.
pub fn document_as_yaml() -> Result<String> {
    let text = yaml_serde::to_string(document()).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(text.lines().map(|line| quoted_for_yaml_1_1(line) + "\n").collect())
}

/// YAML 1.1, which many tools still read, takes these for truths and dates where YAML 1.2 sees texts: `NO` is Norway.
fn quoted_for_yaml_1_1(line: &str) -> String {
    const TRUTHS: &[&str] = &["y", "n", "yes", "no", "on", "off"];
    let is_date = |text: &str| {
        text.len() >= 10
            && text.is_ascii()
            && text.bytes().zip(*b"0000-00-00").all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    let split = line.rfind("- ").map(|it| it + 2).or_else(|| line.find(": ").map(|it| it + 2)).unwrap_or(line.len());
    let (before, value) = line.split_at(split);
    if TRUTHS.contains(&value.to_ascii_lowercase().as_str()) || is_date(value) {
        format!("{before}'{value}'")
    } else {
        line.to_owned()
    }
}

/// Say whether the process lives
///
/// Answers while the process runs, whatever else is broken.
#[utoipa::path(tag = "service", responses((status = 204, description = "It lives.")))]
#[get("/health/live")]
async fn get_liveness() -> Answer {
    Answer::no_content()
}

/// Say whether the service is ready
///
/// Ready when it can answer everything; 503 until the search index has caught up, while it stops, and when the database is out of reach.
#[utoipa::path(tag = "service", responses((status = 204, description = "It is ready.")))]
#[get("/health/ready")]
async fn get_readiness(shop: Data<Shop>, search: Data<Search>, draining: Data<Draining>) -> Result<Answer> {
    if draining.has_begun() {
        return Err(Error::Unavailable("the server is about to stop"));
    }
    shop.db.read(|conn| Ok(crate::db::ping(conn)?)).await?;
    search.index().await?;
    Ok(Answer::no_content())
}

/// A page for people.
#[derive(ToSchema)]
#[schema(max_length = 100_000)]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct HtmlPage(String);

/// Explain a problem
///
/// What a code of a problem document means, and what to do. The last part of the problem's `type`.
#[utoipa::path(
    tag = "service",
    params(("code" = String, Path, description = "The code with dashes.", min_length = 1, max_length = 64, pattern = "^[a-z0-9-]+$", example = "not-found")),
    responses((status = 200, description = "The explanation.", content((HtmlPage = "text/html"))))
)]
#[get("/problems/{code}")]
async fn get_problem_type(code: PathParameter<String>) -> Result<HttpResponse> {
    let wanted = |it: &&Code| problem::type_path(it.as_str()).strip_prefix("/problems/") == Some(&code.0);
    let code = Code::ALL.iter().find(wanted).ok_or_else(Error::not_found)?;
    let page = include_str!("pages/problem.html")
        .replace("{{title}}", code.title())
        .replace("{{code}}", code.as_str())
        .replace("{{status}}", problem::status(*code).as_str())
        .replace("{{about}}", &escape_html(code.about()));
    Ok(html(page))
}

/// Show the public keys
///
/// The keys that access tokens are verified with, newest first, as a JWK set (RFC 7517).
#[utoipa::path(tag = "service", responses((status = 200, description = "The keys.", body = JwkSet)))]
#[get("/.well-known/jwks.json")]
async fn get_jwks(shop: Data<Shop>) -> Answer {
    Answer::ok(&access_token::jwks(&shop.keys, shop.clock.now()), Keep::Public).tagged()
}

/// A plain text.
#[derive(ToSchema)]
#[schema(max_length = 10_000)]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct PlainText(String);

/// How long the text may be relied on (RFC 9116, section 2.5.5: less than a year).
const POLICY_LIFETIME: TimeDelta = TimeDelta::days(180);

/// Say where to report weaknesses
///
/// `security.txt` (RFC 9116); 404 where the shop has named no contact.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The text.", content((PlainText = "text/plain"))))
)]
#[get("/.well-known/security.txt")]
async fn get_security_policy(shop: Data<Shop>) -> Result<HttpResponse> {
    let store = &shop.config.store;
    let contact = store.security_contact.as_ref().ok_or_else(Error::not_found)?;
    let expires = shop.clock.now().plus(POLICY_LIFETIME);
    let languages = store.languages.join(", ");
    let address = format!("{}/.well-known/security.txt", shop.config.public_url);
    let text =
        format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: {languages}\nCanonical: {address}\n");
    let mut answer = HttpResponse::Ok();
    Ok(answer.insert_header(("Cache-Control", "no-cache")).content_type("text/plain; charset=utf-8").body(text))
}
