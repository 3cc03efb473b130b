//! Methods: HEAD, OPTIONS, what is not allowed, preflights.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{FRONT_END, Product, api_test, operations};

/// The methods of each path of the document, as `Allow` lists them.
fn allowed() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut allowed: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for operation in operations() {
        let methods = allowed.entry(operation.path_with("some-name")).or_insert_with(|| BTreeSet::from(["OPTIONS"]));
        methods.insert(operation.method);
        if operation.method == "GET" {
            methods.insert("HEAD");
        }
    }
    allowed
}

fn listed(allow: &str) -> BTreeSet<&str> {
    allow.split(", ").collect()
}

api_test!(an_unknown_path_is_a_problem_whatever_the_method, |app| {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        app.guest().request(method, "/api/v1/nothing").send().problem(404, "not_found");
    }
    let head = app.guest().request("HEAD", "/api/v1/nothing").send().expect(404);
    assert!(head.body.is_empty());
});

api_test!(a_slash_at_the_end_is_another_address, |app| {
    for path in ["/api/v1/products/", "/api/v1/", "/api/v1/brands/", "//api/v1/products", "/api/v1//products"] {
        app.guest().get(path).problem(404, "not_found");
    }
});

api_test!(every_path_refuses_the_methods_that_it_does_not_have, |app| {
    for (path, allowed) in allowed() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = app.guest().request(method, &path).send();
            let problem = answer.problem(405, "method_not_allowed");
            assert_eq!(listed(answer.header("allow").unwrap()), allowed, "{method} {path}: {problem}");
        }
    }
});

api_test!(options_lists_the_methods_of_every_path, |app| {
    for (path, allowed) in allowed() {
        let answer = app.guest().request("OPTIONS", &path).send().expect(204);
        assert_eq!(listed(answer.header("allow").unwrap()), allowed, "{path}");
        assert!(answer.body.is_empty());
    }
});

api_test!(head_answers_with_the_headers_of_get, |app| {
    let product = app.put(Product::named("Oak chair"));
    let of_product = format!("/api/v1/products/{}", product.id);
    let plain = operations().into_iter().filter(|it| it.method == "GET" && !it.path.contains('{'));
    let paths =
        plain.map(|it| it.path.to_owned()).chain([of_product, "/".to_owned(), "/api/v1/products?limit=0".to_owned()]);
    for path in paths {
        for coding in ["identity", "gzip", "br"] {
            let ask = |method| app.guest().with("Accept-Encoding", coding).request(method, &path).send();
            let (get, head) = (ask("GET"), ask("HEAD"));
            assert_eq!(head.status, get.status, "{path}");
            assert!(head.body.is_empty(), "{path}");
            let stable = |answer: &crate::support::Answer| {
                let mut headers = answer.headers.clone();
                headers.remove("x-request-id");
                headers.remove("date");
                headers
            };
            assert_eq!(stable(&head), stable(&get), "{path} as {coding}");
        }
    }
});

api_test!(a_preflight_is_answered_before_anything_else_is_looked_at, |app| {
    let front_end = app.guest().with("Origin", FRONT_END).with("Access-Control-Request-Method", "PATCH");
    for path in ["/api/v1/products", "/api/v1/me", "/api/v1/nothing"] {
        let answer = front_end.request("OPTIONS", path).send().expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), Some(FRONT_END));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(answer.header("access-control-max-age"), Some("7200"));
        let methods = listed(answer.header("access-control-allow-methods").unwrap());
        assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].iter().all(|it| methods.contains(it)), "{methods:?}");
        let headers = answer.header("access-control-allow-headers").unwrap();
        assert_eq!(
            headers,
            "Authorization, Content-Type, If-Match, If-None-Match, Range, If-Range, Idempotency-Key, Cart-Token, \
             Order-Token, Accept-Language, Last-Event-ID, X-Request-Id, traceparent"
        );
        assert!(answer.headers.get_all("vary").iter().any(|it| it == "Origin"));
    }
});

api_test!(only_a_front_end_that_is_listed_may_read_answers_in_a_browser, |app| {
    let answer = app.guest().with("Origin", FRONT_END).get("/api/v1/products").expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(FRONT_END));
    assert_eq!(
        answer.header("access-control-expose-headers"),
        Some(
            "ETag, Content-Range, Accept-Ranges, Location, Link, Allow, RateLimit, RateLimit-Policy, Retry-After, \
             X-Request-Id, Idempotency-Replayed, WWW-Authenticate"
        )
    );
    for stranger in ["https://front.example.evil.example", "http://front.example", "null", "https://FRONT.example"] {
        let answer = app.guest().with("Origin", stranger).get("/api/v1/products").expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{stranger}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{stranger}");
        assert!(answer.headers.get_all("vary").iter().any(|it| it == "Origin"), "{stranger}");
    }
});
