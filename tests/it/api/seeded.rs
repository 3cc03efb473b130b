//! Made-up products, to try the shop out at its size.

use cartwright::seed::{SeedArguments, run};
use serde_json::Value;

use crate::support::{TestApp, api_test, backend_test};

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

backend_test!(a_demo_that_is_filled_first_is_a_shop_all_the_same, |backend| {
    let premises = TestApp::start_with(backend, &[]).close();
    let seed = || premises.run(&["--demo", "seed", "--products", "3"]);
    let counted = || String::from_utf8(premises.run(&["export", "all.jsonl"]).stderr).unwrap();
    let output = seed();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("demo admin: ") && said.ends_with("3 products added\n"), "{said}");
    assert!(premises.keys().with_file_name("demo-accounts.json").exists());
    assert!(counted().contains(" 43 products"), "{}", counted());
    assert_eq!(String::from_utf8(seed().stdout).unwrap(), "3 products added\n", "it is made once");
    assert!(counted().contains(" 46 products"), "{}", counted());
});
