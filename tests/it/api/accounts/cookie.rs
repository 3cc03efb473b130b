//! The refresh token as a browser's cookie.

use cartwright::app::document;
use serde_json::{Value, json};

use crate::support::{Answer, Client, FRONT_END, Member, PASSWORD, TestApp, api_test, operations};

/// Logs in as a browser does; the cookie's name and value, and the session.
fn log_in(app: &TestApp) -> (String, Value) {
    let body = json!({"email": "ann@example.com", "password": PASSWORD, "transport": "cookie"});
    let answer = app.guest().with("Origin", FRONT_END).post("/api/v1/auth/login", &body).expect(200);
    (cookie(&answer), answer.json())
}

fn cookie(answer: &Answer) -> String {
    let header = answer.header("set-cookie").expect("a cookie");
    expect_documented(header);
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"] {
        assert!(header.split("; ").any(|it| it == attribute), "{header}");
    }
    header.split(';').next().unwrap().to_owned()
}

/// It is of the form that the document shows.
fn expect_documented(header: &str) {
    let schema = &document()["components"]["headers"]["Set-Cookie"]["schema"];
    assert!(jsonschema::is_valid(schema, &json!(header)), "{header}");
}

fn browser(app: &TestApp, cookie: &str) -> Client {
    app.client().with("Cookie", cookie).with("Origin", FRONT_END)
}

api_test!(a_browser_s_refresh_token_is_a_cookie_and_in_no_body, |app| {
    app.customer("ann");
    let (cookie_1, session) = log_in(app);
    assert_eq!(session["refresh_token"], Value::Null);
    assert!(cookie_1.starts_with("__Host-rt=rt_"));
    let answer = browser(app, &cookie_1).post("/api/v1/auth/refresh", &json!({})).expect(200);
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    assert_ne!(cookie(&answer), cookie_1);
    Member::of(app, answer.json()).get("/api/v1/me").ok();
    let next = browser(app, &cookie(&answer)).request("POST", "/api/v1/auth/refresh");
    next.header("Content-Type", "application/x-www-form-urlencoded").body("").send().expect(200);
});

#[test]
fn the_document_says_which_answers_may_set_the_cookie() {
    let mut found = Vec::new();
    for operation in operations() {
        for (status, response) in operation.declared["responses"].as_object().expect("responses") {
            if !response["headers"]["Set-Cookie"].is_null() {
                found.push(format!("{} {status}", operation.name()));
            }
        }
    }
    let names =
        ["accept-invitation 200", "login 200", "logout 204", "refresh 200", "register 201", "second-factor 200"];
    assert_eq!(found, names.map(|name| format!("POST /api/v1/auth/{name}")));
}

api_test!(who_registers_can_have_the_cookie_at_once, |app| {
    let body = json!({"email": "ann@example.com", "password": PASSWORD, "transport": "cookie"});
    let answer = app.guest().with("Origin", FRONT_END).post("/api/v1/auth/register", &body).expect(201);
    assert_eq!((answer.header("location"), &answer.json()["refresh_token"]), (Some("/api/v1/me"), &Value::Null));
    browser(app, &cookie(&answer)).post("/api/v1/auth/refresh", &json!({})).expect(200);
});

api_test!(a_log_out_takes_the_cookie_away, |app| {
    app.customer("ann");
    let (cookie, session) = log_in(app);
    let answer = browser(app, &cookie).post("/api/v1/auth/logout", &json!({})).expect(204);
    let header = answer.header("set-cookie").unwrap();
    assert!(header.starts_with("__Host-rt=; Max-Age=0; "));
    expect_documented(header);
    browser(app, &cookie).post("/api/v1/auth/refresh", &json!({})).problem(401, "invalid_token");
    Member::of(app, session).get("/api/v1/me").problem(401, "invalid_token");
});

api_test!(a_page_of_another_origin_uses_no_cookie, |app| {
    app.customer("ann");
    let (cookie, session) = log_in(app);
    for origin in ["https://evil.example", "null", "https://front.example.evil.example", "http://front.example"] {
        let page = app.client().with("Cookie", &cookie).with("Origin", origin);
        page.post("/api/v1/auth/refresh", &json!({})).problem(403, "forbidden");
        page.post("/api/v1/auth/logout", &json!({})).problem(403, "forbidden");
    }
    let without = app.client().with("Cookie", &cookie);
    without.post("/api/v1/auth/refresh", &json!({})).problem(403, "forbidden");
    Member::of(app, session).get("/api/v1/me").ok();
});

api_test!(a_cookie_counts_nowhere_else, |app| {
    app.customer("ann");
    let (cookie, _) = log_in(app);
    browser(app, &cookie).get("/api/v1/me").problem(401, "unauthorized");
    browser(app, &cookie).delete("/api/v1/me/sessions").problem(401, "unauthorized");
});

api_test!(a_token_in_the_body_needs_no_origin_and_sets_no_cookie, |app| {
    let ann = app.customer("ann");
    app.log_in("ann@example.com");
    let (cookie, _) = log_in(app);
    let body = json!({"refresh_token": ann.refresh_token()});
    let answer = app.client().with("Cookie", &cookie).post("/api/v1/auth/refresh", &body).expect(200);
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.json()["session_id"], ann.session["session_id"]);
});

api_test!(without_token_and_cookie_there_is_nothing_to_refresh, |app| {
    app.guest().post("/api/v1/auth/refresh", &json!({})).problem(401, "invalid_token");
    app.guest().post("/api/v1/auth/logout", &json!({})).expect(204);
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        app.guest().post(path, &json!({"refresh_token": null})).problem(422, "invalid_type");
    }
    browser(app, "__Host-rt=nonsense").post("/api/v1/auth/refresh", &json!({})).problem(401, "invalid_token");
    let odd = json!({"email": "ann@example.com", "password": PASSWORD, "transport": "pigeon"});
    app.guest().post("/api/v1/auth/login", &odd).problem(422, "invalid_value");
});
