//! Orders in the hands of the staff: shipped and refunded.

use cartwright::{auth::rights::Role, checkout::refund::begin_full_refund, ids::OrderId};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Member, Product, TestApp, api_test};

fn post(staff: &Member, order: &str, what: &str, body: Value) -> Answer {
    let path = format!("/api/v1/admin/orders/{order}/{what}");
    staff.request("POST", &path).header("Idempotency-Key", &format!("{what}-{order}")).json(&body).send()
}

fn paid_order(app: &TestApp) -> String {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(10));
    let order = app.buyer(&[(&mug, 2)]).buy("tok_visa").expect(201).json();
    order["id"].as_str().unwrap().to_owned()
}

api_test!(what_is_being_refunded_is_not_shipped, |app| {
    let staff = app.staff(Role::Admin);
    let order = paid_order(app);
    let id: OrderId = order.parse().unwrap();
    app.database(|conn| begin_full_refund(conn, id, None, app.shop.clock.now()).map(drop));
    post(&staff, &order, "shipments", json!({})).problem(409, "invalid_transition");
    app.shop.clock.advance(TimeDelta::seconds(21));
    app.sweep();
    let after = staff.get(&format!("/api/v1/admin/orders/{order}")).ok();
    assert_eq!((&after["payment_status"], &after["status"]), (&json!("refunded"), &json!("cancelled")));
});

api_test!(an_order_is_shipped_once, |app| {
    let staff = app.staff(Role::OrderManager);
    let order = paid_order(app);
    let tracking = json!({"tracking": {"carrier": "DHL", "number": "JJD1"}});
    let shipped = post(&staff, &order, "shipments", tracking).expect(201).json();
    assert_eq!((&shipped["status"], &shipped["fulfillment_status"]), (&json!("completed"), &json!("fulfilled")));
    let path = format!("/api/v1/admin/orders/{order}/shipments");
    staff.post(&path, &json!({})).problem(409, "nothing_left");
});
