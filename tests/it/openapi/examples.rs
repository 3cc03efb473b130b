//! What the document shows is what it allows.

use cartwright::app::document;
use serde_json::{Value, json};

use super::{assert_none, schemas::walk};

#[test]
fn every_example_of_a_schema_is_valid_against_it() {
    let mut findings = Vec::new();
    walk(document(), "#", &mut |schema, pointer| {
        let shown = schema.get("example").into_iter().chain(schema["examples"].as_array().into_iter().flatten());
        for example in shown {
            findings.extend(wrong_with(schema, example).map(|it| format!("{pointer}: {example}: {it}")));
        }
    });
    assert_none(findings);
}

#[test]
fn every_example_of_a_body_or_a_parameter_is_valid_against_its_schema() {
    let mut findings = Vec::new();
    let mut count = 0;
    walk_holders(document(), "#", &mut |holder, pointer| {
        let named = holder["examples"].as_object().into_iter().flatten().map(|(_, it)| &it["value"]);
        for example in holder.get("example").into_iter().chain(named) {
            count += 1;
            findings.extend(wrong_with(&holder["schema"], example).map(|it| format!("{pointer}: {example}: {it}")));
        }
    });
    assert!(count > 10, "examples are no longer found");
    assert_none(findings);
}

/// Calls `look` for every object that has a schema: media types, parameters, headers.
fn walk_holders(value: &'static Value, pointer: &str, look: &mut impl FnMut(&'static Value, &str)) {
    match value {
        Value::Object(members) => {
            if members.get("schema").is_some_and(Value::is_object) {
                look(value, pointer);
            }
            for (name, inner) in members.iter().filter(|(name, _)| *name != "schema") {
                walk_holders(inner, &format!("{pointer}/{}", name.replace('/', "~1")), look);
            }
        }
        Value::Array(entries) => {
            for (place, inner) in entries.iter().enumerate() {
                walk_holders(inner, &format!("{pointer}/{place}"), look);
            }
        }
        _ => {}
    }
}

/// What a validator that knows nothing of ours says.
fn wrong_with(schema: &Value, example: &Value) -> Option<String> {
    let root = json!({"allOf": [schema], "components": document()["components"]});
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    let validator = options.build(&root).unwrap_or_else(|error| panic!("{schema}: {error}"));
    let errors: Vec<String> = validator.iter_errors(example).map(|it| it.to_string()).collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}
