//! No text, number or list without a limit.

use cartwright::app::document;
use serde_json::Value;

use super::{assert_none, schemas::walk};

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
