//! Made-up products, to try the shop out at its size.

use cartwright::seed::{SeedArguments, run};
use serde_json::Value;

use crate::support::api_test;

api_test!(a_seeded_shop_has_as_many_products_as_were_asked_for, |app| {
    run(&app.shop, &SeedArguments { products: 60 }).expect("products");
    run(&app.shop, &SeedArguments { products: 5 }).expect("more products");
    let guest = app.guest();
    let listed = guest.get("/api/v1/products?limit=100&with_total=true&sort=name").ok();
    assert_eq!(listed["page"]["total"], 65);
    let products = listed["items"].as_array().unwrap();
    for product in products {
        for member in ["brand", "price_range", "external_id"] {
            assert_ne!(product[member], Value::Null, "{member} of {}", product["slug"]);
        }
        assert_eq!(product["categories"].as_array().map(Vec::len), Some(1), "{}", product["slug"]);
    }
    let in_dollars = guest.get("/api/v1/products?limit=100&currency=USD").ok();
    assert!(in_dollars["items"].as_array().unwrap().iter().all(|it| it["price_range"]["min"]["amount"].is_i64()));
    let mugs = products.iter().filter(|it| it["name"].as_str().unwrap().contains(" mug ")).count();
    assert!(mugs > 0, "the commonest kind");
});
