//! What every answer says of its limit.

use chrono::TimeDelta;
use serde_json::json;

use super::{from, standing};
use crate::support::{Client, FRONT_END, Product, api_test, operations};

const DEFAULT: &str = r#""default";q=600;w=60"#;
const CATALOGUE: &str = r#""catalogue";q=6000;w=60"#;
const AUTH: &str = r#""auth";q=60;w=60, "auth_account";q=10;w=60"#;

/// The policy of each operation, by its name. Whoever adds a route looks whether it is right.
fn expected(name: &str) -> Option<&'static str> {
    let (method, path) = name.split_once(' ').unwrap();
    let Some(path) = path.strip_prefix("/api/v1/") else { return path.starts_with("/sandbox/").then_some(DEFAULT) };
    let kind = path.split('/').next().unwrap();
    match (method, kind) {
        (_, "images") => None,
        (
            "GET",
            "store" | "products" | "categories" | "brands" | "attributes" | "collections" | "search" | "countries",
        ) => Some(CATALOGUE),
        ("POST", "auth") if !["auth/refresh", "auth/logout"].contains(&path) => Some(AUTH),
        ("POST", "carts") if path.ends_with("/checkout") => Some(r#""checkout";q=30;w=60"#),
        _ => Some(DEFAULT),
    }
}

api_test!(every_operation_names_its_limit_on_whatever_it_answers, LIMITED, |app| {
    for (number, operation) in operations().iter().enumerate() {
        let client = from(app, &format!("198.51.100.{number}"));
        let answer = client.request(operation.method, &operation.path_with("some-name")).send();
        let name = operation.name();
        assert_eq!(answer.header("ratelimit-policy"), expected(&name), "{name}: {}", answer.status);
        assert_eq!(answer.header("ratelimit").is_some(), expected(&name).is_some(), "{name}: {}", answer.status);
    }
});

api_test!(failures_and_questions_for_methods_count_too, LIMITED, |app| {
    let client = from(app, "198.51.100.1");
    let expect = |answer: crate::support::Answer, status, policy: &str| {
        let answer = answer.expect(status);
        assert_eq!(answer.header("ratelimit-policy"), Some(policy));
        standing(&answer).1
    };
    assert_eq!(expect(client.get("/api/v1/nothing"), 404, DEFAULT), 599);
    assert_eq!(expect(client.get("/api/v1/me"), 401, DEFAULT), 598);
    assert_eq!(expect(client.with("Authorization", "Bearer x").get("/api/v1/me"), 401, DEFAULT), 597);
    assert_eq!(expect(client.delete("/api/v1/products"), 405, DEFAULT), 596);
    assert_eq!(expect(client.request("OPTIONS", "/api/v1/me").send(), 204, DEFAULT), 595);
    assert_eq!(expect(client.post("/api/v1/carts", &json!({"lines": 5})), 422, DEFAULT), 594);
    assert_eq!(expect(client.get("/api/v1/products"), 200, CATALOGUE), 5999);
    assert_eq!(expect(client.request("HEAD", "/api/v1/products").send(), 200, CATALOGUE), 5998);
    assert_eq!(expect(client.get("/api/v1/products?limit=0"), 400, CATALOGUE), 5997);
    let tag = client.get("/api/v1/products").header("etag").unwrap().to_owned();
    assert_eq!(expect(client.with("If-None-Match", &tag).get("/api/v1/products"), 304, CATALOGUE), 5995);
    assert_eq!(expect(client.post("/api/v1/auth/login", &json!({})), 422, AUTH), 59);
});

api_test!(health_pages_images_and_preflights_are_free, LIMITED, |app| {
    let client = from(app, "198.51.100.1");
    for path in
        ["/", "/docs", "/openapi.json", "/problems/not-found", "/health/live", "/.well-known/jwks.json", "/nothing"]
    {
        let answer = client.get(path);
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None), "{path}");
    }
    let preflight = client.with("Origin", FRONT_END).with("Access-Control-Request-Method", "GET");
    let answer = preflight.request("OPTIONS", "/api/v1/me").send().expect(204);
    assert_eq!(answer.header("ratelimit"), None);
    assert_eq!(standing(&client.get("/api/v1/me")).1, 599, "nothing of that was counted");
});

api_test!(what_is_left_counts_down_and_comes_back, LIMITED, |app| {
    let client = from(app, "198.51.100.1");
    assert_eq!(standing(&client.get("/api/v1/me")), ("default".to_owned(), 599, 60));
    app.shop.clock.advance(TimeDelta::seconds(37));
    let (_, left, reset) = standing(&client.get("/api/v1/me"));
    assert!(left == 598 && (20..=23).contains(&reset), "{left} {reset}");
    app.shop.clock.advance(TimeDelta::seconds(23));
    assert_eq!(standing(&client.get("/api/v1/me")), ("default".to_owned(), 599, 60));
});

fn use_up(client: &Client) {
    for _ in 0..600 {
        client.get("/api/v1/me").expect(401);
    }
}

api_test!(who_asks_too_often_is_told_how_long_to_wait, LIMITED, |app| {
    app.put(Product::named("Oak chair"));
    let client = from(app, "198.51.100.1").with("Origin", FRONT_END);
    use_up(&client);
    let refused = client.get("/api/v1/me");
    let problem = refused.problem(429, "rate_limited");
    let seconds = refused.header("retry-after").unwrap();
    assert_eq!(problem["retry_after"].to_string(), seconds);
    assert!((1..=60).contains(&seconds.parse::<i64>().unwrap()), "{seconds}");
    assert_eq!(standing(&refused), ("default".to_owned(), 0, seconds.parse().unwrap()));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(refused.header("access-control-allow-origin"), Some(FRONT_END));
    client.get("/api/v1/nothing").problem(429, "rate_limited");
    client.with("Authorization", "Bearer x").get("/api/v1/me").problem(429, "rate_limited");
    // Each limit has a count of its own, and everybody else theirs.
    client.get("/api/v1/products").expect(200);
    client.get("/health/live").expect(204);
    from(app, "198.51.100.2").get("/api/v1/me").expect(401);
    app.shop.clock.advance(TimeDelta::seconds(60));
    client.get("/api/v1/me").expect(401);
});

api_test!(without_limits_nothing_is_said_or_refused, |app| {
    for _ in 0..12 {
        let answer = app.client().post("/api/v1/auth/login", &json!({"email": "a@example.com", "password": "x"}));
        let answer = answer.expect(401);
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
    }
});
