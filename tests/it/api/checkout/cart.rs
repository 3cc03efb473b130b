//! Carts.

use cartwright::db::schema::carts;
use diesel::prelude::*;
use serde_json::json;

use crate::support::{Product, api_test};

api_test!(a_guest_s_cart_opens_with_its_token_alone, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 2)]);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    assert_eq!(buyer.look()["token"], json!(null));
    app.client().get(&path).problem(401, "unauthorized");
    let other = app.buyer(&[(&mug, 1)]);
    other.client.get(&path).problem(404, "not_found");
    app.client().with("Cart-Token", "ct_nonsense").get(&path).problem(401, "invalid_token");
});

api_test!(a_cart_s_sums_hold_exactly, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").priced(1999));
    let lamp = app.put(Product::named("Lamp").priced(333));
    let cart = app.buyer(&[(&mug, 3), (&lamp, 7)]).cart;
    let amount = |name: &str| cart["totals"][name]["amount"].as_i64().unwrap();
    assert_eq!(amount("subtotal"), 3 * 1999 + 7 * 333);
    assert_eq!(amount("shipping"), 490);
    assert_eq!(amount("total"), amount("subtotal") - amount("discount") + amount("shipping"));
    assert_eq!(amount("due"), amount("total"));
    let tax_lines: i64 =
        cart["totals"]["tax_lines"].as_array().unwrap().iter().map(|it| it["amount"]["amount"].as_i64().unwrap()).sum();
    assert_eq!(tax_lines, amount("tax"));
    assert!(amount("tax") > 0);
});

api_test!(adding_a_variant_that_is_there_sums_and_too_many_are_refused, |app| {
    let mug = app.put(Product::named("Mug"));
    let buyer = {
        app.open_for_business();
        app.buyer(&[(&mug, 998)])
    };
    let path = format!("/api/v1/carts/{}/lines", buyer.cart_id);
    let line = |quantity: i32| json!({"variant_id": mug.variant_id, "quantity": quantity});
    let cart = buyer.client.post(&path, &line(1)).ok();
    assert_eq!(cart["lines"][0]["quantity"], 999);
    assert_eq!(cart["problems"][0]["code"], "insufficient_stock");
    assert_eq!(cart["problems"][0]["params"]["max"], 10);
    let answer = buyer.client.post(&path, &line(1));
    answer.problem(422, "quantity_too_large");
    assert_eq!(answer.violations(), ["#/quantity quantity_too_large"]);
    buyer.client.post(&path, &line(0)).problem(422, "out_of_range");
});

api_test!(what_is_not_sold_cannot_be_put_into_a_cart, |app| {
    let draft = app.put(Product::named("Draft").draft());
    let priceless = app.put(Product::named("Gift").priced(None));
    let lines = json!({"lines": [
        {"variant_id": draft.variant_id, "quantity": 1},
        {"variant_id": priceless.variant_id, "quantity": 1},
        {"variant_id": "var_01kdxkk1a0f2ethrwsbq5wfaw2", "quantity": 1},
    ]});
    let answer = app.client().post("/api/v1/carts", &lines).expect(422);
    let expected =
        ["#/lines/0/variant_id not_found", "#/lines/1/variant_id no_price", "#/lines/2/variant_id not_found"];
    assert_eq!(answer.violations(), expected);
});

api_test!(a_stale_if_match_leaves_the_cart_as_it_is, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    let stale = buyer.client.with("If-Match", "\"1\"");
    stale.patch(&path, &json!({"note": "hello"})).problem(412, "stale_version");
    assert_eq!(buyer.look()["note"], json!(null));
    let tag = buyer.client.get(&path).header("etag").unwrap().to_owned();
    buyer.client.with("If-Match", &tag).patch(&path, &json!({"note": "hello"})).ok();
});

api_test!(a_card_number_never_gets_in, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    let answer = buyer.client.patch(&path, &json!({"note": "my card is 4242 4242-4242 4242"}));
    answer.problem(422, "card_data_refused");
    assert_eq!(answer.violations(), ["#/note card_data_refused"]);
    let mut purchase = buyer.purchase("tok_visa");
    purchase.body["payment"]["number"] = json!("4242424242424242");
    buyer.send(&purchase).problem(422, "card_data_refused");
});

api_test!(a_client_s_notes_are_merged_and_kept_from_readers_of_the_database, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    let patched = |metadata: serde_json::Value| buyer.client.patch(&path, &json!({"metadata": metadata}));
    patched(json!({"gift": "For Ada", "wrap": "blue"})).ok();
    assert_eq!(
        patched(json!({"wrap": null, "card": "yes"})).ok()["metadata"],
        json!({"card": "yes", "gift": "For Ada"})
    );
    let many: serde_json::Map<_, _> = (0..19).map(|it| (format!("note {it}"), json!("x"))).collect();
    patched(many.into()).problem(422, "too_many_entries");
    let sealed: Option<Vec<u8>> = app.database(|conn| Ok(carts::table.select(carts::contact).first(conn)?));
    assert!(!String::from_utf8_lossy(&sealed.unwrap()).contains("Ada"));
    assert_eq!(patched(json!(null)).ok()["metadata"], json!({}));
});
