//! Products that appear and go by themselves.

use std::{thread, time::Duration};

use cartwright::{auth::rights::Role, time::UtcTime};
use chrono::TimeDelta;
use diesel::RunQueryDsl;
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
    // It was not always refused.
    let reversed =
        format!("UPDATE products SET unpublish_at = '{{}}', publish_at = '{{}}' WHERE id = '{}'", back_again.id);
    let text = |at: UtcTime| at.to_string().replace('T', " ").trim_end_matches('Z').to_owned();
    let reversed = reversed.replacen("{}", &text(earlier), 1).replacen("{}", &text(later), 1);
    app.database(|conn| Ok(diesel::sql_query(&reversed).execute(conn)?));
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

api_test!(a_product_appears_before_it_goes_or_is_not_planned, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair").draft());
    let path = format!("/api/v1/admin/products/{}", product.id);
    let patch = |body: &Value| staff.request("PATCH", &path).header("If-Match", "*").json(body).send();
    let (spring, summer) = ("2090-03-01T00:00:00.000Z", "2090-06-01T00:00:00.000Z");
    let new = |publish_at: &str, unpublish_at: &str| {
        let body = json!({"name": "Lamp", "publish_at": publish_at, "unpublish_at": unpublish_at});
        staff.post("/api/v1/admin/products", &body)
    };
    assert_eq!(new(summer, spring).expect(422).violations(), ["#/unpublish_at reversed_range"]);
    assert_eq!(new(spring, spring).expect(422).violations(), ["#/unpublish_at reversed_range"]);
    new(spring, summer).expect(201);
    assert_eq!(
        patch(&json!({"publish_at": summer, "unpublish_at": spring, "name": "x"})).violations(),
        ["#/unpublish_at reversed_range"]
    );
    patch(&json!({"unpublish_at": spring})).expect(200);
    assert_eq!(patch(&json!({"publish_at": summer})).expect(422).violations(), ["#/publish_at reversed_range"]);
    assert_eq!(patch(&json!({"publish_at": null, "name": "Ash chair"})).ok()["publish_at"], json!(null));
    patch(&json!({"publish_at": summer, "unpublish_at": null})).expect(200);
    assert_eq!(patch(&json!({"unpublish_at": summer})).expect(422).violations(), ["#/unpublish_at reversed_range"]);
    let bulk =
        json!({"items": [{"op": "create", "data": {"name": "x", "publish_at": summer, "unpublish_at": spring}}]});
    let done = staff.post("/api/v1/admin/products/bulk", &bulk).ok();
    assert_eq!(done["items"][0]["problem"]["code"], "reversed_range");
});

api_test!(a_search_shows_what_appears_and_goes_no_later_than_lists_do, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let products: Vec<ProductInShop> =
        (0..6).map(|number| app.put(Product::named(&format!("Oak chair {number}")).draft())).collect();
    let of_search = || {
        let found = app.guest().get("/api/v1/search?q=chair&with_total=true").ok();
        (found["page"]["total"].clone(), found["items"].as_array().unwrap().len())
    };
    within(Duration::from_secs(5), || app.guest().get("/api/v1/search").status == 200, "no index");
    for (number, product) in products.iter().enumerate() {
        plan(
            &staff,
            product,
            &json!({
                "publish_at": after(app, TimeDelta::milliseconds(300)),
                "unpublish_at": after(app, TimeDelta::milliseconds(1300)),
            }),
        );
        for (shown, what) in [(true, "it does not appear"), (false, "it does not go")] {
            within(Duration::from_secs(3), || is_listed(app, "/api/v1/products") == shown, what);
            let expected = usize::from(shown);
            assert_eq!(of_search(), (json!(expected), expected), "{number}: {what} in searches");
        }
    }
});

api_test!(what_is_published_cannot_be_published_later, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let later = after(app, TimeDelta::days(30));
    let wrong = ["#/publish_at mutually_exclusive"];
    let new = json!({"name": "Oak chair", "status": "published", "publish_at": later});
    assert_eq!(staff.post("/api/v1/admin/products", &new).expect(422).violations(), wrong);
    let product = app.put(Product::named("Oak table"));
    let path = format!("/api/v1/admin/products/{}", product.id);
    let patch = |body: &Value| staff.request("PATCH", &path).header("If-Match", "*").json(body).send();
    assert_eq!(patch(&json!({"publish_at": later})).expect(422).violations(), wrong);
    patch(&json!({"status": "draft", "publish_at": later})).expect(200);
    assert_eq!(patch(&json!({"status": "published", "publish_at": later})).expect(422).violations(), wrong);
    // By hand it is published now, and nothing is left to happen.
    let published = patch(&json!({"status": "published"})).ok();
    assert_eq!((&published["status"], &published["publish_at"]), (&json!("published"), &json!(null)));
    assert!(is_shown(app, &product));
});
