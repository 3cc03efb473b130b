//! `Client-Address`: a front-end server says for whom it calls.

use cartwright::auth::rights::Role;
use serde_json::json;

use super::{from, standing};
use crate::support::{Client, PASSWORD, TestApp, api_test};

/// A front-end server, by a key with these rights.
fn front_end(app: &TestApp, rights: &[&str]) -> Client {
    let body = json!({"name": "Front-end", "rights": rights});
    let made = app.staff(Role::Admin).post("/api/v1/admin/api-keys", &body).expect(201).json();
    app.client().with("Client-Address-Key", made["key"].as_str().unwrap())
}

api_test!(each_shopper_of_a_front_end_server_has_a_limit_to_themself, LIMITED, |app| {
    let server = front_end(app, &["forward_client"]);
    let left = |address: &str| standing(&server.with("Client-Address", address).get("/api/v1/me").expect(401)).1;
    assert_eq!([left("198.51.100.1"), left("198.51.100.1"), left("198.51.100.2")], [599, 598, 599]);
    assert_eq!(left("2001:db8:1:2::3"), 599);
    assert_eq!(left("2001:db8:1:2:ffff::4"), 598, "one line of IPv6 has 64 bits");
    assert_eq!(left("::ffff:198.51.100.2"), 598);
    assert_eq!(standing(&from(app, "198.51.100.2").get("/api/v1/me")).1, 597, "however they come");
});

api_test!(log_ins_through_a_front_end_server_count_and_are_told_of_by_the_shopper_s_address, LIMITED, |app| {
    let server = front_end(app, &["forward_client"]);
    let log_in = |number: usize| {
        let body = json!({"email": format!("nobody-{number}@example.com"), "password": PASSWORD});
        server.with("Client-Address", &format!("203.0.113.{number}")).post("/api/v1/auth/login", &body)
    };
    for number in 0..65 {
        log_in(number).problem(401, "invalid_credentials");
    }
    let admin = app.staff(Role::Admin);
    let entries = admin.get("/api/v1/admin/audit-log?action=logged_in&outcome=refused&limit=1").ok();
    assert_eq!(entries["items"][0]["source"]["address"], "203.0.113.64");
});

api_test!(a_shopper_s_own_token_goes_beside_the_key, |app| {
    let (server, ann) = (front_end(app, &["forward_client"]), app.customer("ann"));
    let token = ann.session["access_token"].as_str().unwrap();
    let ann = server.with("Client-Address", "203.0.113.7").with("Authorization", &format!("Bearer {token}"));
    assert_eq!(ann.get("/api/v1/me").ok()["email"], "ann@example.com");
});

api_test!(nobody_else_says_for_whom_they_call, LIMITED, |app| {
    let (server, other) = (front_end(app, &["forward_client"]), front_end(app, &["orders:read"]));
    let path = "/api/v1/store";
    other.with("Client-Address", "198.51.100.1").get(path).problem(403, "forbidden");
    for key in ["sk_short", "Bearer x"] {
        let anybody = app.client().with("Client-Address-Key", key).with("Client-Address", "198.51.100.1");
        anybody.get(path).problem(401, "invalid_token");
    }
    let missing = app.client().with("Client-Address", "198.51.100.1").get(path);
    missing.problem(400, "invalid_header");
    assert_eq!(missing.violations(), ["Client-Address-Key invalid_header"]);
    server.get(path).problem(400, "invalid_header");
    for address in ["", "here", "198.51.100.1, 198.51.100.2", "198.51.100.1:80", "198.51.100.0/24"] {
        server.with("Client-Address", address).get(path).problem(400, "invalid_header");
    }
    let twice = server.with("Client-Address", "198.51.100.1").request("GET", path).header("Client-Address", "::1");
    twice.send().problem(400, "invalid_header");
    let answer = server.with("Client-Address", "x").get("/api/v1/me").expect(400);
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=600;w=60"#), "what is refused counts as well");
});
