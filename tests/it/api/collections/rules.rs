//! What rules bring into a collection, and which are refused.

use cartwright::auth::rights::Role;
use serde_json::json;

use super::{ADMIN, by_rules, id, list, made, search, write};
use crate::support::{Product, api_test};

api_test!(a_product_is_in_by_rules_from_the_moment_on_in_which_it_meets_them, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let root = made(&kim, "categories", &json!({"name": "Kitchen"}));
    let mugs = made(&kim, "categories", &json!({"name": "Mugs"}));
    let brand = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    made(&kim, "attributes", &json!({"key": "color", "label": "Color", "kind": "text", "filterable": true}));
    let price = json!({"amount": 3000, "currency": "EUR"});
    let variant = json!({"sku": "MUG", "prices": [price], "stock": 0});
    let mug = made(
        &kim,
        "products",
        &json!({"name": "Mug", "status": "published", "variants": [variant], "category_ids": [mugs["id"]]}),
    );
    let variant_id = mug["variants"][0]["id"].as_str().unwrap();
    let rules = json!([
        {"category": [root["id"]]},
        {"brand": [brand["id"]]},
        {"price": {"currency": "EUR", "max": 2000}},
        {"attribute": {"key": "color", "any_of": ["dark-blue"]}},
        {"in_stock": true},
    ]);
    let collection = made(&kim, "collections", &by_rules("Blue mugs", rules));
    let is_in = || {
        let found = (list(app, "collection=blue-mugs").len(), search(app, "collection=blue-mugs").len());
        assert_eq!(found.0, found.1, "the list and the search are of one mind");
        found.0 == 1
    };
    let product = format!("products/{}", id(&mug));
    let steps = [
        ("PATCH", format!("categories/{}", id(&mugs)), json!({"parent_id": root["id"]}), json!({"parent_id": null})),
        ("PATCH", product.clone(), json!({"brand_id": brand["id"]}), json!({"brand_id": null})),
        (
            "PUT",
            format!("prices/{variant_id}"),
            json!({"prices": [{"amount": 2000, "currency": "EUR"}]}),
            json!({"prices": [{"amount": 2001, "currency": "EUR"}]}),
        ),
        ("PATCH", product, json!({"attributes": {"color": "Dark blue"}}), json!({"attributes": {"color": "Blue"}})),
        ("PATCH", format!("inventory/{variant_id}"), json!({"on_hand": 3}), json!({"on_hand": 0})),
    ];
    for (method, path, there, _) in &steps {
        assert!(!is_in(), "before {path}");
        write(&kim, method, path, there).expect(200);
    }
    for (method, path, there, back) in &steps {
        assert!(is_in(), "before {path}");
        write(&kim, method, path, back).expect(200);
        assert!(!is_in(), "after {path}");
        write(&kim, method, path, there).expect(200);
    }
    let path = format!("collections/{}", id(&collection));
    let other = json!({"rules": {"match": "any", "conditions": [{"in_stock": false}, {"price": {"currency": "USD"}}]}});
    write(&kim, "PATCH", &path, &other).expect(200);
    assert!(!is_in());
    write(&kim, "DELETE", &path, &json!({})).expect(204);
    assert!(!is_in());
});

api_test!(rules_name_what_is_there_and_everything_wrong_is_named, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for (key, kind) in [("color", "text"), ("height", "number")] {
        made(&kim, "attributes", &json!({"key": key, "label": key, "kind": kind, "filterable": true}));
    }
    let wrong = by_rules(
        "Wrong",
        json!([
            {"category": ["cat_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"brand": ["brand_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"price": {"currency": "JPY", "min": 2, "max": 1}},
            {"attribute": {"key": "secret", "any_of": ["x"]}},
            {"attribute": {"key": "color", "min": 1}},
            {"attribute": {"key": "color", "any_of": ["x"], "max": 1}},
            {"attribute": {"key": "height", "any_of": ["40"]}},
            {"attribute": {"key": "height"}},
            {"attribute": {"key": "height", "min": 2, "max": 1.5}},
            {"created_at": {"from": "2026-02-01T00:00:00Z", "before": "2026-01-01T00:00:00Z"}},
        ]),
    );
    let expected = [
        "#/rules/conditions/0/category/0 not_found",
        "#/rules/conditions/1/brand/0 not_found",
        "#/rules/conditions/2/price/currency currency_not_offered",
        "#/rules/conditions/2/price/max reversed_range",
        "#/rules/conditions/3/attribute/key not_found",
        "#/rules/conditions/4/attribute/any_of required",
        "#/rules/conditions/5/attribute/max unknown_field",
        "#/rules/conditions/6/attribute/any_of unknown_field",
        "#/rules/conditions/7/attribute/min required",
        "#/rules/conditions/8/attribute/max reversed_range",
        "#/rules/conditions/9/created_at/before reversed_range",
    ];
    let collections = format!("{ADMIN}/collections");
    assert_eq!(kim.post(&collections, &wrong).violations(), expected);
    let shapeless = by_rules("Wrong", json!([{}, {"in_stock": true, "brand": []}, {"colour": 1}]));
    let expected = [
        "#/rules/conditions/0 too_short",
        "#/rules/conditions/1 too_long",
        "#/rules/conditions/1/brand too_short",
        "#/rules/conditions/2/colour unknown_field",
    ];
    assert_eq!(kim.post(&collections, &shapeless).violations(), expected);
    let mug = app.put(Product::named("Mug"));
    let manual = json!({
        "name": "x", "kind": "manual", "rules": {"match": "all", "conditions": [{"in_stock": true}]},
        "product_ids": [mug.id, mug.id, "prod_01kdxkk1a0f2ethrwsbq5wfaw2"],
    });
    let expected = ["#/product_ids/1 duplicate", "#/product_ids/2 not_found", "#/rules unknown_field"];
    assert_eq!(kim.post(&collections, &manual).violations(), expected);
    let rules = json!({"name": "x", "kind": "rules", "product_ids": [mug.id]});
    assert_eq!(kim.post(&collections, &rules).violations(), ["#/product_ids unknown_field", "#/rules required"]);
    assert_eq!(kim.get(&format!("{collections}?with_total=true")).ok()["page"]["total"], 0);
});
