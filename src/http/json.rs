//! Strict JSON bodies, in two steps: bytes to a tree, then the tree against the type's own schema.

pub mod bulk;
mod tree;

use std::{io::Read, rc::Rc, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::{DeserializeOwned, DeserializeSeed as _};
use serde_json::Value;
use utoipa::ToSchema;

pub use tree::StrictTree;

use super::validate::{Finding, Rules};
use crate::{
    card_data::card_data_pointers,
    error::{Code, Error, MOST_VIOLATIONS, Problem, Result, Violation, member},
};

/// Bytes that a JSON body may have, counted after decompression.
pub const BODY_LIMIT: usize = 256 * 1024;
/// A body that takes longer than this is given up, and one that is larger than usual is when it arrives more slowly.
const BODY_TIME: Duration = Duration::from_secs(30);
/// Bytes in a second.
const SLOWEST: usize = 64 * 1024;

/// A JSON body, checked against the schema that the OpenAPI document shows for `T`; one of a shopper's (`GUARDED`) is
/// searched for card numbers first.
pub struct StrictJson<T, const GUARDED: bool = false> {
    /// The value.
    pub value: T,
    /// The body's bytes as they came, for the idempotency record.
    pub bytes: Bytes,
}

/// A shopper's JSON body: a card number in it is refused before anything else is looked at.
pub type ShopperJson<T> = StrictJson<T, true>;

impl<T: DeserializeOwned + ToSchema + 'static, const GUARDED: bool> FromRequest for StrictJson<T, GUARDED> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let coding = require_json(request).and_then(|()| content_coding(request));
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(payload, coding?, BODY_LIMIT).await?;
            Ok(Self { value: read(tree(&bytes)?, GUARDED)?, bytes })
        })
    }
}

/// A JSON body that may be left out where nothing is to be said: no bytes, whatever their type, are `T`'s default.
pub struct OptionalJson<T> {
    /// The value.
    pub value: T,
    /// The body's bytes as they came, for the idempotency record.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + Default + ToSchema + 'static> FromRequest for OptionalJson<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (json, coding) = (require_json(request), content_coding(request));
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(payload, coding?, BODY_LIMIT).await?;
            if bytes.is_empty() {
                return Ok(Self { value: T::default(), bytes });
            }
            json?;
            Ok(Self { value: read(tree(&bytes)?, false)?, bytes })
        })
    }
}

/// The empty body of a pure state change: nothing, or `{}`.
pub struct NoBody;

impl FromRequest for NoBody {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let coding = content_coding(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(payload, coding?, BODY_LIMIT).await?;
            match bytes.trim_ascii() {
                b"" => Ok(Self),
                body => match tree(body)? {
                    Value::Object(members) if members.is_empty() => Ok(Self),
                    Value::Object(members) => Err(Error::invalid(
                        members
                            .keys()
                            .take(MOST_VIOLATIONS)
                            .map(|name| {
                                Violation::at(member("#", name), Code::UnknownField, "There is no such member here.")
                            })
                            .collect(),
                    )),
                    _ => Err(malformed("The body must be empty.")),
                },
            }
        })
    }
}

/// Reads a tree as a `T`, or names everything that is wrong with it. A `guarded` one is searched for card numbers first,
/// which must never be sent here.
///
/// # Errors
/// 422 `card_data_refused` with the pointers of all offending members, `malformed_json` where it is not of the right
/// shape at all, else every violation, up to [`MOST_VIOLATIONS`].
pub(super) fn read<T: DeserializeOwned + ToSchema + 'static>(tree: Value, guarded: bool) -> Result<T> {
    let card_data = if guarded { card_data_pointers(&tree) } else { Vec::new() };
    if !card_data.is_empty() {
        let refuse = |pointer: String| Violation::at(pointer, Code::CardDataRefused, Code::CardDataRefused.about());
        return Err(Error::invalid(card_data.into_iter().map(refuse).collect()));
    }
    check::<T>(&tree, "#")?;
    made_of(tree)
}

/// A tree that has been checked, as a `T`.
fn made_of<T: DeserializeOwned>(tree: Value) -> Result<T> {
    // The schema holds: what serde still refuses is a rule that the type's own parser has and the schema lacks.
    serde_json::from_value(tree)
        .map_err(|error| Violation::at("#", Code::InvalidValue, format!("A value is not allowed: {error}.")).into())
}

/// Reads a tree that came in by another way than a request, as strictly as a body.
///
/// # Errors
/// As those of a body.
pub fn from_tree<T: DeserializeOwned + ToSchema + 'static>(tree: Value) -> Result<T> {
    read(tree, false)
}

/// A JSON text as a `T`.
#[cfg(test)]
pub(crate) fn parse<T: DeserializeOwned + ToSchema + 'static>(text: impl AsRef<[u8]>) -> Result<T> {
    read(tree(text.as_ref())?, false)
}

/// Checks a tree that stands at the pointer `at` of the body.
fn check<T: ToSchema + 'static>(tree: &Value, at: &str) -> Result<()> {
    let mut violations = Vec::new();
    for finding in Rules::of_body::<T>().check(tree) {
        match finding {
            Finding::ArrayForObject(pointer) => {
                let place = pointer.trim_start_matches('#');
                return Err(malformed(format!("At {at}{place} an array stands where an object belongs.")));
            }
            Finding::Violation(violation) => violations.push(violation),
        }
    }
    find_nul(tree, "#", &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(Error::invalid(violations).within(at)) }
}

/// PostgreSQL cannot keep U+0000 in text.
fn find_nul(tree: &Value, pointer: &str, violations: &mut Vec<Violation>) {
    if violations.len() >= MOST_VIOLATIONS {
        return;
    }
    let refuse = |pointer: &str| Violation::at(pointer, Code::InvalidCharacter, "No text may hold U+0000.");
    match tree {
        Value::String(text) if text.contains('\0') => violations.push(refuse(pointer)),
        Value::Array(entries) => {
            for (place, entry) in entries.iter().enumerate() {
                find_nul(entry, &format!("{pointer}/{place}"), violations);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if name.contains('\0') {
                    violations.push(refuse(pointer));
                }
                find_nul(value, &member(pointer, name), violations);
            }
        }
        _ => {}
    }
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::problem(Code::MalformedJson, detail)
}

/// The tree of a JSON text.
///
/// # Errors
/// `malformed_json` where it is none that is accepted here.
pub(super) fn tree(bytes: &[u8]) -> Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let tree = StrictTree::ROOT.deserialize(&mut deserializer).map_err(|error| malformed(sentence(&error)))?;
    deserializer.end().map_err(|error| malformed(sentence(&error)))?;
    Ok(tree)
}

fn sentence(error: &serde_json::Error) -> String {
    format!("The body is not acceptable JSON: {error}.")
}

pub(super) fn require_json(request: &HttpRequest) -> Result<()> {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else {
        return Err(unsupported("Send the body as `application/json`."));
    };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let merge_patch =
        media_type == "application/merge-patch+json" && request.method() == actix_web::http::Method::PATCH;
    let parameters_fit = parts.all(|part| part.is_empty() || part == "charset=utf-8" || part == "charset=\"utf-8\"");
    if (media_type == "application/json" || merge_patch) && parameters_fit {
        return Ok(());
    }
    Err(unsupported("Send the body as `application/json` in UTF-8."))
}

pub(super) fn unsupported(detail: &'static str) -> Error {
    Error::problem(Code::UnsupportedMediaType, detail)
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

pub(super) fn content_coding(request: &HttpRequest) -> Result<Coding> {
    let values: Rc<[_]> = request.headers().get_all(header::CONTENT_ENCODING).collect();
    match values.as_ref() {
        [] => Ok(Coding::Identity),
        [one] => match one.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "identity" | "" => Ok(Coding::Identity),
            "gzip" => Ok(Coding::Gzip),
            _ => Err(unsupported("A body may be compressed with `gzip` only.")),
        },
        _ => Err(unsupported("A body may be compressed once only.")),
    }
}

/// At most `limit` bytes, before and after decompression, so that a bomb unfolds no further.
pub(super) async fn read_body(mut payload: Payload, coding: Coding, limit: usize) -> Result<Bytes> {
    let too_large = || {
        Error::from(
            Problem::new(Code::PayloadTooLarge, format!("The body may have at most {limit} bytes.")).with("max", limit),
        )
    };
    let read = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| {
                Error::from(Problem::new(Code::InvalidRequest, format!("The body broke off: {error}.")))
            })?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let time = BODY_TIME.max(Duration::from_secs((limit / SLOWEST) as u64));
    let body = tokio::time::timeout(time, read)
        .await
        .map_err(|_| Error::problem(Code::InvalidRequest, "The body took too long to arrive."))??;
    if coding == Coding::Identity {
        return Ok(body.into());
    }
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(body.as_slice()).take(limit as u64 + 1);
    decoder.read_to_end(&mut unpacked).map_err(|_| malformed("The body is not valid gzip."))?;
    if unpacked.len() > limit { Err(too_large()) } else { Ok(unpacked.into()) }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, ToSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[schema(minimum = 1, maximum = 999)]
        quantity: i32,
        #[schema(max_length = 5)]
        note: Option<String>,
        inner: Option<Box<Inner>>,
    }

    #[derive(Debug, Deserialize, ToSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[schema(min_length = 1)]
        name: String,
    }

    fn codes(body: &str) -> Vec<(String, &'static str)> {
        match parse::<Line>(body) {
            Err(Error::Problem(problem)) if problem.errors.is_empty() => vec![(String::new(), problem.code.as_str())],
            Err(Error::Problem(problem)) => problem
                .errors
                .into_iter()
                .map(|it| match it.place {
                    crate::error::Place::Pointer(pointer) => (pointer, it.code.as_str()),
                    other => panic!("{other:?}"),
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_integer_may_be_written_with_a_fraction_of_zero_or_an_exponent() {
        for text in ["3", "3.0", "0.3e1", "30e-1"] {
            let line: Line = parse(format!(r#"{{"quantity":{text}}}"#)).unwrap();
            assert_eq!(line.quantity, 3, "{text}");
        }
    }

    #[test]
    fn all_violations_are_named_at_once() {
        let found = codes(r#"{"quantity":0,"note":"too long","other":1,"inner":{"name":"","x/y":2}}"#);
        let mut expected = vec![
            ("#/quantity".to_owned(), "out_of_range"),
            ("#/note".to_owned(), "too_long"),
            ("#/other".to_owned(), "unknown_field"),
            ("#/inner/name".to_owned(), "too_short"),
            ("#/inner/x~1y".to_owned(), "unknown_field"),
        ];
        let mut found = found;
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_missing_member_and_wrong_types_have_their_pointers() {
        assert_eq!(codes("{}"), [("#/quantity".to_owned(), "required")]);
        assert_eq!(codes(r#"{"quantity":"1"}"#), [("#/quantity".to_owned(), "invalid_type")]);
        assert_eq!(codes(r#"{"quantity":1.5}"#), [("#/quantity".to_owned(), "invalid_type")]);
        assert_eq!(codes(r#"{"quantity":9223372036854775808}"#), [("#/quantity".to_owned(), "out_of_range")]);
        assert_eq!(codes(r#"{"quantity":1,"inner":5}"#), [("#/inner".to_owned(), "invalid_type")]);
        assert_eq!(codes(r#"{"quantity":1,"inner":{}}"#), [("#/inner/name".to_owned(), "required")]);
        assert_eq!(codes(r#"{"quantity":1,"note":"\u0000"}"#), [("#/note".to_owned(), "invalid_character")]);
    }

    #[test]
    fn what_is_not_the_json_that_belongs_here_is_malformed() {
        let deep = format!(r#"{{"quantity":1,"note":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        for body in [
            "",
            "[7]",
            r#"{"quantity":1,"inner":["x"]}"#,
            r#"{"quantity":1,"quantity":1}"#,
            r#"{"quantity":1} x"#,
            r#"{"quantity":1e400}"#,
            r#"{"quantity":1,"note":"\ud800"}"#,
            r#"{"quantity":1"#,
            &deep,
        ] {
            assert_eq!(codes(body), [(String::new(), "malformed_json")], "{body}");
        }
        assert!(
            matches!(parse::<Line>(b"{\"quantity\":1,\"note\":\"\xff\"}"), Err(Error::Problem(it)) if it.code == Code::MalformedJson)
        );
    }
}
