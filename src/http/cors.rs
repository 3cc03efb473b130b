//! Which front-ends a browser may let call us (Fetch standard, CORS protocol).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const ALLOW_HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match, Range, If-Range, Idempotency-Key, \
     Cart-Token, Order-Token, Accept-Language, Last-Event-ID, X-Request-Id, traceparent";
const ALLOW_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSE_HEADERS: &str = "ETag, Content-Range, Accept-Ranges, Location, Link, Allow, RateLimit, RateLimit-Policy, \
     Retry-After, X-Request-Id, Idempotency-Replayed, WWW-Authenticate";

/// The front-ends that may call from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Any, without credentials: the demo.
    Any,
    /// Exactly these, with credentials.
    Listed(Vec<String>),
}

impl Origins {
    /// Whether a page of `origin` may act with the cookies that its browser holds for us.
    pub fn admits(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(origins) => origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()),
        }
    }

    /// Adds what a browser needs to let a page of `origin` read this answer.
    pub(super) fn admit(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        match self {
            Self::Any => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            Self::Listed(_) => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                let Some(origin) = origin.filter(|it| self.admits(it)) else { return };
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSE_HEADERS));
    }

    /// What the answer to a preflight says beside [`Self::admit`].
    pub(super) fn preflight_headers() -> [(HeaderName, &'static str); 3] {
        [
            (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, "7200"),
        ]
    }
}
