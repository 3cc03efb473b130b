//! The OpenAPI document: collected from the handlers, completed by rules that hold for all of them alike.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{query, rate_limit::policy_of};

mod components;
mod conditions;
mod headers;

pub use components::ProblemDocument;

/// Completes what the handlers declare, and remembers it.
pub fn complete(collected: &utoipa::openapi::OpenApi) -> Value {
    let mut document = json!(collected);
    components::add(&mut document);
    add_form_schemas(&mut document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    document["servers"][0]["x-internal"] = false.into();
    size_integers(&mut document);
    sort_tags(&mut document);
    drop_unused_components(&mut document);
    document
}

/// A form's fields are texts: where JSON may say null, a form leaves the field away. Its schema is the one for JSON
/// without the nulls.
fn add_form_schemas(document: &mut Value) {
    let mut forms = Vec::new();
    let operations = document["paths"].as_object_mut().into_iter().flatten().filter_map(|(_, it)| it.as_object_mut());
    for (_, operation) in operations.flatten() {
        let form = operation.pointer_mut("/requestBody/content/application~1x-www-form-urlencoded/schema/$ref");
        if let Some(Value::String(target)) = form {
            let name = target.rsplit('/').next().unwrap_or_default().to_owned();
            target.push_str("Form");
            forms.push(name);
        }
    }
    for name in forms {
        let mut schema = document["components"]["schemas"][&name].clone();
        for (_, member) in schema["properties"].as_object_mut().into_iter().flatten() {
            forbid_null(member);
        }
        document["components"]["schemas"][format!("{name}Form")] = schema;
    }
}

// Not by `[…]`, which would put a null where there is nothing.
fn forbid_null(schema: &mut Value) {
    if let Some(kinds) = schema.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|it| it != "null");
        if let [only] = kinds.as_slice() {
            schema["type"] = only.clone();
        }
    }
    for name in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get_mut(name).and_then(Value::as_array_mut) {
            choices.retain(|it| it["type"] != "null");
            if let [only] = choices.as_slice() {
                let only = only.clone();
                replace_choice(schema, name, only);
            }
        }
    }
}

/// Of several forms there is one only: it stands for itself.
fn replace_choice(schema: &mut Value, name: &str, only: Value) {
    if let (Some(members), Value::Object(only)) = (schema.as_object_mut(), only) {
        members.remove(name);
        members.extend(only);
    }
}

/// The document that is served, kept from the first time it was made.
pub fn served(make: impl FnOnce() -> Value) -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(make)
}

/// Adds to one operation the failures and headers that follow from what it declares.
fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let is_api = path.starts_with("/api/v1");
    let secured = operation["security"]
        .as_array()
        .is_some_and(|it| it.iter().any(|one| !one.as_object().is_none_or(Map::is_empty)));
    if operation["security"].is_null() {
        // Nobody need say who they are.
        operation["security"] = json!([{}]);
    }
    if path.starts_with("/api/v1/admin") {
        ask_for_staff(operation);
    }
    let limited = policy_of(&method.to_uppercase(), path).is_some();
    let has_body = !operation["requestBody"].is_null();
    // A body that may be left out is no null.
    if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json/schema") {
        forbid_null(body);
    }
    let names: Vec<String> = parameter_names(operation);
    limit_query_parameters(operation);
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
        ("429", limited),
        ("428", has("If-Match") && path.starts_with("/api/v1/admin")),
        ("413", has_body),
        ("415", has_body),
        ("416", !operation["responses"]["206"].is_null()),
        ("422", has_body || method == "post" && is_api),
    ] {
        if applies {
            statuses.push(status);
        }
    }
    for status in statuses {
        let responses = &mut operation["responses"];
        if responses[status].is_null() {
            responses[status] = json!({"$ref": format!("#/components/responses/{}", components::name_of(status))});
        }
    }
    add_problem_bodies(operation);
    headers::add(path, &names, limited, operation);
    conditions::add(method, operation);
}

/// The staff's tokens are of another kind than customers', though they are shown in the same way.
fn ask_for_staff(operation: &mut Value) {
    for way in operation["security"].as_array_mut().into_iter().flatten() {
        if let Some(scopes) = way.as_object_mut().and_then(|it| it.remove("bearer")) {
            way["staff"] = scopes;
        }
    }
}

/// Says of integers of no other size that 64 bits hold them.
fn size_integers(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(size_integers),
        Value::Object(members) => {
            let kind = members.get("type");
            let is_integer = kind
                .is_some_and(|it| it == "integer" || it.as_array().is_some_and(|it| it.contains(&"integer".into())));
            if is_integer && !members.contains_key("format") {
                members.insert("format".to_owned(), "int64".into());
            }
            members.values_mut().for_each(size_integers);
        }
        _ => {}
    }
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

/// Shows the limits that [`query`] sets on every text.
fn limit_query_parameters(operation: &mut Value) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["in"] == "query" {
            parameter["schema"] = query::limited(parameter["schema"].take());
            if parameter["schema"]["type"] == "object" {
                spread(parameter);
            }
        }
    }
}

/// Says of an object that its members stand in the query by themselves, and of the parameter what the object's schema
/// says of itself.
fn spread(parameter: &mut Value) {
    parameter["style"] = "form".into();
    parameter["explode"] = true.into();
    if let Some(schema) = parameter["schema"].as_object_mut()
        && let Some(description) = schema.remove("description")
    {
        parameter["description"] = description;
    }
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
