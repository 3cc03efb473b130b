//! Which credential opens which door.

use cartwright::auth::rights::Role;
use serde_json::json;

use crate::support::{Client, TestApp, api_test};

fn authorized(app: &TestApp, value: &str) -> Client {
    app.client().with("Authorization", value)
}

api_test!(a_credential_that_is_no_good_is_refused_on_public_routes_too, |app| {
    let ann = app.customer("ann");
    let good = ann.session["access_token"].as_str().unwrap();
    let values = [
        "Bearer".to_owned(),
        "Bearer nonsense".to_owned(),
        format!("Bearer {good}x"),
        format!("Basic {good}"),
        format!("Token {good}"),
        good.to_owned(),
        "Bearer sk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    ];
    for value in values {
        for path in ["/api/v1/products", "/api/v1/me", "/api/v1/carts/cart_01kdxkk1a0f2ethrwsbq5wfaw2"] {
            let answer = authorized(app, &value).get(path);
            answer.problem(401, "invalid_token");
            let expected = r#"Bearer realm="cartwright", error="invalid_token""#;
            assert_eq!(answer.header("www-authenticate"), Some(expected), "{value} {path}");
        }
    }
});

api_test!(a_bad_credential_keeps_nobody_from_getting_a_new_one, |app| {
    let ann = app.customer("ann");
    let body = json!({"refresh_token": ann.refresh_token()});
    authorized(app, "Bearer nonsense").post("/api/v1/auth/refresh", &body).expect(200);
    authorized(app, "Basic YTpi").get("/health/live").expect(204);
    authorized(app, "Basic YTpi").get("/.well-known/jwks.json").expect(200);
});

api_test!(the_scheme_may_be_written_in_any_case, |app| {
    let ann = app.customer("ann");
    let token = ann.session["access_token"].as_str().unwrap();
    authorized(app, &format!("bearer  {token}")).get("/api/v1/me").ok();
});

api_test!(no_credential_is_401_before_anything_else_is_looked_at, |app| {
    let nobody = app.guest();
    nobody.get("/api/v1/me").problem(401, "unauthorized");
    nobody.patch("/api/v1/me", &json!([7])).problem(401, "unauthorized");
    nobody.delete("/api/v1/me").problem(401, "unauthorized");
    let absent = "/api/v1/carts/cart_01kdxkk1a0f2ethrwsbq5wfaw2";
    let answer = nobody.get(absent);
    answer.problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="cartwright""#));
    nobody.with("Cart-Token", "nonsense").get(absent).problem(401, "invalid_token");
    let foreign = format!("ct_{}", "A".repeat(43));
    nobody.with("Cart-Token", &foreign).get(absent).problem(404, "not_found");
});

api_test!(a_token_opens_its_own_half_of_the_api, |app| {
    let (ann, kim) = (app.customer("ann"), app.staff(Role::Admin));
    kim.get("/api/v1/me").problem(403, "forbidden");
    kim.post("/api/v1/carts", &json!({})).problem(403, "forbidden");
    kim.get("/api/v1/carts/cart_01kdxkk1a0f2ethrwsbq5wfaw2").problem(403, "forbidden");
    kim.get("/api/v1/products").ok();
    kim.get("/api/v1/admin/shipping-zones").ok();
    ann.get("/api/v1/admin/shipping-zones").problem(403, "forbidden");
    ann.get("/api/v1/products").ok();
    let refresh = json!({"refresh_token": kim.refresh_token()});
    let session = app.guest().post("/api/v1/auth/refresh", &refresh).ok();
    assert_eq!(session["staff"], kim.session["staff"]);
});

api_test!(staff_need_the_very_right, |app| {
    let viewer = app.staff(Role::Viewer);
    viewer.get("/api/v1/admin/shipping-zones").ok();
    let zone = json!({"name": "Europe", "countries": ["DE"], "options": []});
    let answer = viewer.post("/api/v1/admin/shipping-zones", &zone);
    assert!(answer.problem(403, "forbidden")["detail"].as_str().unwrap().contains("settings:write"));
    app.staff(Role::OrderManager).get("/api/v1/admin/shipping-zones").problem(403, "forbidden");
});

api_test!(the_public_keys_are_published, |app| {
    let set = app.guest().get("/.well-known/jwks.json").ok();
    assert_eq!(set["keys"][0]["crv"], "Ed25519");
    assert!(set["keys"][0].get("d").is_none());
});
