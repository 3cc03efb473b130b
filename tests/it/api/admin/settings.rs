use cartwright::auth::rights::Role;
use serde_json::json;

use super::{change, made, remove};
use crate::support::api_test;

const ZONES: &str = "/api/v1/admin/shipping-zones";
const RATES: &str = "/api/v1/admin/tax-rates";

api_test!(a_country_lies_in_one_zone_at_most, |app| {
    let admin = app.staff(Role::Admin);
    let (path, _) = made(admin.post(ZONES, &json!({"name": "Home", "countries": ["DE", "AT"], "options": []})));
    let taken = admin.post(ZONES, &json!({"name": "West", "countries": ["FR", "DE"], "options": []}));
    taken.problem(409, "country_taken");
    assert_eq!(taken.violations(), ["#/countries/1 country_taken"]);
    let twice = admin.post(ZONES, &json!({"name": "West", "countries": ["FR", "FR"], "options": []}));
    assert_eq!(twice.violations(), ["#/countries/1 duplicate"]);
    let nowhere = admin.post(ZONES, &json!({"name": "West", "countries": ["XX"], "options": []}));
    assert_eq!(nowhere.violations(), ["#/countries/0 invalid_value"]);
    change(&admin, &path, "\"1\"", &json!({"countries": ["AT"]})).expect(200);
    made(admin.post(ZONES, &json!({"name": "West", "countries": ["FR", "DE"], "options": []})));
    let store = app.guest().get("/api/v1/store").ok();
    assert_eq!(store["countries"], json!(["AT", "DE", "FR"]));
});

api_test!(options_of_a_zone_stay_change_and_go_by_their_ids, |app| {
    let admin = app.staff(Role::Admin);
    let price = |amount: i64, currency: &str| json!({"amount": amount, "currency": currency});
    let days = json!({"min": 2, "max": 4});
    let options = json!([
        {"name": "Standard", "prices": [price(490, "EUR")], "delivery_days": days},
        {"name": "Express", "prices": [price(990, "EUR")]},
    ]);
    let (path, zone) = made(admin.post(ZONES, &json!({"name": "Home", "countries": ["DE"], "options": options})));
    assert_eq!((&zone["options"][0]["delivery_days"], &zone["options"][1]["delivery_days"]), (&days, &json!(null)));
    let express = zone["options"][1]["id"].clone();
    let kept =
        json!([{"id": express, "name": "Swift", "prices": [price(1090, "USD")]}, {"name": "Bike", "prices": []}]);
    let changed = change(&admin, &path, "\"1\"", &json!({"options": kept})).ok();
    assert_eq!((&changed["version"], &changed["name"]), (&json!(2), &json!("Home")));
    assert_eq!((&changed["options"][0]["id"], &changed["options"][0]["name"]), (&express, &json!("Swift")));
    let same = change(&admin, &path, "\"2\"", &json!({"name": "Home", "countries": ["DE"]})).ok();
    assert_eq!(same, changed);
    let wrong = json!([
        {"id": zone["options"][0]["id"], "name": "Gone", "prices": []},
        {"name": "Slow", "prices": [price(1, "JPY"), price(1, "EUR"), price(2, "EUR")], "delivery_days": {"min": 3, "max": 2}},
    ]);
    let expected = [
        "#/options/0/id not_found",
        "#/options/1/delivery_days/max reversed_range",
        "#/options/1/prices/0/currency currency_not_offered",
        "#/options/1/prices/2/currency duplicate",
    ];
    assert_eq!(change(&admin, &path, "*", &json!({"options": wrong})).violations(), expected);
    assert_eq!(admin.get(&path).ok(), changed);
    remove(&admin, &path, "\"1\"").problem(412, "stale_version");
    remove(&admin, &path, "\"2\"").expect(204);
    admin.get(&path).problem(404, "not_found");
});

api_test!(a_country_has_one_tax_rate_at_most, |app| {
    let admin = app.staff(Role::Admin);
    let (path, rate) = made(admin.post(RATES, &json!({"country": "DE", "name": "VAT", "rate": "0.190"})));
    assert_eq!(rate["rate"], "0.19");
    admin.post(RATES, &json!({"country": "DE", "name": "VAT", "rate": "0.07"})).problem(409, "country_taken");
    let (other, _) = made(admin.post(RATES, &json!({"country": "AT", "name": "VAT", "rate": "0.2"})));
    change(&admin, &other, "*", &json!({"country": "DE"})).problem(409, "country_taken");
    let wrong = admin.post(RATES, &json!({"country": "FR", "name": "", "rate": 0.2}));
    assert_eq!(wrong.violations(), ["#/name too_short", "#/rate invalid_type"]);
    assert_eq!(change(&admin, &path, "\"1\"", &json!({"rate": "0.07"})).ok()["version"], 2);
    assert_eq!(admin.get(&format!("{RATES}?country=DE")).ok()["items"][0]["rate"], "0.07");
    remove(&admin, &path, "\"2\"").expect(204);
    remove(&admin, &path, "*").problem(404, "not_found");
});

api_test!(the_store_says_what_it_is, |app| {
    let answer = app.guest().get("/api/v1/store").expect(200);
    assert!(answer.header("cache-control").is_some_and(|it| it.starts_with("public")));
    let store = answer.json();
    assert_eq!((&store["default_currency"], &store["currencies"]), (&json!("EUR"), &json!(["EUR", "USD"])));
    assert_eq!(store["countries"], json!([]));
    assert_eq!(store["payment_providers"], json!([{"name": "sandbox", "publishable_key": null}]));
});
