//! Reading one header of a request.

use actix_web::http::header::{AsHeaderName, HeaderMap};

/// The header's text, where it is there once and is visible ASCII. Of one that is there twice nobody can say which counts.
pub fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name);
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}
