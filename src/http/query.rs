//! Strict query strings: the parameters that the OpenAPI document shows, each at most once, each of its type.

use std::{
    future::{Ready, ready},
    sync::LazyLock,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::validate::{Finding, OfTypes, Rules};
use crate::error::{Code, Error, Place, Result, Violation};

/// The most characters of a text, or of each entry of a list, that has no limit of its own.
const LONGEST_TEXT: usize = 500;

/// The query of a request, checked against the parameters declared by `T`.
pub struct StrictQuery<T>(pub T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for StrictQuery<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse::<T>(request.query_string()).map(Self))
    }
}

/// What a route's query may hold.
struct Parameters {
    declared: Vec<Declared>,
    rules: Rules,
}

/// A parameter as the document declares it.
struct Declared {
    name: String,
    kind: Kind,
}

/// How the text of a parameter is read, by the JSON type that its schema names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Its members stand in the query by themselves (`style: form`, `explode: true`).
    Object,
    List,
    Integer,
    Boolean,
    Text,
}

impl Parameters {
    fn of(declared: &[Parameter]) -> Self {
        let rules = Rules::new(&schema(declared));
        let declared = declared.iter().map(|it| Declared { name: it.name.clone(), kind: Kind::of(&json!(it.schema)) });
        Self { declared: declared.collect(), rules }
    }
}

impl Declared {
    /// Whether a name is that of a member of the object, as `attr.color` is of `attr`.
    fn has_member(&self, name: &str) -> bool {
        name.strip_prefix(self.name.as_str()).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl Kind {
    fn of(schema: &Value) -> Self {
        let is = |name: &str| match &schema["type"] {
            Value::Array(types) => types.iter().any(|it| it == name),
            only => only == name,
        };
        let kinds =
            [("object", Self::Object), ("array", Self::List), ("integer", Self::Integer), ("boolean", Self::Boolean)];
        kinds.into_iter().find(|(name, _)| is(name)).map_or(Self::Text, |(_, kind)| kind)
    }

    /// The text as a value of this kind; text that is none of it stays text and is refused.
    fn read(self, text: String) -> Value {
        match self {
            Self::List => text.split(',').map(Value::from).collect(),
            Self::Integer => {
                let plain = text.strip_prefix('-').unwrap_or(&text).bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<i64>().ok().filter(|_| plain).map_or(Value::String(text), Value::from)
            }
            Self::Boolean if text == "true" => true.into(),
            Self::Boolean if text == "false" => false.into(),
            Self::Boolean | Self::Text | Self::Object => text.into(),
        }
    }
}

/// Reads a query string as a `T`, or names everything that is wrong with it.
///
/// # Errors
/// 400 with every violation, up to [`MOST_VIOLATIONS`](crate::error::MOST_VIOLATIONS).
pub fn parse<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T> {
    static KNOWN: LazyLock<OfTypes<Parameters>> = LazyLock::new(OfTypes::default);
    let Parameters { declared, rules } =
        &*KNOWN.of::<T>(|| Parameters::of(&T::into_params(|| Some(ParameterIn::Query))));
    let mut violations = Vec::new();
    let mut tree = Map::new();
    for (name, text) in pairs(query) {
        let (Ok(name), Ok(text)) = (name, text) else {
            violations.push(invalid("query", "The query is not percent-encoded UTF-8."));
            continue;
        };
        let Some(parameter) = declared.iter().find(|it| it.name == name && it.kind != Kind::Object) else {
            match declared.iter().find(|it| it.kind == Kind::Object && it.has_member(&name)) {
                Some(object) => add_member(&mut tree, &object.name, name, text, &mut violations),
                None => violations.push(unknown(name, "This route takes no such parameter.")),
            }
            continue;
        };
        if text.contains('\0') {
            violations.push(invalid(name, "No text may hold U+0000."));
        } else if tree.contains_key(&name) {
            violations.push(unknown(name, "A parameter may be given once only; a list is separated by commas."));
        } else {
            let value = parameter.kind.read(text);
            tree.insert(name, value);
        }
    }
    let tree = Value::Object(tree);
    violations.extend(rules.check(&tree).into_iter().map(in_parameter));
    if !violations.is_empty() {
        return Err(Error::bad_request(violations));
    }
    serde_json::from_value(tree).map_err(|error| invalid("query", format!("The query is not allowed: {error}.")).into())
}

/// Refuses every parameter, for routes that take none.
///
/// # Errors
/// 400 with one violation for each.
pub fn require_none(query: &str) -> Result<()> {
    let violations: Vec<Violation> = pairs(query)
        .map(|(name, _)| unknown(name.unwrap_or_else(|()| "query".to_owned()), "This route takes no such parameter."))
        .collect();
    if violations.is_empty() { Ok(()) } else { Err(Error::bad_request(violations)) }
}

/// Refuses a range that ends before it begins; either end may be open.
///
/// # Errors
/// 400 `invalid_parameter`, which names the parameter of the end.
pub fn in_order<T: PartialOrd>(from: (&str, Option<T>), to: (&str, Option<T>)) -> Result<()> {
    match (from, to) {
        ((begin, Some(least)), (end, Some(most))) if least > most => {
            Err(invalid(end, format!("The range ends before it begins: `{end}` lies before `{begin}`.")).into())
        }
        _ => Ok(()),
    }
}

pub(super) type Decoded = Result<String, ()>;

pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Decoded, Decoded)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> Decoded {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8().map(|text| text.into_owned()).map_err(|_| ())
}

fn unknown(name: impl Into<String>, detail: &'static str) -> Violation {
    Violation::in_parameter(name, Code::UnknownParameter, detail)
}

fn invalid(name: impl Into<String>, detail: impl Into<std::borrow::Cow<'static, str>>) -> Violation {
    Violation::in_parameter(name, Code::InvalidParameter, detail)
}

fn add_member(
    tree: &mut Map<String, Value>,
    object: &str,
    name: String,
    text: String,
    violations: &mut Vec<Violation>,
) {
    let members = tree.entry(object).or_insert_with(|| json!({}));
    if members.get(&name).is_some() {
        violations.push(unknown(name, "A parameter may be given once only; a list is separated by commas."));
    } else {
        members[&name] = text.into();
    }
}

/// The schema of a query parameter with the limits of all of them, where it has none that are narrower.
pub(super) fn limited(mut schema: Value) -> Value {
    let is = |schema: &Value, kind: &str| schema["type"] == kind || schema["type"][0] == kind;
    if is(&schema, "array") {
        schema["minItems"] = 1.into();
        // A comma ends the entry that it stands in.
        schema["items"] = limited_text(schema["items"].take(), 1, "^[^\\u0000,]+$");
        schema
    } else if is(&schema, "string") {
        limited_text(schema, 0, "^[^\\u0000]*$")
    } else {
        schema
    }
}

fn limited_text(mut schema: Value, shortest: usize, pattern: &str) -> Value {
    if let Some(members) = schema.as_object_mut().filter(|it| !it.contains_key("enum")) {
        members.entry("minLength").or_insert(shortest.into());
        members.entry("maxLength").or_insert(LONGEST_TEXT.into());
        members.entry("pattern").or_insert(pattern.into());
    }
    schema
}

fn schema(declared: &[Parameter]) -> Value {
    let properties: Map<String, Value> =
        declared.iter().map(|it| (it.name.clone(), limited(json!(it.schema)))).collect();
    let required: Vec<&str> = declared
        .iter()
        .filter(|it| matches!(it.required, utoipa::openapi::Required::True))
        .map(|it| it.name.as_str())
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// The same finding, named by its parameter rather than by a pointer.
fn in_parameter(finding: Finding) -> Violation {
    let violation = match finding {
        Finding::Violation(violation) => violation,
        Finding::ArrayForObject(pointer) => Violation::at(pointer, Code::InvalidParameter, "This is not allowed."),
    };
    let Place::Pointer(pointer) = &violation.place else { return violation };
    // The member of an object is a parameter by itself.
    let name = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    let code = if violation.code == Code::Required { Code::Required } else { Code::InvalidParameter };
    Violation { place: Place::Parameter(name.to_owned()), code, ..violation }
}
