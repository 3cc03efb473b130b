//! `/admin/api-keys`, and what they open.

use cartwright::auth::rights::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{change, delete, head_of_staff, path, told};
use crate::support::{Client, TestApp, api_test};

const KEYS: &str = "/api/v1/admin/api-keys";

fn make(who: &Client, rights: &[&str]) -> Value {
    who.post(KEYS, &json!({"name": "Warehouse", "rights": rights})).expect(201).json()
}

fn by_key(app: &TestApp, made: &Value) -> Client {
    app.client().with("Authorization", &format!("Bearer {}", made["key"].as_str().unwrap()))
}

fn path_of(made: &Value) -> String {
    format!("{KEYS}/{}", made["id"].as_str().unwrap())
}

api_test!(a_key_is_shown_once_and_opens_what_it_was_made_for, |app| {
    let admin = app.staff(Role::Admin);
    let made = make(&admin, &["inventory:read", "settings:write"]);
    assert!(made["key"].as_str().unwrap().starts_with("sk_"));
    assert_eq!((&made["created_by"], &made["last_used_at"]), (&json!(admin.id()), &Value::Null));
    let key = by_key(app, &made);
    key.get("/api/v1/admin/inventory").expect(200);
    key.get("/api/v1/admin/orders").problem(403, "forbidden");
    key.get("/api/v1/admin/me").problem(403, "forbidden");
    for path in ["/api/v1/me", "/api/v1/carts/cart_01kdxkk1a0f2ethrwsbq5wfaw2"] {
        key.get(path).problem(403, "forbidden");
    }
    let shown = admin.get(&path_of(&made)).ok();
    assert!(shown["key"].is_null() && shown["last_used_at"].is_string(), "{shown}");
    let listed = admin.get(KEYS).ok();
    assert!(listed["items"][0]["key"].is_null());
    let changed = change(&admin, &path_of(&made), &json!({"name": "Store room"})).ok();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Store room"), &json!(2)));
    delete(&admin, &path_of(&made)).expect(204);
    key.get("/api/v1/admin/inventory").problem(401, "invalid_token");
    assert_eq!(told(app, made["id"].as_str().unwrap()), ["api_key_created", "api_key_changed", "api_key_revoked"]);
});

api_test!(a_key_that_nobody_made_is_no_credential, |app| {
    let unknown = format!("Bearer sk_{}", "A".repeat(43));
    for text in [unknown.as_str(), "Bearer sk_", "Bearer sk_short"] {
        app.client().with("Authorization", text).get("/api/v1/admin/inventory").problem(401, "invalid_token");
    }
});

api_test!(a_repeat_of_the_making_shows_the_same_key_and_keys_repeat_for_themselves, |app| {
    let admin = app.staff(Role::Admin).with("Idempotency-Key", "one-key-for-the-warehouse");
    let body = json!({"name": "Warehouse", "rights": ["settings:write"]});
    let (first, again) = (admin.post(KEYS, &body).expect(201), admin.post(KEYS, &body).expect(201));
    assert_eq!((first.json(), again.header("idempotency-replayed")), (again.json(), Some("true")));
    let zone = json!({"name": "Abroad", "countries": ["NO"], "options": []});
    let key = by_key(app, &first.json()).with("Idempotency-Key", "one-key-for-the-zone");
    let made = key.post("/api/v1/admin/shipping-zones", &zone).expect(201).json();
    assert_eq!(key.post("/api/v1/admin/shipping-zones", &zone).expect(201).json(), made);
    let other = by_key(app, &make(&app.staff(Role::Admin), &["settings:write"]));
    let other = other.with("Idempotency-Key", "one-key-for-the-zone");
    other.post("/api/v1/admin/shipping-zones", &zone).problem(409, "country_taken");
});

api_test!(a_key_ends_when_it_was_to_end, |app| {
    let admin = app.staff(Role::Admin);
    let now = app.shop.clock.now();
    let body = |expires_at| json!({"name": "Short", "rights": ["orders:read"], "expires_at": expires_at});
    admin.post(KEYS, &body(json!(now.plus(TimeDelta::seconds(-1))))).problem(422, "reversed_range");
    let made = admin.post(KEYS, &body(json!(now.plus(TimeDelta::seconds(300))))).expect(201).json();
    let key = by_key(app, &made);
    key.get("/api/v1/admin/orders").expect(200);
    app.shop.clock.advance(TimeDelta::seconds(301));
    key.get("/api/v1/admin/orders").problem(401, "invalid_token");
});

api_test!(a_key_may_never_more_than_whoever_made_it_may_now, |app| {
    let (admin, head) = (app.staff(Role::Admin), head_of_staff(app));
    let beyond = json!({"name": "Till", "rights": ["orders:refund"]});
    head.post(KEYS, &beyond).problem(403, "beyond_own_rights");
    delete(&head, &path_of(&make(&admin, &["orders:refund"]))).problem(403, "beyond_own_rights");

    let maker = app.staff(Role::Admin);
    let made = make(&maker, &["orders:read", "settings:read", "staff:write"]);
    let key = by_key(app, &made);
    key.get("/api/v1/admin/shipping-zones").expect(200);
    key.post(KEYS, &beyond).problem(403, "forbidden");
    change(&admin, &path(&maker), &json!({"role_id": Role::OrderManager.id()})).expect(200);
    key.get("/api/v1/admin/orders").expect(200);
    key.get("/api/v1/admin/shipping-zones").problem(403, "forbidden");
    change(&admin, &path(&maker), &json!({"disabled": true})).expect(200);
    key.get("/api/v1/admin/orders").problem(401, "invalid_token");
    change(&admin, &path(&maker), &json!({"disabled": false})).expect(200);
    key.get("/api/v1/admin/orders").expect(200);
    delete(&admin, &path(&maker)).expect(204);
    key.get("/api/v1/admin/orders").problem(401, "invalid_token");
    admin.get(&path_of(&made)).problem(404, "not_found");
});

api_test!(a_key_makes_no_key, |app| {
    let admin = app.staff(Role::Admin);
    let key = by_key(app, &make(&admin, &["staff:write", "orders:read"]));
    key.post(KEYS, &json!({"name": "Mine", "rights": ["orders:read"]})).problem(403, "forbidden");
});

api_test!(nobody_turns_their_own_second_factor_off_by_the_administration, |app| {
    let admin = app.staff(Role::Admin);
    let own = format!("/api/v1/admin/staff/{}", admin.id());
    change(&admin, &own, &json!({"second_factor": false})).problem(403, "forbidden");
});
