//! What becomes of one checkout.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Product, api_test};

api_test!(a_guest_buys_and_reads_the_order_with_its_token, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 2)]);
    let answer = buyer.buy("tok_visa").expect(201);
    let order = answer.json();
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("open"), &json!("paid")));
    assert_eq!(order["totals"]["paid"], order["totals"]["total"]);
    assert_eq!(order["payments"][0]["card"]["last4"], "4242");
    assert_eq!(buyer.look()["status"], "completed");
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let reader = app.client().with("Order-Token", order["token"].as_str().unwrap());
    assert_eq!(reader.get(&path).ok()["number"], order["number"]);
    app.client().get(&path).problem(401, "unauthorized");
    buyer.client.get(&path).problem(404, "not_found");
    let problem = buyer.buy("tok_visa").problem(409, "cart_closed");
    assert_eq!(problem["order_id"], order["id"]);
});

api_test!(the_same_key_replays_the_same_answer, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let purchase = buyer.purchase("tok_visa");
    let first = buyer.send(&purchase).expect(201);
    let second = buyer.send(&purchase).expect(201);
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let mut other = buyer.purchase("tok_declined");
    other.key.clone_from(&purchase.key);
    buyer.send(&other).problem(422, "idempotency_key_reused");
    assert_eq!(app.journal().len(), 1);
});

api_test!(a_declined_card_leaves_the_cart_open_and_nothing_held, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(1));
    let buyer = app.buyer(&[(&mug, 1)]);
    for (token, reason) in [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")] {
        let purchase = buyer.purchase(token);
        let first = buyer.send(&purchase);
        assert_eq!(first.problem(402, "card_declined")["decline_code"], reason);
        let again = buyer.send(&purchase).expect(402);
        assert_eq!((first.body, again.header("idempotency-replayed")), (again.body.clone(), Some("true")));
    }
    let cart = buyer.look();
    assert_eq!((&cart["status"], &cart["problems"]), (&json!("open"), &json!([])));
    buyer.buy("tok_visa").expect(201);
});

api_test!(each_test_card_does_what_it_is_known_for, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(50));
    for (number, outcome) in [
        ("4242 4242 4242 4242", None),
        ("4000000000000002", Some("card_declined")),
        ("4000000000009995", Some("insufficient_funds")),
        ("4000000000000069", Some("expired_card")),
        ("4000000000000127", Some("incorrect_cvc")),
        ("4000000000000119", Some("processing_error")),
    ] {
        let card = json!({"number": number, "exp_month": 12, "exp_year": 2090, "cvc": "123"});
        let token = app.client().post("/sandbox/tokens", &card).expect(201).json();
        let answer = app.buyer(&[(&mug, 1)]).buy(token["id"].as_str().unwrap());
        match outcome {
            None => drop(answer.expect(201)),
            Some(reason) => assert_eq!(answer.problem(402, "card_declined")["decline_code"], reason),
        }
    }
    let unknown = json!({"number": "4111111111111111", "exp_month": 12, "exp_year": 2090, "cvc": "123"});
    app.client().post("/sandbox/tokens", &unknown).expect(422);
});

api_test!(an_unknown_token_charges_nothing_and_the_key_may_be_used_again, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let mut purchase = buyer.purchase("tok_nothing_of_the_kind");
    assert_eq!(buyer.send(&purchase).expect(422).violations(), ["#/payment/token invalid_payment_token"]);
    purchase.body["payment"]["token"] = json!("tok_visa");
    buyer.send(&purchase).expect(201);
});

api_test!(every_missing_piece_is_named, |app| {
    app.open_for_business();
    let made = app.client().post("/api/v1/carts", &json!({})).expect(201).json();
    let client = app.client().with("Cart-Token", made["token"].as_str().unwrap());
    let path = format!("/api/v1/carts/{}/checkout", made["id"].as_str().unwrap());
    let body = json!({"expected_total": {"amount": 0, "currency": "EUR"}, "payment": null});
    let answer = client.request("POST", &path).header("Idempotency-Key", "k").json(&body).send();
    answer.problem(422, "cart_incomplete");
    let expected = [
        "#/email cart_incomplete",
        "#/lines cart_incomplete",
        "#/shipping_address cart_incomplete",
        "#/shipping_option_id cart_incomplete",
    ];
    assert_eq!(answer.violations(), expected);
    client.post(&path, &body).problem(400, "idempotency_key_required");
});

api_test!(a_price_or_stock_that_has_changed_is_told_and_nothing_is_charged, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(1));
    let buyer = app.buyer(&[(&mug, 1)]);
    let mut purchase = buyer.purchase("tok_visa");
    purchase.body["expected_total"]["amount"] = json!(1);
    let problem = buyer.send(&purchase).problem(409, "price_changed");
    assert_eq!(problem["totals"], buyer.cart["totals"]);
    let greedy = app.buyer(&[(&mug, 2)]);
    let answer = greedy.buy("tok_visa");
    answer.problem(409, "insufficient_stock");
    assert_eq!(answer.violations(), ["#/lines/0/quantity insufficient_stock"]);
    let stale = buyer.client.with("If-Match", "\"1\"");
    let path = format!("/api/v1/carts/{}/checkout", buyer.cart_id);
    let purchase = buyer.purchase("tok_visa");
    let answer = stale.request("POST", &path).header("Idempotency-Key", &purchase.key).json(&purchase.body).send();
    answer.problem(409, "cart_changed");
    assert!(app.journal().is_empty());
});

api_test!(a_charge_without_an_answer_is_settled_by_the_sweeper, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug"));
    let buyer = app.buyer(&[(&mug, 1)]);
    let purchase = buyer.purchase("tok_late_success");
    let order = buyer.send(&purchase).expect(202).json();
    assert_eq!(order["payment_status"], "processing");
    buyer.buy("tok_visa").problem(409, "checkout_in_progress");
    app.shop.clock.advance(TimeDelta::seconds(21));
    app.sweep();
    // A repeat replays what was answered then; the order tells how it stands now.
    let replayed = buyer.send(&purchase).expect(202);
    assert_eq!(replayed.json()["payment_status"], "processing");
    let reader = app.client().with("Order-Token", order["token"].as_str().unwrap());
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(reader.get(&path).ok()["payment_status"], "paid");
    assert_eq!(app.journal().len(), 1);
});

api_test!(a_charge_that_never_came_is_given_up_and_the_cart_open_again, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(1));
    let buyer = app.buyer(&[(&mug, 1)]);
    buyer.buy("tok_timeout").expect(202);
    app.shop.clock.advance(TimeDelta::seconds(21));
    app.sweep();
    assert_eq!(buyer.look()["status"], "open");
    buyer.buy("tok_visa").expect(201);
});

api_test!(a_write_to_the_cart_gives_an_unfinished_payment_up, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(1));
    let buyer = app.buyer(&[(&mug, 1)]);
    buyer.buy("tok_timeout").expect(202);
    let cart = buyer.client.patch(&format!("/api/v1/carts/{}", buyer.cart_id), &json!({"note": "wait"})).ok();
    assert_eq!(cart["status"], "open");
    buyer.buy("tok_visa").expect(201);
});
