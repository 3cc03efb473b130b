//! What handlers answer with: a body, its entity tag, and how long others may keep it.

use std::{fmt, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode, http::header};
use serde::Serialize;

use super::{answer_cache::Shows, etag};
use crate::db::changes::Scope;

/// Who may keep an answer, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Anyone, if they ask again; a CDN for 60 s.
    Public,
    /// The caller's own cache, if it asks again.
    Personal,
    /// Nobody: it holds a secret, or is an order.
    Never,
}

impl Keep {
    fn header(self) -> &'static str {
        match self {
            Self::Public => "public, max-age=0, must-revalidate, s-maxage=60",
            Self::Personal => "private, no-cache",
            Self::Never => "no-store",
        }
    }
}

/// Counts how often an answer is given.
#[derive(Clone)]
pub struct Counter(Arc<dyn Fn() + Send + Sync>);

impl Counter {
    /// One that calls `count` each time. It is called while shoppers wait, and has to be quick.
    pub fn new(count: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(count))
    }

    /// Counts once more.
    pub fn count(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counter")
    }
}

/// Two are the same where they count the same thing.
impl PartialEq for Counter {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Counter {}

/// A finished answer: status, JSON text and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// JSON text; empty where there is no body.
    pub body: String,
    /// The body's entity tag, where it is a resource or a list.
    pub tag: Option<String>,
    /// Where a created resource is found, below the public address.
    pub location: Option<String>,
    /// RFC 8288 links of a list.
    pub link: Option<String>,
    /// What a browser is to keep: a `Set-Cookie` header.
    pub cookie: Option<String>,
    /// Who may keep it.
    pub keep: Keep,
    /// What it shows of the catalogue, where it shows nothing else: this process then keeps it until that changes.
    pub shows: Option<Scope>,
    /// What counts it each time that it is given again, where that is wanted.
    pub counter: Option<Counter>,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    pub replayed: bool,
    /// Whether the body is a problem document (a kept 402).
    pub problem: bool,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(body: &impl Serialize, keep: Keep) -> Self {
        // Our views have string keys and plain values: they always have a JSON form.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self {
            status: 200,
            body,
            tag: None,
            location: None,
            link: None,
            cookie: None,
            keep,
            shows: None,
            counter: None,
            replayed: false,
            problem: false,
        }
    }

    /// 201 with the body of what was made, and where it is found.
    pub fn created(body: &impl Serialize, location: String, keep: Keep) -> Self {
        Self { status: 201, location: Some(location), ..Self::ok(body, keep) }
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: 204, body: String::new(), ..Self::ok(&(), Keep::Never) }
    }

    /// 202 without a body: what comes of it is told elsewhere.
    pub fn accepted() -> Self {
        Self { status: 202, ..Self::no_content() }
    }

    /// With the tag of an editable resource.
    pub fn versioned(mut self, version: i64) -> Self {
        self.tag = Some(etag::tag(Some(version), self.body.as_bytes()));
        self
    }

    /// With a tag of the body alone.
    pub fn tagged(mut self) -> Self {
        self.tag = Some(etag::tag(None, self.body.as_bytes()));
        self
    }

    /// Kept for everybody who asks for the same address, until something changes that it shows.
    pub fn showing(mut self, scope: Scope) -> Self {
        self.shows = Some(scope);
        self
    }

    /// With another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CACHE_CONTROL, self.keep.header()));
        for (name, value) in [
            (header::ETAG, self.tag),
            (header::LOCATION, self.location),
            (header::LINK, self.link),
            (header::SET_COOKIE, self.cookie),
        ] {
            if let Some(value) = value {
                response.insert_header((name, value));
            }
        }
        if let Some(scope) = self.shows {
            response.extensions_mut().insert(Shows(scope));
        }
        if let Some(counter) = self.counter {
            response.extensions_mut().insert(counter);
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        let content_type = if self.problem { "application/problem+json" } else { "application/json" };
        response.content_type(content_type).body(self.body)
    }
}
