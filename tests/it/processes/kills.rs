//! SIGKILL, from outside.

use cartwright::payments::sandbox::JournalKind;
use serde_json::json;

use super::Scene;
use crate::support::backend_test;

backend_test!(an_order_that_was_answered_outlives_its_server, |backend| {
    let scene = Scene::set(backend);
    let server = scene.premises.serve();
    let purchase = scene.buyer.purchase("tok_visa");
    let bought = scene.buyer.at(server.base()).send(&purchase).expect(201);
    server.kill();

    let server = scene.premises.serve();
    let buyer = scene.buyer.at(server.base());
    let order = bought.json();
    let reader = server.client().with("Order-Token", order["token"].as_str().unwrap());
    let found = reader.get(&format!("/api/v1/orders/{}", order["id"].as_str().unwrap())).ok();
    for member in ["number", "status", "payment_status", "version", "lines", "totals", "payments", "shipping_address"] {
        assert_eq!(found[member], order[member], "{member}");
    }
    assert_eq!(found["payment_status"], "paid");
    let repeated = buyer.send(&purchase).expect(201);
    assert_eq!((&repeated.body, repeated.header("idempotency-replayed")), (&bought.body, Some("true")));
    assert_eq!(buyer.look()["status"], "completed");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(2)));
    assert_eq!(scene.deeds(), [JournalKind::Charge]);
    scene.premises.expect_books_in_order();
});
