//! Requests that no HTTP library would send, byte by byte.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{app::TestApp, client::Answer};

impl TestApp {
    /// A connection to the server; what is read from it must come within 20 s.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// The answer to these very bytes, or `None` where the server just closes the connection.
    ///
    /// A request that the server would answer and keep the connection open has to say `Connection: close`.
    pub(crate) fn raw(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // The server may have answered, and closed, before all is written.
        let _ = stream.write_all(request);
        read_answer(&mut stream)
    }

    /// The answer to a GET of this very target, with these further header lines.
    pub(crate) fn raw_get(&self, target: &str, headers: &str) -> Option<Answer> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n{headers}\r\n");
        self.raw(head.as_bytes())
    }
}

/// All that comes until the connection closes, as an answer.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A reset behind an answer is as good an end as any.
    let _ = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).expect("a head of ASCII");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|it| it.split(' ').nth(1)).and_then(|it| it.parse().ok()).expect("a status");
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        headers.append(name, HeaderValue::from_str(value.trim()).expect("a header's value"));
    }
    Some(Answer { status, headers, body: bytes[end + 4..].to_vec() })
}
