//! Products that appear and go by themselves.

use std::{thread, time::Duration};

use cartwright::{auth::rights::Role, time::UtcTime};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, Product, ProductInShop, TestApp, api_test, within};

fn plan(staff: &Client, product: &ProductInShop, change: &Value) -> Value {
    let path = format!("/api/v1/admin/products/{}", product.id);
    staff.request("PATCH", &path).header("If-Match", "*").json(change).send().expect(200).json()
}

fn after(app: &TestApp, time: TimeDelta) -> UtcTime {
    app.shop.clock.now().plus(time)
}

fn is_shown(app: &TestApp, product: &ProductInShop) -> bool {
    app.guest().get(&format!("/api/v1/products/{}", product.id)).status == 200
}

fn is_listed(app: &TestApp, path: &str) -> bool {
    !app.guest().get(path).ok()["items"].as_array().unwrap().is_empty()
}

api_test!(a_product_appears_and_goes_on_time_without_any_write, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair").draft());
    let planned = plan(
        &staff,
        &product,
        &json!({"publish_at": after(app, TimeDelta::seconds(2)), "unpublish_at": after(app, TimeDelta::minutes(10))}),
    );
    assert_eq!((&planned["status"], planned["publish_at"].is_string()), (&json!("draft"), true));
    for _ in 0..3 {
        assert!(!is_shown(app, &product) && !is_listed(app, "/api/v1/products"));
        thread::sleep(Duration::from_millis(300));
    }
    within(Duration::from_secs(3), || is_shown(app, &product) && is_listed(app, "/api/v1/products"), "not on time");
    within(Duration::from_secs(1), || is_listed(app, "/api/v1/search?q=chair"), "not on time");

    app.shop.clock.advance(TimeDelta::minutes(10));
    within(Duration::from_secs(1), || !is_shown(app, &product) && !is_listed(app, "/api/v1/products"), "not on time");
    within(Duration::from_secs(1), || !is_listed(app, "/api/v1/search?q=chair"), "not on time");
    let seen = staff.get(&format!("/api/v1/admin/products/{}", product.id)).ok();
    assert_eq!(
        (&seen["status"], &seen["publish_at"], &seen["unpublish_at"]),
        (&json!("archived"), &json!(null), &json!(null))
    );
});

api_test!(of_two_times_that_have_passed_the_later_one_counts, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let back_again = app.put(Product::named("Oak chair"));
    let gone = app.put(Product::named("Oak table").draft());
    let (earlier, later) = (after(app, TimeDelta::hours(-2)), after(app, TimeDelta::hours(-1)));
    plan(&staff, &back_again, &json!({"unpublish_at": earlier, "publish_at": later}));
    plan(&staff, &gone, &json!({"publish_at": earlier, "unpublish_at": later}));
    let state = |product: &ProductInShop| {
        let seen = staff.get(&format!("/api/v1/admin/products/{}", product.id)).ok();
        (seen["publish_at"].is_null() && seen["unpublish_at"].is_null()).then(|| seen["status"].clone())
    };
    within(Duration::from_secs(2), || state(&gone) == Some(json!("archived")), "not on time");
    within(Duration::from_secs(2), || state(&back_again) == Some(json!("published")), "not on time");
});

api_test!(what_is_put_off_does_not_happen, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair").draft());
    plan(&staff, &product, &json!({"publish_at": after(app, TimeDelta::minutes(10))}));
    assert_eq!(plan(&staff, &product, &json!({"publish_at": null}))["publish_at"], json!(null));
    app.shop.clock.advance(TimeDelta::minutes(12));
    thread::sleep(Duration::from_millis(700));
    assert!(!is_shown(app, &product));
});
