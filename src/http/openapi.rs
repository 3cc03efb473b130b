//! The OpenAPI document: collected from the handlers, completed by rules that hold for all of them alike.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::problem;
use crate::error::Code;

/// The body of every failure, for the document.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "stands for what `problem::render` writes")]
struct ProblemDocument {
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
    #[schema(max_length = 64, pattern = "^[a-z0-9_]+$", example = "not_found")]
    code: String,
    /// The request's id, as in `X-Request-Id`.
    #[schema(
        min_length = 8,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "019b7f3c2f9a7c31a1f1e1b2c3d4e5f6"
    )]
    request_id: String,
    /// Every violation, where the request broke rules.
    #[schema(max_items = 10000)]
    errors: Option<Vec<ViolationDocument>>,
}

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
    #[schema(max_length = 64, pattern = "^[a-z0-9_]+$", example = "out_of_range")]
    code: String,
    /// What is wrong.
    #[schema(max_length = 10000, example = "This must be at least 1.")]
    detail: String,
    /// Figures to show.
    #[schema(value_type = Object)]
    params: Value,
}

/// Completes what the handlers declare, and remembers it.
pub fn complete(collected: &utoipa::openapi::OpenApi) -> Value {
    let mut document = json!(collected);
    let mut schemas = vec![("Problem".to_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    for (name, schema) in schemas {
        document["components"]["schemas"][name] = json!(schema);
    }
    document["components"]["securitySchemes"] = security_schemes();
    document["components"]["responses"] = shared_responses();
    document["components"]["parameters"] = shared_parameters();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    sort_tags(&mut document);
    drop_unused_components(&mut document);
    document
}

/// The document that is served, kept from the first time it was made.
pub fn served(make: impl FnOnce() -> Value) -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(make)
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of a customer (`/me`, `/carts`, `/orders`) or of staff (`/admin`). OAuth 2.0 bearer usage (RFC 6750), signed as RFC 8725 advises."
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
    ("422", "The body breaks rules; `errors` lists all of them.", &[Code::ValidationFailed]),
    ("428", "`If-Match` is missing.", &[Code::PreconditionRequired]),
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
        let mut headers = json!({"X-Request-Id": request_id_header()});
        if status == "503" {
            headers["Retry-After"] =
                header("Seconds to wait.", json!({"type": "integer", "minimum": 0, "maximum": 3600}));
        }
        json!({
            "description": description,
            "headers": headers,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
        })
    };
    SHARED
        .iter()
        .map(|(status, description, codes)| (component_name(status), response(status, description, codes)))
        .collect()
}

fn header(description: &str, schema: Value) -> Value {
    json!({"description": description, "schema": schema})
}

fn request_id_header() -> Value {
    let schema = json!({"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"});
    header("The request's id.", schema)
}

fn component_name(status: &str) -> String {
    format!("Problem{status}")
}

fn shared_parameters() -> Value {
    json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "Entity tag of the version that the change is meant for, or `*`. Without it the answer is 428.",
            "schema": {"type": "string", "maxLength": 1000, "pattern": r#"^(\*|"[!#-~]+"(, ?"[!#-~]+")*)$"#}, "example": "\"3\""
        },
        "IfMatchOptional": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "Entity tag of the version that the change is meant for.",
            "schema": {"type": "string", "maxLength": 1000, "pattern": r#"^(\*|"[!#-~]+"(, ?"[!#-~]+")*)$"#}, "example": "\"3\""
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key with the same body has one effect and the same answer, for 24 hours.",
            "schema": {"type": "string", "minLength": 20, "maxLength": 255, "pattern": "^[!#-~]+$"}, "example": "3f1c9a52-6a0e-4f6e-9d53-0f6b1f0f7c11"
        },
        "IdempotencyKeyRequired": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "The same key with the same body has one effect and the same answer, for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}, "example": "3f1c9a52-6a0e-4f6e-9d53-0f6b1f0f7c11"
        }
    })
}

/// Adds to one operation the failures and headers that follow from what it declares.
fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let is_api = path.starts_with("/api/v1");
    let secured = operation["security"]
        .as_array()
        .is_some_and(|it| it.iter().any(|one| !one.as_object().is_none_or(Map::is_empty)));
    if operation["security"].is_null() {
        operation["security"] = json!([]);
    }
    let has_body = !operation["requestBody"].is_null();
    let names: Vec<String> = parameter_names(operation);
    let has = |name: &str| names.iter().any(|it| it == name);
    let in_path = path.contains('{');
    let mut statuses = vec!["400", "500", "503"];
    let answers_json = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .any(|(status, it)| status.starts_with('2') && !it["content"]["application/json"].is_null());
    for (status, applies) in [
        ("401", secured || is_api && !path.starts_with("/api/v1/auth")),
        ("403", secured),
        ("404", in_path),
        ("406", answers_json),
        ("409", has("Idempotency-Key")),
        ("412", has("If-Match")),
        ("428", has("If-Match") && path.starts_with("/api/v1/admin")),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body || method == "post" && is_api),
    ] {
        if applies {
            statuses.push(status);
        }
    }
    for status in statuses {
        let responses = &mut operation["responses"];
        if responses[status].is_null() {
            responses[status] = json!({"$ref": format!("#/components/responses/{}", component_name(status))});
        }
    }
    add_problem_bodies(operation);
    add_response_headers(operation);
}

/// The names of parameters, those behind a reference included.
fn parameter_names(operation: &mut Value) -> Vec<String> {
    let mut names = Vec::new();
    // Not by `[…]`, which would put a null where there are none.
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let shared = match (parameter["name"].as_str(), parameter["required"].as_bool()) {
            (Some("If-Match"), Some(true)) => Some("IfMatch"),
            (Some("If-Match"), _) => Some("IfMatchOptional"),
            (Some("Idempotency-Key"), Some(true)) => Some("IdempotencyKeyRequired"),
            (Some("Idempotency-Key"), _) => Some("IdempotencyKey"),
            _ => None,
        };
        names.extend(parameter["name"].as_str().map(str::to_owned));
        if let Some(shared) = shared {
            *parameter = json!({"$ref": format!("#/components/parameters/{shared}")});
        }
    }
    names
}

/// A failure that a handler describes in words alone has the body of all failures.
fn add_problem_bodies(operation: &mut Value) {
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let failed = status.starts_with('4') || status.starts_with('5');
        if failed && response["$ref"].is_null() && response["content"].is_null() {
            response["content"] =
                json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        }
    }
}

fn add_response_headers(operation: &mut Value) {
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        response["headers"]["X-Request-Id"] = request_id_header();
        if status == "201" {
            response["headers"]["Location"] = header(
                "Address of what was made.",
                json!({"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 2000}),
            );
        }
    }
}

/// Takes away components that nothing refers to, until each one left is referred to from a path.
fn drop_unused_components(document: &mut Value) {
    loop {
        let mut used = std::collections::HashSet::new();
        collect_references(document, &mut used);
        let before = count_components(document);
        for kind in ["schemas", "responses", "parameters"] {
            if let Some(components) = document["components"][kind].as_object_mut() {
                components.retain(|name, _| used.contains(&format!("#/components/{kind}/{name}")));
            }
        }
        if count_components(document) == before {
            return;
        }
    }
}

fn count_components(document: &Value) -> usize {
    let components = document["components"].as_object().into_iter().flatten();
    components.filter_map(|(_, it)| it.as_object()).map(Map::len).sum()
}

fn collect_references(value: &Value, used: &mut std::collections::HashSet<String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|it| collect_references(it, used)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => drop(used.insert(target.clone())),
                    other => collect_references(other, used),
                }
            }
        }
        _ => {}
    }
}

fn sort_tags(document: &mut Value) {
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(|tag| tag["name"].as_str().unwrap_or_default().to_owned());
    }
}
