//! Bytes on the wire that no well-meaning client sends.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use crate::support::{Backend, TestApp, api_test, read_answer};

api_test!(a_path_cannot_be_climbed_out_of, |app| {
    for target in [
        "/api/v1/products/..%2f..%2fetc%2fpasswd",
        "/api/v1/products/..%2fbrands",
        "/api/v1/products/../brands",
        "/api/v1/products/%2e%2e/brands",
        "/docs/..%2f..%2fCargo.toml",
        "/docs/../openapi.json",
        "/docs/%2e%2e%2fopenapi.json",
        "/problems/..%2f..",
        "/api/v1/products/..\\..\\x",
        "/api/v1/products/%00",
        "/api/v1/products/%ff",
        "/api/v1/products/%zz",
        "/api/v1/products/%",
        "/api/v1/products/a%0d%0ab",
        "/api/v1/products;x=1",
    ] {
        let answer = app.raw_get(target, "").unwrap_or_else(|| panic!("{target}: no answer"));
        answer.problem(404, "not_found");
    }
});

api_test!(a_line_break_in_a_header_sets_no_header_of_ours, |app| {
    for value in ["abcdefgh\nX-Evil: 1", "abcdefgh\rX-Evil: 1", "abcdefgh\r\n X-Evil: 1", "abcdefgh\0"] {
        // The HTTP library may refuse the request, or the value is not taken over.
        if let Some(answer) = app.raw_get("/api/v1/brands", &format!("X-Request-Id: {value}\r\n")) {
            assert!(answer.status == 200 || answer.status == 400, "{value:?}: {}", answer.status);
            assert_eq!(answer.header("x-evil"), None, "{value:?}");
            assert!(answer.header("x-request-id").is_none_or(|id| id.bytes().all(|it| it.is_ascii_alphanumeric())));
        }
    }
    let answer = app.raw_get("/api/v1/brands", "X-Request-Id: abc\u{1b}[31mdefgh\r\n");
    assert!(answer.is_none_or(|it| it.header("x-request-id").is_none_or(|id| !id.contains('\u{1b}'))));
});

api_test!(what_is_no_request_is_cut_off, |app| {
    for request in [
        "GET /api/v1/brands HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /api/v1/brands HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /api/v1/brands HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET /api/v1/brands HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
        "GET /api/v1/brands HTTP/1.1\r\nHost: a\r\nHost : b\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\u{7f}\u{80} HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "{}\r\n\r\n",
    ] {
        let started = Instant::now();
        if let Some(answer) = app.raw(request.as_bytes()) {
            assert_eq!(answer.status, 400, "{request:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{request:?}: the connection stays open");
    }
});

api_test!(a_query_of_70_or_200_kilobytes_is_cut_off, |app| {
    for length in [70_000, 200_000] {
        let answer = app.raw_get(&format!("/api/v1/products?slug={}", "a".repeat(length)), "");
        assert!(answer.is_none_or(|it| (400..500).contains(&it.status)));
    }
    app.guest().get("/api/v1/products").expect(200);
});

api_test!(a_chunked_body_that_never_ends_does_not_keep_the_connection, |app| {
    for request in ["PUT /api/v1/store", "PATCH /api/v1/me", "GET /api/v1/brands", "POST /nowhere"] {
        let head =
            format!("{request} HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n");
        let started = Instant::now();
        let answer = app.raw(head.as_bytes()).expect("an answer");
        assert!([200, 401, 404, 405].contains(&answer.status), "{request}: {}", answer.status);
        assert!(started.elapsed() < Duration::from_secs(5), "{request}: the connection stays open");
    }
});

/// Only one of the two databases: it takes ten seconds, and no database is asked.
#[test]
fn a_head_that_comes_too_slowly_is_cut_off() {
    let app = TestApp::start(Backend::Sqlite);
    let mut stream = app.connect();
    let started = Instant::now();
    stream.write_all(b"GET /api/v1/brands HTTP/1.1\r\nHost: shop").unwrap();
    let answer = read_answer(&mut stream);
    assert!(answer.is_none_or(|it| it.status == 408));
    assert!((Duration::from_secs(5)..Duration::from_secs(15)).contains(&started.elapsed()), "{:?}", started.elapsed());
}
