//! Thirty at once.

use serde_json::Value;

use crate::support::{Answer, Product, TestApp, api_test};

const MANY: usize = 30;

fn with_status(answers: &[Answer], status: u16) -> Vec<Value> {
    answers.iter().filter(|it| it.status == status).map(Answer::json).collect()
}

fn one_charge(app: &TestApp) {
    assert_eq!(app.journal().len(), 1);
}

api_test!(one_cart_and_one_key_make_one_order_and_one_charge, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(100));
    let buyer = app.buyer(&[(&mug, 1)]);
    let purchase = buyer.purchase("tok_visa");
    let answers = app.at_once(MANY, |_| buyer.send(&purchase));
    let bought = with_status(&answers, 201);
    assert!(!bought.is_empty() && bought.iter().all(|it| it["id"] == bought[0]["id"]));
    for refused in answers.iter().filter(|it| it.status != 201) {
        refused.problem(409, "idempotency_in_progress");
    }
    one_charge(app);
});

api_test!(one_cart_and_thirty_keys_make_one_order_and_one_charge, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(100));
    let buyer = app.buyer(&[(&mug, 1)]);
    let answers = app.at_once(MANY, |_| buyer.buy("tok_visa"));
    let bought = with_status(&answers, 201);
    assert_eq!((bought.len(), with_status(&answers, 409).len()), (1, MANY - 1));
    for refused in with_status(&answers, 409) {
        assert_eq!(refused["order_id"], bought[0]["id"], "{refused}");
    }
    one_charge(app);
});

api_test!(the_last_unit_is_sold_once, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(1));
    let buyers: Vec<_> = (0..MANY).map(|_| app.buyer(&[(&mug, 1)])).collect();
    let answers = app.at_once(MANY, |number| buyers[number].buy("tok_visa"));
    assert_eq!((with_status(&answers, 201).len(), with_status(&answers, 409).len()), (1, MANY - 1));
    one_charge(app);
});

api_test!(opposite_orders_of_lines_do_not_block_each_other, |app| {
    app.open_for_business();
    let mug = app.put(Product::named("Mug").with_stock(100));
    let lamp = app.put(Product::named("Lamp").with_stock(100));
    let buyers: Vec<_> =
        (0..MANY)
            .map(|number| {
                if number % 2 == 0 { app.buyer(&[(&mug, 1), (&lamp, 1)]) } else { app.buyer(&[(&lamp, 1), (&mug, 1)]) }
            })
            .collect();
    let answers = app.at_once(MANY, |number| buyers[number].buy("tok_visa"));
    assert_eq!(with_status(&answers, 201).len(), MANY);
});
