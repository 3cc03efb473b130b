//! `GET /me/export`.

use cartwright::auth::rights::Role;
use serde_json::json;

use crate::support::{Product, address, api_test};

api_test!(everything_that_is_held_of_a_customer_is_in_the_export, |app| {
    app.open_for_business();
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    app.log_in("ann@example.com");
    let admin = app.staff(Role::Admin).with("If-Match", "*");
    ann.post("/api/v1/me/addresses", &address()).expect(201);
    let product = app.put(Product::named("Oak chair").with_stock(5));
    let lines = json!({"lines": [{"variant_id": product.variant_id, "quantity": 2}]});
    ann.post("/api/v1/carts", &lines).expect(201);
    let customer = format!("/api/v1/admin/customers/{}", ann.id());
    admin.patch(&customer, &json!({"tags": ["vip"], "external_id": "CRM-1"})).ok();
    admin.post(&format!("{customer}/notes"), &json!({"text": "Calls often."})).expect(201);

    let answer = ann.get("/api/v1/me/export").expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let held = answer.json();
    assert_eq!((&held["account"]["email"], &held["account"]["tags"]), (&json!("ann@example.com"), &json!(["vip"])));
    assert_eq!(held["account"]["external_id"], "CRM-1");
    assert_eq!(held["addresses"][0]["line1"], address()["line1"]);
    assert_eq!(held["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(held["carts"][0]["lines"][0]["quantity"], 2);
    assert_eq!(held["notes"][0]["text"], "Calls often.");
    assert_eq!(held["mails"][0]["kind"], "verify_email");
    let log = held["audit_log"].as_array().unwrap();
    assert_eq!((&log[0]["action"], &log[0]["source"]["address"]), (&json!("registered"), &json!("127.0.0.1")));
    // From where the staff came is not the customer's to know.
    let by_staff = log.iter().find(|it| it["action"] == "customer_changed").unwrap();
    assert_eq!(by_staff["source"]["address"], json!(null));

    let others = bob.get("/api/v1/me/export").ok();
    for list in ["addresses", "carts", "orders", "notes"] {
        assert_eq!(others[list], json!([]), "{list}");
    }
    assert!(!others.to_string().contains("ann@example.com"));
});

api_test!(orders_are_in_the_export_also_those_that_failed, |app| {
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(5));
    let ann = app.customer("ann");
    let buyer = app.buyer_by(&ann, &[(&product, 1)]);
    buyer.buy("tok_declined").expect(402);
    let order = buyer.buy("tok_visa").expect(201).json();
    let held = ann.get("/api/v1/me/export").ok();
    let orders = held["orders"].as_array().unwrap();
    assert_eq!((orders.len(), &orders[0]["payment_status"]), (2, &json!("failed")));
    assert_eq!((&orders[1]["id"], &orders[1]["shipping_address"]), (&order["id"], &order["shipping_address"]));
    assert_eq!(orders[1]["token"], json!(null));
});
