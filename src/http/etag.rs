//! Entity tags (RFC 9110, 8.8.3) and the conditions that name them.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use aws_lc_rs::digest::{SHA256, digest};

use crate::error::{Code, Error, Problem, Result, Violation};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The most characters of an `If-Match`.
pub(super) const LONGEST_IF_MATCH: usize = 1000;
/// Entity tags as `If-Match` lists them: each begins with a version, and no comma stands within one.
pub(super) const IF_MATCH_PATTERN: &str = r#"^"[!#-+\-/-~][!#-+\--~]*"( *, *"[!#-+\-/-~][!#-+\--~]*")*$"#;

/// The tag of a body: `"<version>.<8 characters>"` on editable resources, 26 characters elsewhere.
pub fn tag(version: Option<i64>, body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    match version {
        Some(version) => format!("\"{version}.{}\"", base32(hash.as_ref(), 8)),
        None => format!("\"{}\"", base32(hash.as_ref(), 26)),
    }
}

/// The first `length` characters of `bytes` in TypeID's base32.
fn base32(bytes: &[u8], length: usize) -> String {
    let bit = |place: usize| (bytes[place / 8] >> (7 - place % 8)) & 1;
    (0..length)
        .map(|character| {
            let five = (0..5).fold(0, |value, place| (value << 1) | bit(character * 5 + place));
            char::from(ALPHABET[usize::from(five)])
        })
        .collect()
}

/// The tag of the same body under a content coding: `"7.k3m9x2ab-gzip"`.
pub(super) fn with_coding(tag: &str, coding: &str) -> String {
    format!("{}-{coding}\"", tag.trim_end_matches('"'))
}

fn without_coding(tag: &str) -> &str {
    let inner = tag.trim_matches('"');
    inner.strip_suffix("-gzip").or_else(|| inner.strip_suffix("-br")).unwrap_or(inner)
}

/// Whether one of the tags of `If-None-Match` names this body.
pub(super) fn none_match_hits(value: &str, tag: &str) -> bool {
    value.trim() == "*"
        || value.split(',').map(str::trim).any(|it| {
            let it = it.strip_prefix("W/").unwrap_or(it);
            without_coding(it) == without_coding(tag)
        })
}

/// The condition that `If-Match` sets on an object's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// There was no such header.
    Absent,
    /// `*`: whatever the version.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Whether the object's present version fulfils the condition.
    pub fn admits(&self, version: i64) -> bool {
        match self {
            Self::Absent | Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }

    /// Refuses a stale version.
    ///
    /// # Errors
    /// 412 `stale_version` with the present version.
    pub fn require(&self, version: i64) -> Result<()> {
        if self.admits(version) {
            return Ok(());
        }
        let problem =
            Problem::new(Code::StaleVersion, "The object has changed since the version that `If-Match` names.")
                .with("current_version", version)
                .with("current_etag", format!("\"{version}\""));
        Err(problem.into())
    }

    fn parse(request: &HttpRequest) -> Result<Self> {
        let values: Vec<_> = request.headers().get_all(header::IF_MATCH).collect();
        if values.is_empty() {
            return Ok(Self::Absent);
        }
        let refused =
            |detail: &'static str| -> Error { Violation::in_header("If-Match", Code::InvalidIfMatch, detail).into() };
        let malformed = || refused("This is neither `*` nor a list of entity tags.");
        let mut versions = Vec::new();
        for value in values {
            let text = value.to_str().ok().filter(|it| it.len() <= LONGEST_IF_MATCH).ok_or_else(malformed)?.trim();
            if text == "*" {
                return Ok(Self::Any);
            }
            for tag in text.split(',').map(str::trim) {
                if tag.starts_with("W/") {
                    // RFC 9110, 13.1.1: `If-Match` compares strongly.
                    return Err(refused("A weak tag (`W/…`) never matches: take the `ETag` as it was answered."));
                }
                let inner = tag.strip_prefix('"').and_then(|it| it.strip_suffix('"')).ok_or_else(malformed)?;
                let version = inner.split('.').next().unwrap_or_default();
                if version.is_empty() || !inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') {
                    return Err(malformed());
                }
                // A tag of another form names no version of ours: it matches nothing.
                versions.push(version.parse().unwrap_or(-1));
            }
        }
        Ok(Self::Versions(versions))
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request))
    }
}

/// [`IfMatch`] where it must be there.
pub struct RequiredIfMatch(pub IfMatch);

impl FromRequest for RequiredIfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match IfMatch::parse(request) {
            Ok(IfMatch::Absent) => Err(Error::problem(Code::PreconditionRequired, Code::PreconditionRequired.about())),
            other => other.map(Self),
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn parsed(value: &str) -> Result<IfMatch> {
        IfMatch::parse(&TestRequest::default().insert_header(("If-Match", value)).to_http_request())
    }

    #[test]
    fn if_match_looks_at_the_version_alone_whatever_the_coding() {
        for value in [r#""7""#, r#""7.k3m9x2ab""#, r#""7.k3m9x2ab-gzip""#, r#""3.aaaaaaaa", "7""#, "*"] {
            assert!(parsed(value).unwrap().admits(7), "{value}");
        }
        for value in [r#""8""#, r#""77.k3m9x2ab""#, r#""k3m9x2ab""#] {
            assert!(!parsed(value).unwrap().admits(7), "{value}");
        }
        for value in ["7", "", r#""7"#, r#"W/"7""#, r#""""#] {
            assert!(parsed(value).is_err(), "{value}");
        }
        let Err(Error::Problem(weak)) = parsed(r#"W/"7""#) else { panic!("a weak tag is taken") };
        assert!(weak.errors[0].detail.contains("weak"), "{weak:?}");
    }

    #[test]
    fn if_none_match_compares_the_whole_tag_but_for_the_coding() {
        let tag = r#""7.k3m9x2ab""#;
        assert!(none_match_hits(r#""7.k3m9x2ab-gzip""#, tag));
        assert!(none_match_hits(r#"W/"7.k3m9x2ab", "x""#, tag));
        assert!(!none_match_hits(r#""7""#, tag));
    }
}
