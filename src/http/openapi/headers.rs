//! Headers of answers, for the document.

use serde_json::{Value, json};

/// The headers of every answer below `/api`.
const COMMON: [&str; 4] = ["X-Request-Id", "Access-Control-Allow-Origin", "RateLimit-Policy", "RateLimit"];

/// How a browser shows its refresh token, by its name among the ways to show who calls.
const COOKIE: &str = "refresh_cookie";

pub(super) fn header(description: &str, schema: Value) -> Value {
    json!({"description": description, "schema": schema})
}

/// What operations and shared failures refer to, each by its own name.
pub(super) fn components() -> Value {
    let request_id = json!({"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"});
    let origin = json!({"type": "string", "maxLength": 2000, "pattern": r"^(\*|https?://[!-~]+)$"});
    let policies = json!({"type": "string", "maxLength": 200, "pattern": r#"^"[a-z_]+";q=[0-9]+;w=[0-9]+(, "[a-z_]+";q=[0-9]+;w=[0-9]+)*$"#});
    let standing = json!({"type": "string", "maxLength": 200, "pattern": r#"^"[a-z_]+";r=[0-9]+;t=[0-9]+$"#});
    let cookie = json!({"type": "string", "maxLength": 300, "pattern": "^__Host-rt=(rt_[A-Za-z0-9_-]+)?; Max-Age=[0-9]+; Path=/; Secure; HttpOnly; SameSite=Strict$"});
    let keeping = json!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[a-z0-9=, -]+$"});
    let seconds = json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 3600});
    json!({
        "X-Request-Id": header("The request's id.", request_id),
        "Access-Control-Allow-Origin": header("There where a page of the caller's origin may read this.", origin),
        "RateLimit-Policy": header(
            "The limits of this route: their names, how many requests (`q`) each has in how many seconds (`w`). Routes without a limit, and servers that limit nobody, leave this and `RateLimit` out.",
            policies,
        ),
        "RateLimit": header("What is left of the limit (`r`), and in how many seconds all of it is there again (`t`).", standing),
        "Cache-Control": header("Who may keep this, and for how long (RFC 9111).", keeping),
        "Retry-After": header("Seconds to wait.", seconds),
        "Set-Cookie": header(
            "There where the session was begun with `transport: \"cookie\"`: the refresh token, which `refresh_token` does not show then; after a log-out an empty one, which takes it away.",
            cookie,
        ),
    })
}

/// That of a body.
pub(super) fn entity_tag() -> Value {
    let tag = json!({"type": "string", "pattern": r#"^"[!#-~]+"$"#, "minLength": 3, "maxLength": 100});
    header("Entity tag: what `If-None-Match` and, where it holds a version, `If-Match` take.", tag)
}

/// Those that the shared failure of `status` has.
pub(super) fn of_failure(status: &str) -> Value {
    let mut headers = common();
    if status == "416" {
        let place = json!({"type": "string", "maxLength": 40, "pattern": r"^bytes \*/[0-9]+$"});
        headers["Content-Range"] = header("How many bytes there are.", place);
    }
    if matches!(status, "429" | "503") {
        headers["Retry-After"] = reference("Retry-After");
    }
    headers
}

fn common() -> Value {
    COMMON.into_iter().map(|name| (name.to_owned(), reference(name))).collect()
}

/// The shared header of that name.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// Adds to one operation's answers the headers that follow from what it declares.
pub(super) fn add(path: &str, names: &[String], limited: bool, operation: &mut Value) {
    let is_api = path.starts_with("/api/v1/");
    let replays = names.iter().any(|it| it == "Idempotency-Key");
    let has_pages = names.iter().any(|it| it == "cursor");
    let takes_cookie = operation["security"].as_array().into_iter().flatten().any(|it| it.get(COOKIE).is_some());
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if !response["$ref"].is_null() {
            continue;
        }
        let answers_json = !response["content"]["application/json"].is_null();
        let headers = &mut response["headers"];
        for (name, value) in of_failure(status).as_object().into_iter().flatten() {
            if limited || !name.starts_with("RateLimit") {
                headers[name] = value.clone();
            }
        }
        if !status.starts_with('2') {
            continue;
        }
        if status == "206" {
            let place = json!({"type": "string", "maxLength": 70, "pattern": "^bytes [0-9]+-[0-9]+/[0-9]+$"});
            headers["Content-Range"] = header("Which bytes these are, of how many.", place);
        }
        if matches!(status.as_str(), "201" | "202") && is_api {
            let address = json!({"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 2000});
            headers["Location"] = header("Address of what was made.", address);
        }
        if answers_json && is_api && !path.starts_with("/api/v1/auth/") {
            headers["ETag"] = entity_tag();
        }
        let shown = &response["content"]["application/json"]["schema"]["$ref"];
        if takes_cookie || *shown == "#/components/schemas/Session" {
            response["headers"]["Set-Cookie"] = reference("Set-Cookie");
        }
        let headers = &mut response["headers"];
        if replays {
            let schema = json!({"type": "string", "enum": ["true"]});
            headers["Idempotency-Replayed"] = header("There where this is the answer to an earlier request.", schema);
        }
        if has_pages {
            let links = json!({"type": "string", "minLength": 1, "maxLength": 5000});
            headers["Link"] = header("The neighbouring pages (RFC 8288).", links);
        }
    }
}
