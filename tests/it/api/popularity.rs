//! What sells comes first where that is asked for, and among near-equals.

use std::time::Duration;

use cartwright::auth::rights::Role;
use chrono::TimeDelta;
use serde_json::Value;

use crate::support::{Client, Product, ProductInShop, TestApp, api_test, within};

fn names(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

fn buy(app: &TestApp, product: &ProductInShop, units: i32) {
    app.buyer(&[(product, units)]).buy("tok_visa").expect(201);
}

/// The names along all pages of a list.
fn along(client: &Client, path: &str) -> Vec<String> {
    let (mut seen, mut asked) = (Vec::new(), path.to_owned());
    loop {
        let page = client.get(&asked).ok();
        seen.extend(names(&page));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else { return seen };
        asked = format!("{path}&cursor={cursor}");
    }
}

/// Lists by popularity that the index makes follow within a second.
#[track_caller]
fn expect_order(app: &TestApp, expected: &[&str]) {
    let staff = app.staff(Role::Viewer);
    for limit in [1, 2, 50] {
        let path = format!("/products?sort=-popularity&limit={limit}");
        assert_eq!(along(&app.client(), &format!("/api/v1{path}")), expected);
        assert_eq!(along(&staff, &format!("/api/v1/admin{path}")), expected);
        let searched = || along(&app.client(), &format!("/api/v1/search?sort=-popularity&limit={limit}")) == expected;
        within(Duration::from_secs(2), searched, "the index does not follow");
    }
}

api_test!(lists_and_searches_are_sorted_by_what_sells, |app| {
    app.open_for_business();
    let [oak, ash, elm, _] =
        ["Oak chair", "Ash chair", "Elm chair", "Fir chair"].map(|name| app.put(Product::named(name).with_stock(100)));
    within(Duration::from_secs(5), || app.client().get("/api/v1/search").status == 200, "no index");
    expect_order(app, &["Oak chair", "Ash chair", "Elm chair", "Fir chair"]);
    buy(app, &elm, 3);
    buy(app, &ash, 5);
    app.buyer(&[(&oak, 9)]).buy("tok_declined").expect(402);
    app.count_sales();
    app.count_sales();
    expect_order(app, &["Ash chair", "Elm chair", "Oak chair", "Fir chair"]);
    let page = app.client().get("/api/v1/products?sort=-popularity&limit=2&price_min=1&in_stock=true").ok();
    assert_eq!(names(&page), ["Ash chair", "Elm chair"]);
    let second = app.client().get("/api/v1/products?sort=-popularity&limit=3").ok();
    let cursor = second["page"]["next_cursor"].as_str().unwrap();
    let last = app.client().get(&format!("/api/v1/products?sort=-popularity&limit=3&cursor={cursor}")).ok();
    let back = last["page"]["prev_cursor"].as_str().unwrap();
    let again = app.client().get(&format!("/api/v1/products?sort=-popularity&limit=3&cursor={back}")).ok();
    assert_eq!(names(&again), names(&second));

    // Shown once an hour at most, and half of it forgotten in a month.
    buy(app, &elm, 4);
    app.count_sales();
    expect_order(app, &["Ash chair", "Elm chair", "Oak chair", "Fir chair"]);
    app.shop.clock.advance(TimeDelta::hours(2));
    app.count_sales();
    expect_order(app, &["Elm chair", "Ash chair", "Oak chair", "Fir chair"]);
    app.shop.clock.advance(TimeDelta::days(60));
    buy(app, &oak, 2);
    app.count_sales();
    expect_order(app, &["Oak chair", "Elm chair", "Ash chair", "Fir chair"]);
});

api_test!(of_products_that_fit_alike_the_one_that_sells_comes_first, |app| {
    app.open_for_business();
    let _plain = app.put(Product::named("Oak stool"));
    let sold = app.put(Product::named("Ash stool"));
    app.put(Product::named("Stool stool"));
    let search = |text: &str| names(&app.client().get(&format!("/api/v1/search?q={text}")).ok());
    within(Duration::from_secs(5), || app.client().get("/api/v1/search").status == 200, "no index");
    within(Duration::from_secs(5), || search("stool").len() == 3, "the index does not follow");
    let before = search("stool");
    assert_eq!(before[1..], ["Oak stool", "Ash stool"]);
    buy(app, &sold, 1);
    app.count_sales();
    within(
        Duration::from_secs(2),
        || search("stool") == [before[0].as_str(), "Ash stool", "Oak stool"],
        "nothing has changed",
    );
});

api_test!(each_order_is_counted_once_whoever_counts, |app| {
    app.open_for_business();
    let chair = app.put(Product::named("Oak chair").with_stock(100));
    for _ in 0..3 {
        buy(app, &chair, 2);
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| app.count_sales());
        }
    });
    let score: i64 = app.database(|conn| {
        use cartwright::db::schema::product_popularity as popularity;
        use diesel::prelude::*;
        Ok(popularity::table.find(chair.id).select(popularity::score).first(conn)?)
    });
    assert_eq!(score, 6000);
});
