//! Every schema of the document.

use serde_json::Value;

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
