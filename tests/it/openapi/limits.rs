//! No text, number or list without a limit.

use cartwright::app::document;
use serde_json::Value;

use super::assert_none;

#[test]
fn every_text_number_and_list_has_its_limits() {
    let mut findings = Vec::new();
    walk(document(), "#", &mut |schema, pointer| {
        for missing in missing_limits(schema) {
            findings.push(format!("{pointer}: no {missing}"));
        }
    });
    assert_none(findings);
}

/// Calls `look` for every schema: what stands in `components/schemas`, and below each member named `schema`.
pub(super) fn walk(value: &'static Value, pointer: &str, look: &mut impl FnMut(&'static Value, &str)) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let below = format!("{pointer}/{}", name.replace('/', "~1"));
                if name == "schema" {
                    walk_schema(inner, &below, look);
                } else if pointer == "#/components" && name == "schemas" {
                    for (name, schema) in inner.as_object().into_iter().flatten() {
                        walk_schema(schema, &format!("{below}/{name}"), look);
                    }
                } else if name != "example" && name != "examples" {
                    walk(inner, &below, look);
                }
            }
        }
        Value::Array(entries) => {
            for (place, inner) in entries.iter().enumerate() {
                walk(inner, &format!("{pointer}/{place}"), look);
            }
        }
        _ => {}
    }
}

fn walk_schema(schema: &'static Value, pointer: &str, look: &mut impl FnMut(&'static Value, &str)) {
    look(schema, pointer);
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        walk_schema(inner, &format!("{pointer}/properties/{name}"), look);
    }
    for name in ["items", "additionalProperties", "propertyNames", "not"] {
        if schema[name].is_object() {
            walk_schema(&schema[name], &format!("{pointer}/{name}"), look);
        }
    }
    for name in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for (place, inner) in schema[name].as_array().into_iter().flatten().enumerate() {
            walk_schema(inner, &format!("{pointer}/{name}/{place}"), look);
        }
    }
}

fn missing_limits(schema: &Value) -> Vec<&'static str> {
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        only => only == kind,
    };
    if !schema["enum"].is_null() || !schema["const"].is_null() {
        return Vec::new();
    }
    let wanted: [(bool, &[&str]); 4] = [
        (is("string"), &["maxLength"]),
        (is("integer") || is("number"), &["minimum", "maximum"]),
        (is("array"), &["maxItems"]),
        (schema["additionalProperties"].is_object(), &["maxProperties"]),
    ];
    let needed = wanted.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, limits)| limits);
    needed.filter(|limit| schema[**limit].is_null()).copied().collect()
}
