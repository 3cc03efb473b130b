//! The OpenAPI document, as tests walk through it.

use cartwright::app::document;
use serde_json::Value;

/// One operation of the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// In upper case.
    pub(crate) method: &'static str,
    /// As a template: `/api/v1/products/{id_or_slug}`.
    pub(crate) path: &'static str,
    pub(crate) declared: &'static Value,
}

/// All operations, in the order of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let paths = document()["paths"].as_object().expect("paths");
    let methods = [("get", "GET"), ("put", "PUT"), ("post", "POST"), ("patch", "PATCH"), ("delete", "DELETE")];
    let of_path = |(path, item): (&'static String, &'static Value)| {
        let declared = methods.into_iter().filter_map(move |(name, method)| Some((method, item.get(name)?)));
        declared.map(move |(method, declared)| Operation { method, path, declared })
    };
    paths.iter().flat_map(of_path).collect()
}

/// What `$ref` leads to, or the value itself.
pub(crate) fn resolved(value: &'static Value) -> &'static Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let pointer = reference.strip_prefix('#').expect("a reference within the document");
    resolved(document().pointer(pointer).unwrap_or_else(|| panic!("nothing stands at {reference}")))
}

impl Operation {
    /// `GET /api/v1/products`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The declared parameters of a place: `path`, `query` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> Vec<&'static Value> {
        let all = self.declared["parameters"].as_array().into_iter().flatten().map(resolved);
        all.filter(|it| it["in"] == place).collect()
    }

    /// The path with `text` in place of each parameter.
    pub(crate) fn path_with(&self, text: &str) -> String {
        let mut path = String::new();
        for (place, part) in self.path.split(['{', '}']).enumerate() {
            path.push_str(if place % 2 == 0 { part } else { text });
        }
        path
    }
}
