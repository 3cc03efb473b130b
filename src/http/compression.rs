//! Compressed answers, with an entity tag of their own.

use std::io::Write;

use actix_web::{
    body::BodySize,
    http::header::{self, HeaderMap, HeaderValue},
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};

use super::etag;

/// Below this a compressed body is hardly smaller than its headers.
const WORTHWHILE: u64 = 1024;

/// Whether `Accept-Encoding` admits gzip (RFC 9110, 12.5.3).
pub(super) fn accepts_gzip(value: Option<&HeaderValue>) -> bool {
    let Some(text) = value.and_then(|it| it.to_str().ok()) else { return false };
    let quality = |wanted: &str| {
        text.split(',').find_map(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let coding = pieces.next()?;
            let refused = pieces.any(|it| it.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
            coding.eq_ignore_ascii_case(wanted).then_some(!refused)
        })
    };
    quality("gzip").or_else(|| quality("*")).unwrap_or(false)
}

/// Whether a body of this size goes out compressed to those who take it so.
pub(super) fn is_worthwhile(size: BodySize, headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_text = ["json", "yaml", "html", "javascript", "css"].iter().any(|kind| text.contains(kind));
    let is_long = matches!(size, BodySize::Sized(length) if length >= WORTHWHILE);
    is_long && is_text && !headers.contains_key(header::CONTENT_ENCODING)
}

/// The body as gzip, with `Content-Encoding` and a corrected tag, where that is worthwhile.
pub(super) fn gzip(body: Bytes, headers: &mut HeaderMap) -> Bytes {
    if !is_worthwhile(BodySize::Sized(body.len() as u64), headers) {
        return body;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail; were it to, the plain body would do.
    let Ok(packed) = encoder.write_all(&body).and_then(|()| encoder.finish()) else { return body };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let tag = headers.get(header::ETAG).and_then(|it| it.to_str().ok()).map(|it| etag::with_coding(it, "gzip"));
    if let Some(tag) = tag.and_then(|it| HeaderValue::from_str(&it).ok()) {
        headers.insert(header::ETAG, tag);
    }
    packed.into()
}
