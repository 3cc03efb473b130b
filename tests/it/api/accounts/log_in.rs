//! `POST /auth/login`.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use cartwright::{
    auth::rights::Role,
    db::schema::{customers, logins},
    keys::Purpose,
};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Member, PASSWORD, Product, TestApp, api_test, backend_test};

fn log_in(app: &TestApp, body: &Value) -> Answer {
    app.guest().post("/api/v1/auth/login", body)
}

api_test!(an_address_and_its_password_begin_a_session, |app| {
    let ann = app.customer("ann");
    let answer = log_in(app, &json!({"email": "ANN@example.com", "password": PASSWORD})).expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.json();
    assert_eq!(session["customer"], ann.session["customer"]);
    assert_ne!(session["session_id"], ann.session["session_id"]);
    // Both sessions live.
    Member::of(app, session).get("/api/v1/me").ok();
    ann.get("/api/v1/me").ok();
});

api_test!(a_wrong_password_and_an_unknown_address_look_alike, |app| {
    app.customer("ann");
    let refusals = [
        ("ann@example.com", "incorrect horse battery"),
        ("nobody@example.com", PASSWORD),
        ("ann@example.com", "x"),
        ("nobody@example.com", "x"),
    ]
    .map(|(email, password)| {
        let answer = log_in(app, &json!({"email": email, "password": password}));
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="cartwright""#));
        let mut problem = answer.problem(401, "invalid_credentials");
        problem.as_object_mut().unwrap().remove("request_id");
        problem
    });
    assert!(refusals.iter().all(|it| *it == refusals[0]), "{refusals:?}");
});

api_test!(a_password_is_the_same_composed_and_decomposed_and_nothing_is_trimmed, |app| {
    let body = json!({"email": "ann@example.com", "password": " \u{e9}l\u{e8}ve brigade pancake "});
    app.guest().post("/api/v1/auth/register", &body).expect(201);
    let decomposed = " e\u{301}le\u{300}ve brigade pancake ";
    log_in(app, &json!({"email": "ann@example.com", "password": decomposed})).expect(200);
    let refused = log_in(app, &json!({"email": "ann@example.com", "password": decomposed.trim()}));
    refused.problem(401, "invalid_credentials");
});

api_test!(a_form_logs_in_too, |app| {
    app.customer("ann");
    let request = app.guest().request("POST", "/api/v1/auth/login");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    request.body("email=ann%40example.com&password=correct%20horse%20battery%20staple").send().expect(200);
    let request = app.guest().request("POST", "/api/v1/auth/login").header("Content-Type", "text/plain");
    request.body("email=ann%40example.com").send().problem(415, "unsupported_media_type");
});

backend_test!(an_old_hash_is_replaced_when_its_owner_logs_in, |backend| {
    let app = &TestApp::start_with(backend, &["--bcrypt-cost", "10"]);
    app.customer("ann");
    // As it was stored when rounds were dearer: at cost 4, where new ones have 10.
    let peppered = STANDARD_NO_PAD.encode(app.shop.keys.mac(Purpose::PasswordPepper, &[PASSWORD.as_bytes()]));
    let old = format!("1{}", bcrypt::non_truncating_hash(&peppered, 4).unwrap());
    app.database(|conn| Ok(diesel::update(logins::table).set(logins::password_hash.eq(&old)).execute(conn)?));
    let stored = || -> String { app.database(|conn| Ok(logins::table.select(logins::password_hash).first(conn)?)) };
    let wrong = json!({"email": "ann@example.com", "password": "incorrect horse battery"});
    log_in(app, &wrong).problem(401, "invalid_credentials");
    assert_eq!(stored(), old);
    app.log_in("ann@example.com");
    let fresh = stored();
    assert!(fresh.starts_with("1$2b$10$"), "{fresh}");
    app.log_in("ann@example.com");
    assert_eq!(stored(), fresh);
});

api_test!(who_was_disabled_is_out_and_cannot_come_in, |app| {
    let ann = app.customer("ann");
    let now = app.shop.clock.now();
    app.database(|conn| {
        Ok(diesel::update(customers::table).set(customers::disabled_at.eq(Some(now))).execute(conn)?)
    });
    ann.get("/api/v1/me").problem(401, "invalid_token");
    let refresh = json!({"refresh_token": ann.refresh_token()});
    app.guest().post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
    let refused = log_in(app, &json!({"email": "ann@example.com", "password": PASSWORD}));
    refused.problem(401, "invalid_credentials");
});

api_test!(staff_log_in_by_the_same_door, |app| {
    let kim = app.staff(Role::OrderManager);
    assert_eq!(kim.session["customer"], Value::Null);
    let email = kim.session["staff"]["email"].as_str().unwrap().to_owned();
    let rights: Vec<&str> = Role::OrderManager.rights().iter().map(|it| it.as_str()).collect();
    assert_eq!(kim.session["staff"]["rights"], json!(rights));
    let taken = json!({"email": email.to_uppercase(), "password": PASSWORD});
    app.guest().post("/api/v1/auth/register", &taken).problem(409, "email_taken");
});

api_test!(a_guest_s_cart_is_summed_into_the_customer_s, |app| {
    let chair = app.put(Product::named("Oak chair").with_stock(5));
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 3}]});
    let ann = app.customer("ann");
    let own = ann.post("/api/v1/carts", &lines).expect(201).json();
    let guest = app.guest().post("/api/v1/carts", &lines).expect(201).json();
    let body = json!({
        "email": "ann@example.com", "password": PASSWORD, "cart_id": guest["id"], "cart_token": guest["token"],
    });
    let merge = log_in(app, &body).ok()["cart_merge"].clone();
    let line = json!({"variant_id": chair.variant_id, "outcome": "capped", "quantity": 5, "requested": 6});
    assert_eq!(merge, json!({"cart_id": own["id"], "lines": [line]}));
    // The same pair again opens nothing, and does not keep anybody out.
    assert_eq!(log_in(app, &body).ok()["cart_merge"], Value::Null);
});

api_test!(a_wrong_cart_pair_does_not_fail_the_log_in, |app| {
    app.customer("ann");
    let cart = app.guest().post("/api/v1/carts", &json!({})).expect(201).json();
    let other = app.guest().post("/api/v1/carts", &json!({})).expect(201).json();
    for (id, token) in [
        (&cart["id"], &other["token"]),
        (&cart["id"], &json!("ct_nonsense")),
        (&cart["id"], &Value::Null),
        (&Value::Null, &cart["token"]),
        (&json!("cart_01kdxkk1a0f2ethrwsbq5wfaw2"), &cart["token"]),
    ] {
        let body = json!({"email": "ann@example.com", "password": PASSWORD, "cart_id": id, "cart_token": token});
        assert_eq!(log_in(app, &body).ok()["cart_merge"], Value::Null, "{id} {token}");
    }
    let malformed = json!({"email": "ann@example.com", "password": PASSWORD, "cart_id": "prod_1", "cart_token": "x"});
    let answer = log_in(app, &malformed);
    assert!(answer.violations().iter().all(|it| it.starts_with("#/cart_id")), "{}", answer.text());
});
