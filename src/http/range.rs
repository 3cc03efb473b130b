//! A part of a body (RFC 9110, section 14), so that a download that broke off goes on where it was.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ByteRangeSpec, ContentRange, ContentRangeSpec, Range},
    },
    web::Bytes,
};

use super::{etag, header::only};
use crate::error::{Code, Error, Problem, Result};

/// The whole of `bytes`, or the one range of them that the request asks for. Several ranges at once are answered by the
/// whole, and so is one that cannot be read or that `If-Range` makes void.
///
/// `tag` is the entity tag of the whole, which the answer carries.
///
/// # Errors
/// 416 `range_not_satisfiable` where the range begins behind the last byte.
pub fn answer(request: &HttpRequest, content_type: &str, tag: String, bytes: Vec<u8>) -> Result<HttpResponse> {
    let asked = asked(request).filter(|_| still_holds(request, &tag));
    let part = asked.map(|asked| part(&asked, bytes.len() as u64)).transpose()?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_TYPE, content_type));
    let Some((first, last)) = part else { return Ok(response.body(bytes)) };
    let instance_length = Some(bytes.len() as u64);
    let place = ContentRange(ContentRangeSpec::Bytes { range: Some((first, last)), instance_length });
    // Both lie within bytes that are in memory.
    let body = Bytes::from(bytes).slice(first as usize..=last as usize);
    Ok(response.status(StatusCode::PARTIAL_CONTENT).insert_header(place).body(body))
}

/// The one range of the request, where it has one that can be read.
fn asked(request: &HttpRequest) -> Option<ByteRangeSpec> {
    // The parser leaves out those of several ranges that it cannot read.
    let text = only(request.headers(), header::RANGE).filter(|it| !it.contains(','))?;
    let Ok(Range::Bytes(ranges)) = text.parse() else { return None };
    ranges.into_iter().next().filter(|it| !matches!(it, ByteRangeSpec::FromTo(first, last) if first > last))
}

/// Whether the conditions of the request leave its range in force: what the caller has seen already (`If-None-Match`) is
/// not sent in parts either, and what it holds the beginning of (`If-Range`) must be this very body.
fn still_holds(request: &HttpRequest, tag: &str) -> bool {
    let headers = request.headers();
    let has_seen = only(headers, header::IF_NONE_MATCH).is_some_and(|seen| etag::none_match_hits(seen, tag));
    let is_the_same = !headers.contains_key(header::IF_RANGE) || only(headers, header::IF_RANGE) == Some(tag);
    !has_seen && is_the_same
}

/// First and last byte of the range.
fn part(asked: &ByteRangeSpec, length: u64) -> Result<(u64, u64), Error> {
    asked.to_satisfiable_range(length).ok_or_else(|| {
        Problem::new(Code::RangeNotSatisfiable, format!("There are {length} bytes.")).with("length", length).into()
    })
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError, body::MessageBody, test::TestRequest};

    use super::*;

    const TAG: &str = "\"abc\"";

    /// Status, `Content-Range` and body of ten digits for a request with these headers.
    fn answered(headers: &[(&'static str, &str)]) -> (u16, String, String) {
        let request = headers.iter().fold(TestRequest::get(), |request, header| request.append_header(*header));
        let response = match answer(&request.to_http_request(), "text/plain", TAG.to_owned(), b"0123456789".to_vec()) {
            Ok(response) => response,
            Err(error) => return (error.status_code().as_u16(), String::new(), String::new()),
        };
        let place = response.headers().get("content-range").map(|it| it.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = response.into_body().try_into_bytes().unwrap();
        (status, place.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
    }

    fn part_of(status: u16, place: &str, body: &str) -> (u16, String, String) {
        (status, place.to_owned(), body.to_owned())
    }

    #[test]
    fn a_range_is_answered_by_its_bytes() {
        for (range, place, body) in [
            ("bytes=0-0", "bytes 0-0/10", "0"),
            ("bytes=2-5", "bytes 2-5/10", "2345"),
            ("bytes=7-", "bytes 7-9/10", "789"),
            ("bytes=7-999", "bytes 7-9/10", "789"),
            ("bytes=-3", "bytes 7-9/10", "789"),
            ("bytes=-99", "bytes 0-9/10", "0123456789"),
        ] {
            assert_eq!(answered(&[("Range", range)]), part_of(206, place, body), "{range}");
        }
    }

    #[test]
    fn a_range_behind_the_end_is_refused() {
        for range in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=18446744073709551615-"] {
            assert_eq!(answered(&[("Range", range)]).0, 416, "{range}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_more_than_one_range_has_the_whole() {
        let whole = part_of(200, "", "0123456789");
        for range in ["bytes=5-2", "bytes=0-1,3-4", "bytes=0-1,x", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", ""] {
            assert_eq!(answered(&[("Range", range)]), whole, "{range}");
        }
        assert_eq!(answered(&[("Range", "bytes=0-1"), ("Range", "bytes=0-1")]), whole);
        assert_eq!(answered(&[]), whole);
    }

    #[test]
    fn a_range_holds_for_the_body_that_its_condition_names() {
        let range = ("Range", "bytes=2-5");
        assert_eq!(answered(&[range, ("If-Range", TAG)]).0, 206);
        for other in ["\"abd\"", "W/\"abc\"", "Sat, 29 Oct 1994 19:43:31 GMT", ""] {
            assert_eq!(answered(&[range, ("If-Range", other)]).0, 200, "{other}");
        }
        assert_eq!(answered(&[range, ("If-None-Match", TAG)]).0, 200, "the edge makes it 304");
        assert_eq!(answered(&[range, ("If-None-Match", "\"abd\"")]).0, 206);
    }
}
