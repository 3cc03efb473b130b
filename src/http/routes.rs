//! Which paths and methods there are: taken from the OpenAPI document, so that 404, 405 and `Allow` follow it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use actix_web::http::Method;
use serde_json::Value;

/// Pages outside the document, all for GET alone.
pub const PAGES: &[&str] = &["/", "/docs", "/docs/{file}", "/openapi.json", "/openapi.yaml"];

/// The template of the path that a request came by; `-` where there is none such. In the request's extensions, since
/// finding it takes as long as routing does.
#[derive(Debug, Clone)]
pub struct Matched(pub Arc<str>);

/// Known paths, as templates, with what each method takes.
pub struct RouteTable {
    paths: HashMap<String, BTreeMap<String, Operation>>,
}

/// What the edge has to know of one operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Whether the operation declares query parameters; its handler then checks them.
    pub takes_query: bool,
    /// Whether it answers JSON, so that `Accept` must admit it.
    pub answers_json: bool,
}

impl RouteTable {
    /// The routes of `document`, an OpenAPI document as JSON, and the [`PAGES`].
    pub fn new(document: &Value) -> Self {
        let mut paths = HashMap::new();
        for (template, item) in document["paths"].as_object().into_iter().flatten() {
            let operations = item.as_object().into_iter().flatten();
            let operations = operations.map(|(method, operation)| (method.to_uppercase(), facts(operation)));
            paths.insert(template.clone(), operations.collect::<BTreeMap<_, _>>());
        }
        for page in PAGES {
            let get = Operation { takes_query: false, answers_json: false };
            paths.insert((*page).to_owned(), BTreeMap::from([("GET".to_owned(), get)]));
        }
        Self { paths }
    }

    /// The operation at `template`, if the path and the method are known.
    pub fn operation(&self, template: &str, method: &Method) -> Option<Operation> {
        self.paths.get(template)?.get(method.as_str()).copied()
    }

    /// The methods of a known path, as `Allow` lists them.
    pub fn allow(&self, template: &str) -> Option<String> {
        let operations = self.paths.get(template)?;
        let mut methods: Vec<&str> = operations.keys().map(String::as_str).collect();
        if operations.contains_key("GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        Some(methods.join(", "))
    }
}

fn facts(operation: &Value) -> Operation {
    let parameters = operation["parameters"].as_array();
    let takes_query = parameters.into_iter().flatten().any(|it| it["in"] == "query");
    let mut media_types = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| response["content"].as_object().into_iter().flatten());
    Operation { takes_query, answers_json: media_types.any(|(media_type, _)| media_type == "application/json") }
}
