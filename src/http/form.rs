//! Bodies that are JSON or the fields of an HTML form: the same members, the same schema, texts alone.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{json, query};
use crate::error::{Code, Error, Result};

/// A body as JSON or as `application/x-www-form-urlencoded`, checked against the schema that the OpenAPI document
/// shows for `T`; one of a shopper's (`GUARDED`) is searched for card numbers first.
pub struct JsonOrForm<T, const GUARDED: bool = false>(pub T);

/// A shopper's JSON or form: a card number in it is refused before anything else is looked at.
pub type ShopperJsonOrForm<T> = JsonOrForm<T, true>;

impl<T: DeserializeOwned + ToSchema + 'static, const GUARDED: bool> FromRequest for JsonOrForm<T, GUARDED> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = is_form(request);
        let acceptable = if form { Ok(()) } else { json::require_json(request) };
        let coding = acceptable.and_then(|()| json::content_coding(request));
        let payload = payload.take();
        Box::pin(async move {
            let bytes = json::read_body(payload, coding?, json::BODY_LIMIT).await?;
            let tree = if form { tree(&bytes) } else { json::tree(&bytes) };
            json::read(tree?, GUARDED).map(Self)
        })
    }
}

fn is_form(request: &HttpRequest) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let value = value.to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    parts.next() == Some("application/x-www-form-urlencoded")
        && parts.all(|part| part.is_empty() || part == "charset=utf-8" || part == "charset=\"utf-8\"")
}

/// The form's fields as a tree.
fn tree(bytes: &[u8]) -> Result<Value> {
    let malformed = || Error::problem(Code::InvalidRequest, "The form is not percent-encoded UTF-8.");
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let mut members = Map::new();
    for (name, value) in query::pairs(text) {
        let (Ok(name), Ok(value)) = (name, value) else { return Err(malformed()) };
        if members.insert(name, value.into()).is_some() {
            return Err(Error::problem(Code::InvalidRequest, "A field of the form stands twice."));
        }
    }
    Ok(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, ToSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        #[schema(max_length = 10)]
        name: String,
        note: Option<String>,
        #[schema(minimum = 1)]
        count: Option<i32>,
    }

    async fn extracted(content_type: &str, body: &'static str) -> Result<Fields, &'static str> {
        let request = TestRequest::post().insert_header(("Content-Type", content_type)).set_payload(body);
        let (request, mut payload) = request.to_http_parts();
        let extracted = JsonOrForm::<Fields>::from_request(&request, &mut payload).await;
        extracted.map(|it| it.0).map_err(|error| error.code().map_or("", Code::as_str))
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[actix_web::test]
    async fn a_form_and_json_say_the_same() {
        let expected = Fields { name: "Ann É".to_owned(), note: Some("a&b+c".to_owned()), count: None };
        assert_eq!(extracted(FORM, "name=Ann+%C3%89&note=a%26b%2Bc").await.unwrap(), expected);
        let with_charset = "application/x-www-form-urlencoded; charset=UTF-8";
        assert_eq!(extracted(with_charset, "name=Ann%20%C3%89&note=a%26b%2Bc").await.unwrap(), expected);
        assert_eq!(extracted("application/json", r#"{"name":"Ann É","note":"a&b+c"}"#).await.unwrap(), expected);
    }

    #[actix_web::test]
    async fn a_form_is_checked_by_the_same_rules() {
        for (body, code) in [
            ("", "required"),
            ("name=01234567890", "too_long"),
            ("name=a&other=b", "unknown_field"),
            ("name=a%00b", "invalid_character"),
            ("name=a&count=1", "invalid_type"),
            ("name=a&name=b", "invalid_request"),
            ("name=%ff", "invalid_request"),
        ] {
            assert_eq!(extracted(FORM, body).await.unwrap_err(), code, "{body}");
        }
    }

    #[actix_web::test]
    async fn another_type_is_refused() {
        for content_type in
            ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded; charset=latin1", ""]
        {
            assert_eq!(
                extracted(content_type, "name=a").await.unwrap_err(),
                "unsupported_media_type",
                "{content_type}"
            );
        }
    }
}
