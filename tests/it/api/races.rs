//! Many at once: what must happen once happens once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use crate::support::{Answer, Buyer, Product, Purchase, TestApp, api_test};

const CALLERS: usize = 30;
const ROUNDS: usize = 4;

/// How often each `status code` came.
fn counted(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let code = answer.json()["code"].as_str().map_or_else(String::new, |code| format!(" {code}"));
        *counts.entry(format!("{}{code}", answer.status)).or_default() += 1;
    }
    counts
}

/// The answer to somebody who, told that the shop is overloaded, tries again under the same key.
fn patiently(buyer: &Buyer, purchase: &Purchase) -> Answer {
    for _ in 0..50 {
        let answer = buyer.send(purchase);
        if answer.status != 503 {
            return answer;
        }
        let seconds = answer.header("retry-after").and_then(|it| it.parse().ok()).expect("a time to wait");
        std::thread::sleep(Duration::from_secs(seconds));
    }
    panic!("overloaded for 50 tries");
}

/// Each buys their own cart, all at once.
fn all_buy(app: &TestApp, buyers: &[Buyer]) -> Vec<Answer> {
    app.at_once(buyers.len(), |number| {
        let buyer = buyers[number].at(&app.door(number));
        patiently(&buyer, &buyer.purchase("tok_visa"))
    })
}

/// The orders that the answers speak of.
fn orders_named(answers: &[Answer]) -> BTreeSet<String> {
    let named = answers.iter().map(Answer::json).filter_map(|body| {
        let member = if body["code"].is_null() { &body["id"] } else { &body["order_id"] };
        member.as_str().map(str::to_owned)
    });
    named.collect()
}

api_test!(one_cart_and_one_key_at_once_make_one_order, REPLICAS, |app| {
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(100));
    for round in 1..=ROUNDS {
        let buyer = app.buyer(&[(&product, 2)]);
        let purchase = buyer.purchase("tok_visa");
        let answers = app.at_once(CALLERS, |number| patiently(&buyer.at(&app.door(number)), &purchase));
        let counts = counted(&answers);
        let others: Vec<_> = counts.keys().filter(|it| *it != "201" && *it != "409 idempotency_in_progress").collect();
        assert!(others.is_empty(), "{counts:?}");
        assert_eq!(orders_named(&answers).len(), 1, "{counts:?}");
        let fresh = answers.iter().filter(|it| it.status == 201 && it.header("idempotency-replayed").is_none());
        assert_eq!(fresh.count(), 1, "{counts:?}");
        for waiting in answers.iter().filter(|it| it.status == 409) {
            assert_eq!(waiting.header("retry-after"), Some("1"));
        }
        // All who got the order got the same one, to the byte; whoever comes later too.
        let later = buyer.send(&purchase).expect(201);
        assert_eq!(later.header("idempotency-replayed"), Some("true"));
        let bodies: BTreeSet<&[u8]> =
            answers.iter().filter(|it| it.status == 201).chain([&later]).map(|it| it.body.as_slice()).collect();
        assert_eq!(bodies.len(), 1);
        assert_eq!(later.json()["payment_status"], "paid");
        assert_eq!(app.journal().len(), round, "one charge for each order");
    }
});

api_test!(one_cart_and_many_keys_at_once_make_one_order, REPLICAS, |app| {
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(100));
    for _ in 0..ROUNDS {
        let buyer = app.buyer(&[(&product, 2)]);
        let answers = app.at_once(CALLERS, |number| {
            let buyer = buyer.at(&app.door(number));
            patiently(&buyer, &buyer.purchase("tok_visa"))
        });
        let counts = counted(&answers);
        assert_eq!(counts.get("201"), Some(&1), "{counts:?}");
        let closed = ["409 checkout_in_progress", "409 cart_closed"].map(|it| counts.get(it).copied().unwrap_or(0));
        assert_eq!(closed.iter().sum::<usize>(), CALLERS - 1, "{counts:?}");
        assert_eq!(orders_named(&answers).len(), 1, "each refusal names the order that there is: {counts:?}");
    }
});

api_test!(the_last_unit_is_sold_once, REPLICAS, |app| {
    app.open_for_business();
    for round in 0..ROUNDS {
        let product = app.put(Product::named(&format!("The last chair {round}")).with_stock(1));
        let buyers: Vec<_> = (0..CALLERS).map(|_| app.buyer(&[(&product, 1)])).collect();
        let answers = all_buy(app, &buyers);
        let counts = counted(&answers);
        let expected = BTreeMap::from([("201".to_owned(), 1), ("409 insufficient_stock".to_owned(), CALLERS - 1)]);
        assert_eq!(counts, expected);
        let shown = app.guest().get(&format!("/api/v1/products/{}", product.id)).ok();
        assert_eq!(shown["availability"], "out_of_stock");
        // Who came too late has an open cart, and nothing was charged.
        let (late, _) = buyers.iter().zip(&answers).find(|(_, answer)| answer.status == 409).expect("a refusal");
        let cart = late.look();
        assert_eq!(cart["status"], "open");
        assert_eq!(cart["problems"][0]["code"], Value::from("insufficient_stock"));
    }
});

api_test!(two_carts_with_opposite_lines_do_not_wait_for_each_other, REPLICAS, |app| {
    app.open_for_business();
    let one = app.put(Product::named("Oak chair").with_stock(1000));
    let other = app.put(Product::named("Oak table").with_stock(1000));
    for _ in 0..ROUNDS {
        let orders = [[(&one, 1), (&other, 1)], [(&other, 1), (&one, 1)]];
        let buyers: Vec<_> = (0..CALLERS).map(|number| app.buyer(&orders[number % 2])).collect();
        let answers = all_buy(app, &buyers);
        assert_eq!(counted(&answers), BTreeMap::from([("201".to_owned(), CALLERS)]));
    }
});
