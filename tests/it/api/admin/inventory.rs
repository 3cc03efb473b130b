use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{change, made};
use crate::support::{Product, api_test};

api_test!(a_count_writes_the_difference_into_the_ledger, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair").with_stock(10));
    let path = format!("/api/v1/admin/inventory/{}", product.variant_id);
    kim.patch(&path, &json!({"on_hand": 4})).problem(428, "precondition_required");
    let counted = change(&kim, &path, "\"1\"", &json!({"on_hand": 4, "reason": "Yearly count"})).ok();
    assert_eq!((&counted["on_hand"], &counted["available"], &counted["version"]), (&json!(4), &json!(4), &json!(2)));
    assert_eq!(counted["levels"][0]["on_hand"], 4);
    change(&kim, &path, "\"1\"", &json!({"on_hand": 4})).problem(412, "stale_version");
    assert_eq!(change(&kim, &path, "\"2\"", &json!({"on_hand": 4})).ok()["version"], 2, "the books were right");
    let ledger = kim.get(&format!("{path}/movements")).ok();
    let entries: Vec<Value> =
        ledger["items"].as_array().unwrap().iter().map(|it| json!([it["cause"], it["delta"], it["reason"]])).collect();
    assert_eq!(entries, [json!(["count", -6, "Yearly count"]), json!(["initial", 10, null])]);
    assert_eq!(ledger["items"][0]["actor_id"], kim.id());
    let shown = app.guest().get(&format!("/api/v1/products/{}", product.id)).ok();
    assert_eq!(shown["availability"], "low_stock");
});

api_test!(an_adjustment_is_booked_once_for_one_key, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair").with_stock(10));
    let path = format!("/api/v1/admin/inventory/{}", product.variant_id);
    let send = || {
        let request = kim.request("POST", &format!("{path}/adjustments")).header("Idempotency-Key", "broken-1");
        request.json(&json!({"delta": -2, "reason": "Broken"})).send()
    };
    let (location, stock) = made(send());
    assert_eq!((location, &stock["on_hand"], &stock["version"]), (path.clone(), &json!(8), &json!(2)));
    assert_eq!(send().expect(201).header("idempotency-replayed"), Some("true"));
    assert_eq!(kim.get(&path).ok(), stock);
    let refused = |body: Value| kim.post(&format!("{path}/adjustments"), &body);
    assert_eq!(refused(json!({"delta": 0, "reason": "x"})).violations(), ["#/delta zero_adjustment"]);
    assert_eq!(refused(json!({"delta": 1})).violations(), ["#/reason required"]);
    let nowhere = json!({"delta": 1, "reason": "x", "location_id": "loc_01kdxkk1a0f2ethrwsbq5wfaw2"});
    assert_eq!(refused(nowhere).violations(), ["#/location_id not_found"]);
    let too_many = json!({"delta": 999_999_993, "reason": "x"});
    assert_eq!(refused(too_many).violations(), ["#/delta out_of_range"], "no import would take so many in");
    refused(json!({"delta": 999_999_992, "reason": "x"})).expect(201);
});

api_test!(stock_never_falls_below_what_is_reserved, |app| {
    let kim = app.staff(Role::Admin);
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(10));
    app.buyer(&[(&product, 3)]).buy("tok_visa").expect(201);
    let path = format!("/api/v1/admin/inventory/{}", product.variant_id);
    let stock = kim.get(&path).ok();
    assert_eq!((&stock["on_hand"], &stock["reserved"], &stock["available"]), (&json!(10), &json!(3), &json!(7)));
    assert_eq!(stock["version"], 1, "a sale is no change of the editor's");
    let refused = change(&kim, &path, "\"1\"", &json!({"on_hand": 2})).problem(409, "insufficient_stock");
    assert_eq!(refused["reserved"], 3);
    let broken = json!({"delta": -8, "reason": "Fire"});
    kim.post(&format!("{path}/adjustments"), &broken).problem(409, "insufficient_stock");
    assert_eq!(change(&kim, &path, "\"1\"", &json!({"on_hand": 3})).ok()["available"], 0);
    let shown = app.guest().get(&format!("/api/v1/products/{}", product.id)).ok();
    assert_eq!(shown["availability"], "out_of_stock");
});
