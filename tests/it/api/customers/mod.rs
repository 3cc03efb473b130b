//! Customers as the staff see them.

mod groups;
mod notes;

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Member, PASSWORD, Product, TestApp, api_test};

const CUSTOMERS: &str = "/api/v1/admin/customers";

fn path(customer: &Member) -> String {
    format!("{CUSTOMERS}/{}", customer.id())
}

fn admin(app: &TestApp) -> Client {
    app.staff(Role::Admin).with("If-Match", "*")
}

fn change(who: &Client, customer: &Member, body: &Value) -> Answer {
    who.patch(&path(customer), body)
}

fn log_in(app: &TestApp, email: &str) -> Answer {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD}))
}

/// The e-mail addresses of those whom the query finds, in its order.
fn found(who: &Client, query: &str) -> Vec<String> {
    let list = who.get(&format!("{CUSTOMERS}?{query}")).ok();
    list["items"].as_array().unwrap().iter().map(|it| it["email"].as_str().unwrap().to_owned()).collect()
}

fn told(who: &Client, customer: &Member) -> Vec<String> {
    let list = who.get(&format!("/api/v1/admin/audit-log?subject_id={}", customer.id())).ok();
    let of = |it: &Value| it["action"].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().rev().map(of).filter(|it| it != "logged_in").collect()
}

api_test!(customers_are_listed_and_found_by_what_stands_in_clear, |app| {
    let admin = admin(app);
    let (ann, bob, cleo) = (app.customer("ann"), app.customer("bob"), app.customer("cleo"));
    change(&admin, &ann, &json!({"external_id": "CRM-1", "tags": ["vip", "press"]})).ok();
    change(&admin, &bob, &json!({"tags": ["vip"], "disabled": true})).ok();
    let emails = |names: &[&str]| names.iter().map(|it| format!("{it}@example.com")).collect::<Vec<_>>();
    for (query, expected) in [
        ("", &["cleo", "bob", "ann"][..]),
        ("email=ANN%40example.com", &["ann"]),
        ("email=nobody%40example.com", &[]),
        ("external_id=CRM-1", &["ann"]),
        ("tag=vip", &["bob", "ann"]),
        ("tag=vip&disabled=false", &["ann"]),
        ("disabled=true", &["bob"]),
        ("created_before=2000-01-01T00:00:00Z", &[]),
    ] {
        assert_eq!(found(&admin, query), emails(expected), "{query}");
    }
    let first = admin.get(&format!("{CUSTOMERS}?limit=2&with_total=true")).ok();
    assert_eq!(first["page"]["total"], 3);
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    assert_eq!(found(&admin, &format!("limit=2&with_total=true&cursor={cursor}")), emails(&["ann"]));
    assert_eq!(admin.get(&path(&cleo)).ok()["groups"], json!([]));
});

api_test!(what_the_staff_change_is_seen_at_once_and_told_once, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    let shown = admin.get(&path(&ann)).expect(200);
    let tag = shown.header("etag").unwrap().to_owned();
    let body = json!({"name": "Ann Berg", "external_id": "CRM-1", "tags": ["vip", "vip", "b2b"]});
    let careful = app.staff(Role::Admin).with("If-Match", &tag);
    let changed = change(&careful, &ann, &body).ok();
    assert_eq!((&changed["name"], &changed["external_id"]), (&json!("Ann Berg"), &json!("CRM-1")));
    assert_eq!((&changed["tags"], &changed["version"]), (&json!(["b2b", "vip"]), &json!(2)));
    assert_eq!(ann.get("/api/v1/me").ok()["name"], "Ann Berg");
    change(&careful, &ann, &body).problem(412, "stale_version");
    // What is there already changes nothing.
    assert_eq!(change(&admin, &ann, &body).ok()["version"], 2);
    let cleared = change(&admin, &ann, &json!({"name": null, "external_id": null, "tags": []})).ok();
    assert_eq!((&cleared["name"], &cleared["external_id"], &cleared["tags"]), (&Value::Null, &Value::Null, &json!([])));
    assert_eq!(told(&admin, &ann), ["customer_changed", "customer_changed"]);
});

api_test!(who_is_disabled_is_out_at_once_and_comes_in_again_when_the_staff_say_so, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    assert_eq!(change(&admin, &ann, &json!({"disabled": true})).ok()["disabled"], true);
    ann.get("/api/v1/me").problem(401, "invalid_token");
    let refresh = json!({"refresh_token": ann.refresh_token()});
    app.guest().post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
    log_in(app, "ann@example.com").problem(401, "invalid_credentials");
    change(&admin, &ann, &json!({"disabled": false})).ok();
    ann.get("/api/v1/me").problem(401, "invalid_token");
    log_in(app, "ann@example.com").expect(200);
    assert_eq!(told(&admin, &ann), ["customer_disabled", "customer_enabled"]);
});

api_test!(what_is_not_so_is_refused_whole, |app| {
    let (admin, ann, bob) = (admin(app), app.customer("ann"), app.customer("bob"));
    change(&admin, &bob, &json!({"external_id": "CRM-1"})).ok();
    let none = "grp_01kdxkk1a0f2ethrwsbq5wfaw2";
    for (body, status, violation) in [
        (json!({"name": "Anna", "external_id": "CRM-1"}), 409, "#/external_id external_id_taken"),
        (json!({"name": "Anna", "group_ids": [none]}), 422, "#/group_ids/0 not_found"),
        (json!({"name": "Anna", "tags": ["Not A Tag"]}), 422, "#/tags/0 invalid_format"),
        (json!({"name": "An\nna"}), 422, "#/name invalid_character"),
        (json!({"name": "Anna", "email": "anna@example.com"}), 422, "#/email unknown_field"),
        (json!({"name": "Anna", "email_verified": true}), 422, "#/email_verified unknown_field"),
    ] {
        let answer = change(&admin, &ann, &body);
        assert_eq!((answer.status, answer.violations()), (status, vec![violation.to_owned()]), "{body}");
    }
    assert_eq!(admin.get(&path(&ann)).ok()["name"], "ann");
    app.staff(Role::Admin).patch(&path(&ann), &json!({})).problem(428, "precondition_required");
    admin.get(&format!("{CUSTOMERS}/cust_01kdxkk1a0f2ethrwsbq5wfaw2")).problem(404, "not_found");
});

api_test!(the_staff_erase_as_a_customer_does_also_one_who_is_disabled, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(5));
    let lines = json!({"lines": [{"variant_id": product.variant_id, "quantity": 1}]});
    ann.post("/api/v1/carts", &lines).expect(201);
    change(&admin, &ann, &json!({"disabled": true, "tags": ["vip"], "external_id": "CRM-1"})).ok();
    admin.post(&format!("{}/notes", path(&ann)), &json!({"text": "Calls often."})).expect(201);
    admin.delete(&path(&ann)).expect(204);
    admin.get(&path(&ann)).problem(404, "not_found");
    admin.delete(&path(&ann)).problem(404, "not_found");
    assert_eq!(found(&admin, "tag=vip"), Vec::<String>::new());
    assert_eq!(found(&admin, ""), Vec::<String>::new());
    log_in(app, "ann@example.com").problem(401, "invalid_credentials");
    assert_eq!(told(&admin, &ann), ["customer_changed", "customer_disabled", "account_erased"]);
    // The address is free again.
    app.customer("ann");
});
