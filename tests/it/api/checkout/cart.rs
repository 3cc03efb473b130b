//! Carts.

use cartwright::{auth::rights::Role, db::schema::carts, money::LARGEST};
use diesel::prelude::*;
use serde_json::json;

use crate::support::{Answer, Product, api_test};

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

api_test!(a_cart_that_would_come_to_more_than_money_can_hold_is_refused_by_its_quantities, |app| {
    app.open_for_business();
    let gold = app.put(Product::named("Gold").priced(LARGEST - 1000));
    let line = |quantity: i32| json!({"variant_id": gold.variant_id, "quantity": quantity});
    let refused = |answer: Answer, pointer: &str| {
        answer.problem(422, "amount_too_large");
        assert_eq!(answer.violations(), [format!("{pointer} amount_too_large")]);
    };
    refused(app.guest().post("/api/v1/carts", &json!({"lines": [line(2)]})), "#/lines/0/quantity");
    let buyer = app.buyer(&[(&gold, 1)]);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    refused(buyer.client.post(&format!("{path}/lines"), &line(1)), "#/quantity");
    refused(buyer.client.post(&format!("{path}/lines"), &json!({"lines": [line(1)]})), "#/lines/0/quantity");
    let own_line = format!("{path}/lines/{}", buyer.cart["lines"][0]["id"].as_str().unwrap());
    refused(buyer.client.patch(&own_line, &json!({"quantity": 2})), "#/quantity");
    assert_eq!(buyer.look()["lines"][0]["quantity"], 1);
});

api_test!(a_cart_whose_goods_became_too_dear_for_money_is_shown_and_cannot_be_bought, |app| {
    app.open_for_business();
    let [gold, mug] = [("Gold", LARGEST / 4), ("Mug", 100)].map(|(name, it)| app.put(Product::named(name).priced(it)));
    let buyer = app.buyer(&[(&gold, 2), (&mug, 1)]);
    let prices = format!("/api/v1/admin/prices/{}", gold.variant_id);
    let dearer = json!({"prices": [{"amount": LARGEST, "currency": "EUR"}]});
    let staff = app.staff(Role::Admin);
    staff.request("PUT", &prices).header("If-Match", "*").json(&dearer).send().expect(200);
    let cart = buyer.look();
    let gold_at = cart["lines"].as_array().unwrap().iter().position(|it| it["quantity"] == 2).unwrap();
    let problem = &cart["problems"][0];
    let expected = (json!(format!("#/lines/{gold_at}/quantity")), json!("amount_too_large"));
    assert_eq!((&problem["pointer"], &problem["code"]), (&expected.0, &expected.1));
    assert_eq!(cart["totals"]["subtotal"]["amount"], 100);
    assert_eq!(cart["lines"][gold_at]["line_total"]["amount"], LARGEST);
    buyer.client.get(&format!("/api/v1/carts/{}/explain", buyer.cart_id)).expect(200);
    buyer.buy("tok_visa").problem(422, "cart_incomplete");
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

api_test!(a_cart_tells_nothing_of_what_the_shop_plans_with_what_it_took_off, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").priced(Some(1_000)));
    let buyer = app.buyer(&[(&mug, 2)]);
    let kim = app.staff(Role::CatalogueManager);
    let product = format!("/api/v1/admin/products/{}", mug.id);
    kim.with("If-Match", "*").patch(&product, &json!({"status": "draft"})).ok();
    let prices = format!("/api/v1/admin/prices/{}", mug.variant_id);
    let planned = json!({"prices": [{"currency": "EUR", "amount": 77_777, "compare_at": 88_888}]});
    kim.request("PUT", &prices).header("If-Match", "*").json(&planned).send().ok();
    let cart = buyer.look();
    let line = &cart["lines"][0];
    assert_eq!((&line["unit_price"]["amount"], &line["line_total"]["amount"]), (&json!(1_000), &json!(2_000)));
    assert_eq!((&line["availability"], &line["compare_at_price"]), (&json!("out_of_stock"), &json!(null)));
    assert_eq!(cart["problems"][0]["code"], "not_found");
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
