use cartwright::auth::rights::Role;
use diesel::RunQueryDsl;
use serde_json::{Value, json};

use super::{chair, change, made, remove, replace};
use crate::support::api_test;

const PRODUCTS: &str = "/api/v1/admin/products";

fn variant_path(product: &Value, place: usize) -> String {
    format!("/api/v1/admin/variants/{}", product["variants"][place]["id"].as_str().expect("an id"))
}

fn prices_path(product: &Value, place: usize) -> String {
    variant_path(product, place).replace("variants", "prices")
}

api_test!(a_change_of_a_variant_is_one_of_its_product, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let variant = variant_path(&product, 0);
    let body = json!({"barcode": "4006381333931", "weight_grams": 5200, "prices": [{"amount": 9900, "currency": "EUR", "compare_at": 12900}]});
    kim.patch(&variant, &body).problem(428, "precondition_required");
    change(&kim, &variant, "\"2\"", &body).problem(412, "stale_version");
    let changed = change(&kim, &variant, "\"1\"", &body).ok();
    assert_eq!((&changed["version"], &changed["weight_grams"]), (&json!(2), &json!(5200)));
    assert_eq!(changed["prices"], json!([{"amount": 9900, "currency": "EUR", "compare_at": 12900}]));
    let product = kim.get(&path).ok();
    assert_eq!(product["version"], 2);
    assert_eq!(product["price_ranges"][0]["min"]["amount"], 9900);
    assert_eq!(product["price_ranges"][1]["min"]["amount"], 14000, "the dollar price went");
    change(&kim, &variant, "*", &json!({"sku": "OAK-B"})).problem(409, "sku_taken");
    assert_eq!(
        change(&kim, &variant, "*", &json!({"options": {"color": "black"}})).violations(),
        ["#/options options_mismatch"]
    );
});

api_test!(a_variant_is_added_behind_the_others_and_taken_away, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let variants = format!("{path}/variants");
    kim.post(&variants, &json!({"sku": "OAK-X", "options": {"color": "black"}})).problem(422, "options_mismatch");
    remove(&kim, &variant_path(&product, 1), "\"1\"").expect(204);
    remove(&kim, &variant_path(&product, 1), "*").problem(404, "not_found");
    let (location, added) =
        made(kim.post(&variants, &json!({"sku": "OAK-X", "options": {"color": "black"}, "stock": 2})));
    assert_eq!((&added["position"], &added["version"]), (&json!(1), &json!(3)));
    assert_eq!(kim.get(&location).ok(), added);
    let listed = kim.get(&variants).ok();
    let skus: Vec<&str> = listed["items"].as_array().unwrap().iter().filter_map(|it| it["sku"].as_str()).collect();
    assert_eq!(skus, ["OAK-N", "OAK-X"]);
    kim.post("/api/v1/admin/products/prod_01kdxkk1a0f2ethrwsbq5wfaw2/variants", &json!({"sku": "X"}))
        .problem(404, "not_found");
});

api_test!(prices_are_set_as_a_whole, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (_, product) = made(kim.post(PRODUCTS, &chair()));
    let prices = prices_path(&product, 0);
    let body = json!({"prices": [{"amount": 500, "currency": "USD"}]});
    kim.request("PUT", &prices).json(&body).send().problem(428, "precondition_required");
    let set = replace(&kim, &prices, "\"1\"", &body).expect(200);
    assert!(set.header("etag").is_some_and(|it| it.starts_with("\"2.")));
    assert_eq!(set.json(), kim.get(&prices).ok());
    assert_eq!(set.json()["prices"], json!([{"amount": 500, "currency": "USD", "compare_at": null}]));
    let twice = json!({"prices": [{"amount": 1, "currency": "EUR"}, {"amount": 2, "currency": "EUR"}, {"amount": 3, "currency": "KWD"}]});
    let refused = replace(&kim, &prices, "*", &twice);
    assert_eq!(refused.violations(), ["#/prices/1/currency duplicate", "#/prices/2/currency currency_not_offered"]);
    let unknown = json!({"prices": [{"amount": 3, "currency": "KWD"}]});
    replace(&kim, &prices, "*", &unknown).problem(422, "currency_not_offered");
    let listed =
        kim.get(&format!("/api/v1/admin/prices?variant_id={}", set.json()["variant_id"].as_str().unwrap())).ok();
    assert_eq!(listed["items"], json!([set.json()]));
    let shown = app.guest().get("/api/v1/products/oak-chair").ok();
    assert_eq!(shown["variants"][0]["price"], Value::Null);
    assert_eq!(shown["price_range"]["min"]["amount"], 13900);
});

api_test!(what_it_cost_before_is_more_than_what_it_costs, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let with = |compare_at: i64| json!([{"amount": 900, "currency": "EUR", "compare_at": compare_at}]);
    let at_once = json!({"name": "Lamp", "variants": [{"sku": "LAMP", "prices": with(900)}]});
    assert_eq!(
        kim.post(PRODUCTS, &at_once).expect(422).violations(),
        ["#/variants/0/prices/0/compare_at out_of_range"]
    );
    let more = json!({"sku": "OAK-X", "options": {"color": "black"}, "prices": with(1)});
    let wrong = ["#/prices/0/compare_at out_of_range"];
    assert!(kim.post(&format!("{path}/variants"), &more).expect(422).violations().contains(&wrong[0].to_owned()));
    for before in [0, 899, 900] {
        let refused = replace(&kim, &prices_path(&product, 0), "*", &json!({"prices": with(before)}));
        assert_eq!(refused.expect(422).violations(), wrong);
        let refused = change(&kim, &variant_path(&product, 0), "*", &json!({"prices": with(before)}));
        assert_eq!(refused.expect(422).violations(), wrong);
    }
    replace(&kim, &prices_path(&product, 0), "*", &json!({"prices": with(901)})).expect(200);
    // It was not always refused: a copy leaves such a thing behind.
    app.database(
        |conn| Ok(diesel::sql_query("UPDATE prices SET compare_at = 5 WHERE compare_at = 901").execute(conn)?),
    );
    let (_, copy) = made(kim.post(&format!("{path}/clone"), &json!({})));
    assert_eq!(copy["variants"][0]["prices"][0]["compare_at"], Value::Null);
});

api_test!(variants_make_room_for_one_that_moves, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let sizes = ["s", "m", "l", "xl"];
    let variants: Vec<Value> = sizes.iter().map(|it| json!({"sku": it, "options": {"size": it}})).collect();
    let new = json!({"name": "Shirt", "options": [{"name": "size", "values": sizes}], "variants": variants});
    let (path, product) = made(kim.post(PRODUCTS, &new));
    let order = || {
        let variants = kim.get(&path).ok()["variants"].as_array().unwrap().clone();
        let positions: Vec<Value> = variants.iter().map(|it| it["position"].clone()).collect();
        assert_eq!(positions, (0..variants.len()).map(|it| json!(it)).collect::<Vec<_>>());
        variants.iter().map(|it| it["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let moved =
        |place: usize, to: u32| change(&kim, &variant_path(&product, place), "*", &json!({"position": to})).ok();
    assert_eq!(moved(2, 0)["position"], 0);
    assert_eq!(order(), ["l", "s", "m", "xl"]);
    assert_eq!(moved(2, 2)["version"], 3);
    assert_eq!(order(), ["s", "m", "l", "xl"]);
    assert_eq!(moved(0, 2_147_483_647)["position"], 3);
    assert_eq!(order(), ["m", "l", "xl", "s"]);
    assert_eq!(moved(0, 3)["version"], 4, "it was there already");
    remove(&kim, &variant_path(&product, 2), "*").expect(204);
    assert_eq!(moved(0, 1)["position"], 1);
    assert_eq!(order(), ["m", "s", "xl"]);
    change(&kim, &variant_path(&product, 0), "*", &json!({"position": -1})).problem(422, "out_of_range");
});
