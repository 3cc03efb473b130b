//! A request for every operation that takes a body, made of the document's own examples.

use std::sync::atomic::{AtomicU32, Ordering};

use cartwright::auth::rights::Role;
use serde_json::{Map, Value, json};

use crate::support::{Answer, Operation, Product, TestApp, operations, resolved};

/// An operation that takes JSON, with somebody who may call it and a body that is valid.
pub(super) struct Sample {
    pub(super) name: String,
    method: &'static str,
    path: String,
    client: crate::support::Client,
    pub(super) body: Value,
    /// Whether no body at all is none that is accepted.
    pub(super) needs_body: bool,
}

impl Sample {
    pub(super) fn send(&self, body: &Value) -> Answer {
        self.send_bytes("application/json", body.to_string().into_bytes())
    }

    pub(super) fn send_bytes(&self, content_type: &str, body: Vec<u8>) -> Answer {
        self.send_with(&[("Content-Type", content_type)], body)
    }

    pub(super) fn send_with(&self, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let key = format!("a-key-for-one-request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let request = self.client.request(self.method, &self.path).header("Idempotency-Key", &key);
        let request = request.header("If-Match", "*");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).body(body).send()
    }
}

/// One sample for each operation with a JSON body.
pub(super) fn samples(app: &TestApp) -> Vec<Sample> {
    app.open_for_business();
    let product = app.put(Product::named("Oak chair"));
    let buyer = app.buyer(&[(&product, 1)]);
    let (customer, staff) = (app.customer("sam"), app.staff(Role::Admin));
    let sample = |operation: Operation| {
        // What is wrong with one of its items is told of that item alone: it has tests of its own.
        if operation.path == "/api/v1/admin/products/bulk" {
            return None;
        }
        let schema = json_schema(&operation)?;
        let client = match operation.path {
            path if path.starts_with("/api/v1/admin") => (*staff).clone(),
            path if path.starts_with("/api/v1/me") => (*customer).clone(),
            path if path.starts_with("/api/v1/carts/") => buyer.client.clone(),
            _ if !operation.declared["security"][0]["bearer"].is_null() => (*customer).clone(),
            _ => app.client(),
        };
        let path = operation.path.replace("{cart_id}", &buyer.cart_id);
        let path = filled(&operation, path);
        let needs_body = operation.declared["requestBody"]["required"] == true;
        Some(Sample {
            name: operation.name(),
            method: operation.method,
            path,
            client,
            body: value_of(schema),
            needs_body,
        })
    };
    let samples: Vec<Sample> = operations().into_iter().filter_map(sample).collect();
    assert!(samples.len() > 10, "bodies are no longer found");
    samples
}

pub(in crate::api) fn json_schema(operation: &Operation) -> Option<&'static Value> {
    let body = operation.declared.get("requestBody").map(resolved)?;
    body["content"].get("application/json").map(|it| resolved(&it["schema"]))
}

/// Path parameters as their examples say.
fn filled(operation: &Operation, mut path: String) -> String {
    for parameter in operation.parameters("path") {
        let name = parameter["name"].as_str().expect("a name");
        let shown = parameter.get("example").cloned().unwrap_or_else(|| value_of(resolved(&parameter["schema"])));
        path = path.replace(&format!("{{{name}}}"), shown.as_str().unwrap_or("1"));
    }
    path
}

/// A value that a schema allows: its example, or the simplest one.
pub(in crate::api) fn value_of(schema: &'static Value) -> Value {
    let schema = resolved(schema);
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema["enum"].get(0))
    {
        return example.clone();
    }
    for name in ["allOf", "oneOf", "anyOf"] {
        let branches = schema[name].as_array().into_iter().flatten();
        if let Some(branch) = branches.map(resolved).find(|it| it["type"] != "null") {
            return value_of(branch);
        }
    }
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        only => only == kind,
    };
    if is("object") {
        let properties = schema["properties"].as_object().into_iter().flatten();
        return properties.map(|(name, inner)| (name.clone(), value_of(inner))).collect::<Map<_, _>>().into();
    }
    if is("array") {
        return json!([value_of(&schema["items"])]);
    }
    if is("integer") || is("number") {
        return schema["minimum"].as_i64().unwrap_or(1).into();
    }
    if is("boolean") { false.into() } else { "a text".into() }
}

/// The pointers of all leaves of a value: `/lines/0/quantity`.
pub(super) fn leaves(value: &Value) -> Vec<String> {
    let below = |name: &str, inner: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        leaves(inner).into_iter().map(move |it| format!("/{name}{it}")).collect::<Vec<_>>()
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().flat_map(|(name, it)| below(name, it)).collect()
        }
        Value::Array(entries) if !entries.is_empty() => {
            (0..).zip(entries).flat_map(|(place, it): (usize, _)| below(&place.to_string(), it)).collect()
        }
        _ => vec![String::new()],
    }
}

/// `body` with another value at a leaf.
pub(super) fn with(body: &Value, pointer: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("a leaf of this body") = value.into();
    body
}
