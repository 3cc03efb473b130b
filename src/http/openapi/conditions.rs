//! What may be asked for in part, or only if it has changed: the conditions of reads, for the document.

use serde_json::{Value, json};

use super::headers;

/// The answer to who has seen already what there is.
pub(super) const NOT_MODIFIED: &str = "NotModified";

/// Says of a read whose answer has an entity tag that it may be asked for conditionally, and of one that is answered in
/// parts how those are asked for.
pub(super) fn add(method: &str, operation: &mut Value) {
    let has = |operation: &Value, pointer: &str| operation.pointer(pointer).is_some_and(|it| !it.is_null());
    let in_parts = has(operation, "/responses/206");
    if method != "get" || !(in_parts || has(operation, "/responses/200/headers/ETag")) {
        return;
    }
    for status in ["200", "206"] {
        if has(operation, &format!("/responses/{status}")) {
            let headers = &mut operation["responses"][status]["headers"];
            headers["ETag"] = headers::entity_tag();
            headers["Cache-Control"] = headers::reference("Cache-Control");
            if in_parts {
                let schema = json!({"type": "string", "enum": ["bytes"]});
                headers["Accept-Ranges"] = headers::header("That a range of its bytes can be had.", schema);
            }
        }
    }
    operation["responses"]["304"] = json!({"$ref": format!("#/components/responses/{NOT_MODIFIED}")});
    if operation["parameters"].is_null() {
        operation["parameters"] = json!([]);
    }
    let names = ["IfNoneMatch", "Range", "IfRange"];
    let names = if in_parts { names.as_slice() } else { &names[..1] };
    let references = names.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    operation["parameters"].as_array_mut().into_iter().for_each(|all| all.extend(references.clone()));
}

/// The shared answer.
pub(super) fn not_modified() -> Value {
    let mut headers = headers::of_failure("304");
    headers["ETag"] = headers::entity_tag();
    headers["Cache-Control"] = headers::reference("Cache-Control");
    json!({"description": "What there is is what `If-None-Match` names; there is no body.", "headers": headers})
}

/// The shared parameters, by name.
pub(super) fn parameters() -> Value {
    let tags = r#"^(\*|(W/)?"[!#-~]+"( *, *(W/)?"[!#-~]+")*)$"#;
    json!({
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "Entity tags of what the caller has seen. Where one of them is that of the answer, the answer is 304 without a body.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": tags},
            "example": "\"k3m9x2ab7c0d5e8f1g4h6j2k9m\""
        },
        "Range": {
            "name": "Range", "in": "header", "required": false,
            "description": "One range of bytes (RFC 9110, section 14), to go on with a download. Several at once, and what cannot be read, are answered by the whole.",
            "schema": {"type": "string", "minLength": 7, "maxLength": 60, "pattern": "^bytes=([0-9]+-[0-9]*|-[0-9]+)$"},
            "example": "bytes=1024-"
        },
        "IfRange": {
            "name": "If-Range", "in": "header", "required": false,
            "description": "The entity tag of the whole of which the caller has a part. Where it is another, the answer is the whole.",
            "schema": {"type": "string", "minLength": 3, "maxLength": 100, "pattern": r#"^"[!#-~]+"$"#},
            "example": "\"k3m9x2ab7c0d5e8f1g4h6j2k9m\""
        }
    })
}
