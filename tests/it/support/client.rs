//! Requests, and answers with everything that a test wants to look at.

use std::{sync::LazyLock, time::Duration};

use reqwest::{
    Method,
    blocking::RequestBuilder,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use serde_json::Value;

/// A caller: an address, and headers that every request of theirs carries.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: String,
    headers: HeaderMap,
}

/// A request that is not sent yet.
#[must_use]
pub(crate) struct Request {
    inner: RequestBuilder,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// A caller of the server whose address begins with `base`.
    pub(crate) fn new(base: String) -> Self {
        Self { base, headers: HeaderMap::new() }
    }

    /// The same caller with one header more.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        client.headers.insert(name, HeaderValue::from_str(value).unwrap());
        client
    }

    /// The same caller at another server, whose address begins with `base`.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        static HTTP: LazyLock<reqwest::blocking::Client> = LazyLock::new(|| {
            let builder = reqwest::blocking::Client::builder().no_proxy().redirect(redirect::Policy::none());
            // The server closes idle connections after a few seconds: one that it is about to close must not be used.
            builder.timeout(Duration::from_secs(60)).pool_idle_timeout(Duration::from_secs(1)).build().unwrap()
        });
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Request { inner: HTTP.request(method, format!("{}{path}", self.base)).headers(self.headers.clone()) }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send()
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send()
    }
}

impl Request {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { inner: self.inner.header(name, value) }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// These very bytes; the caller says what they are.
    pub(crate) fn body(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { inner: self.inner.body(bytes.into()) }
    }

    /// A form with a file and, where it is given, what it shows; `boundary` stands between the parts.
    pub(crate) fn upload(self, boundary: &str, file: &[u8], alt: Option<&str>) -> Self {
        let head = |disposition: &str| format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
        let alt = alt.map(|alt| format!("{}{alt}\r\n", head("name=\"alt\""))).unwrap_or_default();
        let file = [head("name=\"file\"; filename=\"a.jpg\"").as_bytes(), file, b"\r\n"].concat();
        let body = [alt.as_bytes(), &file, format!("--{boundary}--\r\n").as_bytes()].concat();
        self.header("Content-Type", &format!("multipart/form-data; boundary={boundary}")).body(body)
    }

    pub(crate) fn send(self) -> Answer {
        self.try_send().expect("an answer")
    }

    /// The answer, where one comes, and comes whole.
    pub(crate) fn try_send(self) -> reqwest::Result<Answer> {
        let response = self.inner.send()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: response.bytes()?.to_vec() })
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header of ASCII"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{} is not JSON ({error}): {}", self.status, self.text()),
        }
    }

    /// This answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        self.expect(200).json()
    }

    /// The problem document that this answer must be: right in all that every one of them has.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{}", code.replace('_', "-")), "{problem}");
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{problem}");
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|it| !it.is_empty()), "{problem}");
        }
        problem
    }

    /// The violations of a problem document as `place code`, sorted.
    #[track_caller]
    pub(crate) fn violations(&self) -> Vec<String> {
        let problem = self.json();
        let entries = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors in {problem}"));
        let place = |entry: &Value| {
            let places = ["pointer", "parameter", "header"].map(|it| entry[it].as_str().map(str::to_owned));
            let mut given = places.into_iter().flatten();
            let place = given.next().unwrap_or_else(|| panic!("an entry without a place in {problem}"));
            assert_eq!(given.next(), None, "an entry with two places in {problem}");
            place
        };
        let mut found: Vec<String> =
            entries.iter().map(|it| format!("{} {}", place(it), it["code"].as_str().unwrap_or_default())).collect();
        found.sort();
        found
    }
}
