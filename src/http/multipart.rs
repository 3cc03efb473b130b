//! Uploads: `multipart/form-data` (RFC 7578) with one file and the fields beside it.

use std::convert::Infallible;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes};
use futures_util::{
    future::{LocalBoxFuture, ready},
    stream,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::json;
use crate::error::{Code, Error, Problem, Result};

/// The most bytes of a file.
pub const FILE_LIMIT: usize = 10 * 1024 * 1024;
/// What stands around the file: boundaries, headers and the other fields.
const AROUND_THE_FILE: usize = 64 * 1024;
/// The field of the file.
const FILE: &str = "file";

/// A file and the fields beside it, checked against the schema that the OpenAPI document shows for `T`. `T` has a member
/// `file` of the type [`FilePart`]; its other members are texts.
pub struct Upload<T> {
    /// The bytes of the file.
    pub file: Bytes,
    /// The fields.
    pub fields: T,
}

/// Stands for the file among the fields: `#[schema(value_type = String, format = Binary)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct FilePart;

impl From<String> for FilePart {
    fn from(_: String) -> Self {
        Self
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Upload<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = boundary(request).and_then(|boundary| Ok((boundary, json::content_coding(request)?)));
        let payload = payload.take();
        Box::pin(async move {
            let (boundary, coding) = form?;
            let bytes = json::read_body(payload, coding, FILE_LIMIT + AROUND_THE_FILE).await?;
            let (file, members) = parts(bytes, boundary).await?;
            Ok(Self { fields: json::read(Value::Object(members), false)?, file })
        })
    }
}

fn boundary(request: &HttpRequest) -> Result<String> {
    let mut values = request.headers().get_all(header::CONTENT_TYPE);
    let value = values.next().filter(|_| values.next().is_none()).and_then(|it| it.to_str().ok());
    value
        .and_then(|text| multer::parse_boundary(text).ok())
        .ok_or_else(|| json::unsupported("Send the file as `multipart/form-data`, with a boundary."))
}

/// The file, and all fields as a tree, in which an empty text stands for the file.
async fn parts(bytes: Bytes, boundary: String) -> Result<(Bytes, Map<String, Value>)> {
    let body = stream::once(ready(Ok::<_, Infallible>(bytes)));
    let mut form = multer::Multipart::new(body, boundary);
    let (mut file, mut members) = (Bytes::new(), Map::new());
    while let Some(part) = form.next_field().await.map_err(|error| malformed(&error))? {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(refused("A part of the form has no name."));
        };
        let content = part.bytes().await.map_err(|error| malformed(&error))?;
        let value = if name == FILE {
            file = content;
            String::new()
        } else {
            String::from_utf8(content.into()).map_err(|_| refused("A field of the form is not in UTF-8."))?
        };
        if members.insert(name, value.into()).is_some() {
            return Err(refused("A field of the form stands twice."));
        }
    }
    if file.len() > FILE_LIMIT {
        let detail = format!("The file may have at most {FILE_LIMIT} bytes.");
        return Err(Problem::new(Code::PayloadTooLarge, detail).with("max", FILE_LIMIT).into());
    }
    Ok((file, members))
}

fn malformed(error: &multer::Error) -> Error {
    Error::problem(Code::InvalidRequest, format!("The body is not a form of several parts: {error}."))
}

fn refused(detail: &'static str) -> Error {
    Error::problem(Code::InvalidRequest, detail)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[derive(Debug, Deserialize, ToSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        #[schema(value_type = String, format = Binary)]
        file: FilePart,
        #[schema(max_length = 10)]
        note: Option<String>,
    }

    async fn extracted(content_type: &str, body: impl Into<Bytes>) -> Result<(Vec<u8>, Option<String>), &'static str> {
        let request = TestRequest::post().insert_header(("Content-Type", content_type)).set_payload(body);
        let (request, mut payload) = request.to_http_parts();
        let extracted = Upload::<Fields>::from_request(&request, &mut payload).await;
        let extracted = extracted.map_err(|error| error.code().map_or("", Code::as_str))?;
        Ok((extracted.file.to_vec(), extracted.fields.note))
    }

    const FORM: &str = "multipart/form-data; boundary=b";

    fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
        let head = format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    }

    fn form(parts: &[Vec<u8>]) -> Vec<u8> {
        [parts.concat(), b"--b--\r\n".to_vec()].concat()
    }

    #[actix_web::test]
    async fn a_file_comes_with_the_fields_beside_it() {
        let file = part("name=\"file\"; filename=\"../../etc/a.png\"", b"\xff\x00\r\n--c");
        let body = form(&[file.clone(), part("name=\"note\"", "é".as_bytes())]);
        assert_eq!(extracted(FORM, body).await, Ok((b"\xff\x00\r\n--c".to_vec(), Some("é".to_owned()))));
        assert_eq!(extracted(FORM, form(&[file])).await, Ok((b"\xff\x00\r\n--c".to_vec(), None)));
    }

    #[actix_web::test]
    async fn what_is_no_such_form_is_refused() {
        let file = || part("name=\"file\"; filename=\"a.png\"", b"x");
        for (body, code) in [
            (form(&[]), "required"),
            (form(&[part("name=\"note\"", b"x")]), "required"),
            (form(&[file(), file()]), "invalid_request"),
            (form(&[file(), part("name=\"note\"", b"01234567890")]), "too_long"),
            (form(&[file(), part("name=\"note\"", b"\xff")]), "invalid_request"),
            (form(&[file(), part("name=\"note\"", b"a\0b")]), "invalid_character"),
            (form(&[file(), part("name=\"other\"", b"x")]), "unknown_field"),
            (form(&[part("filename=\"a.png\"", b"x")]), "invalid_request"),
            (file(), "invalid_request"),
            (b"--b\r\n".to_vec(), "invalid_request"),
            (Vec::new(), "invalid_request"),
            (form(&[part("name=\"file\"", &vec![0; FILE_LIMIT + 1])]), "payload_too_large"),
            (form(&[part("name=\"file\"", &vec![0; FILE_LIMIT + AROUND_THE_FILE])]), "payload_too_large"),
        ] {
            let begin = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            assert_eq!(extracted(FORM, body).await, Err(code), "{begin}");
        }
    }

    #[actix_web::test]
    async fn another_type_is_refused() {
        for content_type in ["application/json", "multipart/form-data", "multipart/mixed; boundary=b", "image/png", ""]
        {
            let answer = extracted(content_type, form(&[part("name=\"file\"", b"x")])).await;
            assert_eq!(answer, Err("unsupported_media_type"), "{content_type}");
        }
    }
}
