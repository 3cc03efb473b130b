//! Headers that every answer has, and those that a caller may send.

use crate::support::{Product, api_test};

api_test!(every_answer_has_the_security_headers, |app| {
    for (path, status) in [("/api/v1/products", 200), ("/api/v1/nothing", 404), ("/health/live", 204), ("/", 200)] {
        let answer = app.guest().get(path).expect(status);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none';"), "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
        assert!(answer.header("cache-control").is_some(), "{path}");
        assert!(answer.headers.get_all("vary").iter().any(|it| it == "Accept-Encoding"), "{path}");
    }
    let answer = app.guest().get("/api/v1/products");
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=0, must-revalidate, s-maxage=60"));
});

api_test!(a_request_id_is_taken_over_when_it_is_well_formed_and_else_made, |app| {
    let longest = "a".repeat(64);
    for id in ["abcDEF_-", "0123456789", &longest] {
        let answer = app.guest().with("X-Request-Id", id).get("/api/v1/nothing");
        assert_eq!(answer.header("x-request-id"), Some(id));
        answer.problem(404, "not_found");
    }
    let too_long = "a".repeat(65);
    for id in ["short", "with space", "semi;colon", &too_long] {
        let answer = app.guest().with("X-Request-Id", id).get("/api/v1/nothing");
        let made = answer.header("x-request-id").unwrap();
        assert_ne!(made, id);
        assert!((8..=64).contains(&made.len()) && made.bytes().all(|it| it.is_ascii_alphanumeric()), "{made}");
    }
    let answer = || app.guest().get("/api/v1/products").header("x-request-id").unwrap().to_owned();
    assert_ne!(answer(), answer());
});

api_test!(an_accept_header_that_rules_json_out_is_406, |app| {
    for accept in [
        "*/*",
        "application/json",
        "application/*;q=0.5",
        "text/html, */*;q=0.1",
        "Application/JSON;charset=utf-8",
        "application/problem+json, application/json",
    ] {
        app.guest().with("Accept", accept).get("/api/v1/products").expect(200);
    }
    for accept in ["text/html", "application/xml", "application/json;q=0", "image/*, text/plain;q=0.3"] {
        app.guest().with("Accept", accept).get("/api/v1/products").problem(406, "not_acceptable");
    }
});

api_test!(a_long_body_is_compressed_as_its_reader_likes_it_best, |app| {
    for number in 0..10 {
        app.put(Product::named(&format!("Chair {number}")));
    }
    let plain = app.guest().get("/api/v1/products").expect(200);
    assert_eq!(plain.header("content-encoding"), None);
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("br;q=0.7, gzip;q=0.8", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=1, gzip;q=0.8", "br"),
        ("*", "br"),
    ] {
        // What is kept, and what is made for one answer alone.
        for path in ["/api/v1/products", "/openapi.json"] {
            let plain = app.guest().get(path).expect(200);
            let packed = app.guest().with("Accept-Encoding", accepted).get(path).expect(200);
            assert_eq!(packed.header("content-encoding"), Some(coding), "{accepted}");
            assert!(packed.body.len() < plain.body.len() / 2);
            assert_eq!(unpacked(coding, &packed.body), plain.body);
        }
    }
    for accepted in ["identity", "gzip;q=0", "*;q=0", "deflate"] {
        let answer = app.guest().with("Accept-Encoding", accepted).get("/api/v1/products").expect(200);
        assert_eq!(answer.header("content-encoding"), None, "{accepted}");
        assert_eq!(answer.body, plain.body);
    }
    let short = app.guest().with("Accept-Encoding", "gzip").get("/api/v1/brands").expect(200);
    assert_eq!(short.header("content-encoding"), None, "under 1 KiB it is not worth it");
});

fn unpacked(coding: &str, packed: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut plain = Vec::new();
    match coding {
        "br" => brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain).unwrap(),
        _ => flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).unwrap(),
    };
    plain
}
