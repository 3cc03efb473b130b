//! The OpenAPI document: the one that is committed, complete, and true of its own examples.

mod examples;
mod limits;
mod schemas;

use std::collections::BTreeSet;

use cartwright::{app::document, pages::document_as_yaml};
use serde_json::{Value, json};

use crate::support::{Operation, operations, resolved};

/// Fails with all that was found, a line each.
#[track_caller]
fn assert_none(findings: Vec<String>) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let made = document_as_yaml().unwrap();
    let differs = committed.lines().zip(made.lines()).position(|(one, other)| one != other);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(made.lines().count())) + 1;
    assert!(committed == made, "openapi.yaml is old from line {line} on: cargo run -- openapi > openapi.yaml");
}

#[test]
fn every_operation_says_what_it_does() {
    let tags: BTreeSet<&str> =
        document()["tags"].as_array().expect("tags").iter().filter_map(|it| it["name"].as_str()).collect();
    let mut findings = Vec::new();
    for operation in operations() {
        let mut require = |holds: bool, what: &str| {
            if !holds {
                findings.push(format!("{}: {what}", operation.name()));
            }
        };
        let text = |member: &str| operation.declared[member].as_str().unwrap_or_default();
        require(!text("summary").is_empty(), "no summary");
        require(!text("summary").ends_with('.') && !text("summary").contains('\n'), "the summary is not one line");
        require(text("description").ends_with('.'), "no description in sentences");
        let own: Vec<&str> =
            operation.declared["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        require(!own.is_empty() && own.iter().all(|it| tags.contains(it)), "no tag, or one that is not described");
        require(operation.declared["security"].is_array(), "no explicit security");
        for parameter in operation.declared["parameters"].as_array().into_iter().flatten().map(resolved) {
            let described = parameter["description"].as_str().is_some_and(|it| it.ends_with('.'));
            require(described, &format!("the parameter {} is not described", parameter["name"]));
        }
    }
    assert_none(findings);
}

/// The text of all sources.
fn sources() -> String {
    let sources = glob::glob(concat!(env!("CARGO_MANIFEST_DIR"), "/src/**/*.rs")).unwrap().flatten();
    sources.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn an_operation_shows_a_body_where_its_handler_takes_one() {
    let sources = sources();
    let mut findings = Vec::new();
    for operation in operations() {
        let id = operation.declared["operationId"].as_str().unwrap_or_default();
        let (_, handler) = sources.split_once(&format!("async fn {id}(")).expect("a handler");
        let (arguments, _) = handler.split_once("->").expect("a result");
        let takes = ["StrictJson<", "OptionalJson<", "ShopperJson<", "JsonOrForm<", "Upload<", "BulkJson"]
            .iter()
            .any(|it| arguments.contains(it));
        if takes == operation.declared["requestBody"].is_null() {
            findings.push(format!("{}: takes a body: {takes}", operation.name()));
        }
    }
    assert_none(findings);
}

#[test]
fn an_operation_is_named_like_its_handler() {
    let sources = sources();
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for operation in operations() {
        let id = operation.declared["operationId"].as_str().unwrap_or_default();
        let well_formed = id.split('_').count() >= 2 && id.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        if !well_formed || !sources.contains(&format!("async fn {id}(")) {
            findings.push(format!("{}: `{id}` is no handler named <verb>_<resource>", operation.name()));
        }
        if !seen.insert(id) {
            findings.push(format!("{}: `{id}` is taken", operation.name()));
        }
    }
    assert_none(findings);
}

#[test]
fn every_operation_declares_its_successes_and_its_failures() {
    let mut findings = Vec::new();
    for operation in operations() {
        let responses = operation.declared["responses"].as_object().expect("responses");
        if !responses.keys().any(|it| it.starts_with('2')) {
            findings.push(format!("{}: no success", operation.name()));
        }
        for status in expected_failures(&operation) {
            if !responses.contains_key(status) {
                findings.push(format!("{}: no {status}", operation.name()));
            }
        }
        for (status, response) in responses {
            let response = resolved(response);
            let fails = status.starts_with('4') || status.starts_with('5');
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            if fails && problem != "#/components/schemas/Problem" {
                findings.push(format!("{}: {status} is no problem document", operation.name()));
            }
            if response["description"].as_str().is_none_or(|it| it.is_empty()) {
                findings.push(format!("{}: {status} is not described", operation.name()));
            }
        }
    }
    assert_none(findings);
}

/// What an operation may always answer, by what it takes.
fn expected_failures(operation: &Operation) -> Vec<&'static str> {
    let has_body = !operation.declared["requestBody"].is_null();
    let secured = operation.declared["security"].as_array().is_some_and(|it| it.iter().any(|way| *way != json!({})));
    let header = |name: &str| operation.parameters("header").iter().any(|it| it["name"] == name);
    let rules = [
        ("400", true),
        ("500", true),
        ("503", true),
        ("401", secured),
        ("404", operation.path.contains('{')),
        ("409", header("Idempotency-Key")),
        ("412", header("If-Match") && operation.path.starts_with("/api/v1/admin")),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body),
        ("429", operation.path.starts_with("/api/v1/") && !operation.path.starts_with("/api/v1/images/")),
    ];
    rules.into_iter().filter(|(_, applies)| *applies).map(|(status, _)| status).collect()
}

#[test]
fn a_read_with_a_tag_says_how_it_is_asked_for_conditionally_and_in_parts() {
    let of = |path: &str| operations().into_iter().find(|it| it.method == "GET" && it.path == path).unwrap();
    for (path, names) in [
        ("/api/v1/products", &["If-None-Match"][..]),
        ("/api/v1/admin/attributes", &["If-None-Match"]),
        ("/api/v1/images/{image_id}/{hash}/{file}", &["If-None-Match", "Range", "If-Range"]),
    ] {
        let operation = of(path);
        let asked: Vec<&str> = operation.parameters("header").iter().filter_map(|it| it["name"].as_str()).collect();
        assert_eq!(asked, names, "{path}");
        let of_status = |status: &str| resolved(&operation.declared["responses"][status])["headers"].clone();
        for status in ["200", "304"] {
            for name in ["ETag", "Cache-Control"] {
                assert!(of_status(status)[name].is_object(), "{path}: {name} of {status}");
            }
        }
        assert_eq!(of_status("200")["Accept-Ranges"].is_object(), names.len() > 1, "{path}");
    }
    assert!(of("/health/live").declared["responses"]["304"].is_null());
}
