//! What rules bring into a collection, and which are refused.

use cartwright::{auth::rights::Role, db::Conn};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

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

api_test!(what_rules_name_stays_while_they_do, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let [mugs, bowls] = ["Mugs", "Bowls"].map(|name| made(&kim, "categories", &json!({"name": name})));
    let brand = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    let conditions =
        json!([{"category": [mugs["id"], bowls["id"]]}, {"category": [mugs["id"]]}, {"brand": [brand["id"]]}]);
    let one = made(&kim, "collections", &by_rules("Small presents", conditions));
    let two = made(&kim, "collections", &by_rules("Mugs", json!([{"category": [mugs["id"]]}])));
    let [mugs, bowls] = [&mugs, &bowls].map(|it| format!("categories/{}", id(it)));
    let brand_path = format!("brands/{}", id(&brand));
    let refused = |path: &str| write(&kim, "DELETE", path, &json!({})).problem(409, "in_use");
    let problem = refused(&mugs);
    assert_eq!(problem["collection_ids"], json!([one["id"], two["id"]]));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("`Small presents`") && detail.contains("`Mugs`"), "{detail}");
    assert_eq!(refused(&bowls)["collection_ids"], json!([one["id"]]));
    assert_eq!(refused(&brand_path)["collection_ids"], json!([one["id"]]));
    let other =
        json!({"rules": {"match": "all", "conditions": [{"category": [bowls.trim_start_matches("categories/")]}]}});
    write(&kim, "PATCH", &format!("collections/{}", id(&one)), &other).expect(200);
    write(&kim, "PATCH", &format!("collections/{}", id(&one)), &json!({"name": "Presents"})).expect(200);
    write(&kim, "DELETE", &brand_path, &json!({})).expect(204);
    assert_eq!(refused(&mugs)["collection_ids"], json!([two["id"]]));
    write(&kim, "DELETE", &format!("collections/{}", id(&two)), &json!({})).expect(204);
    write(&kim, "DELETE", &mugs, &json!({})).expect(204);
    refused(&bowls);
});

api_test!(what_rules_named_before_it_was_written_down_is_written_down_by_the_migration, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let [mugs, bowls] = ["Mugs", "Bowls"].map(|name| made(&kim, "categories", &json!({"name": name})));
    let brand = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    let conditions =
        json!([{"category": [mugs["id"], bowls["id"]]}, {"category": [mugs["id"]]}, {"brand": [brand["id"]]}]);
    made(&kim, "collections", &by_rules("One", conditions));
    made(&kim, "collections", &by_rules("Two", json!([{"in_stock": true}, {"brand": [brand["id"]]}])));
    made(&kim, "collections", &json!({"name": "Three", "kind": "manual"}));
    let gone = made(&kim, "categories", &json!({"name": "Gone"}));
    made(&kim, "collections", &by_rules("Four", json!([{"category": [gone["id"], mugs["id"]]}])));
    let rows = || {
        let of =
            |table: &str| app.value(&format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM collection_rule_{table}"));
        (of("categories"), of("brands"))
    };
    assert_eq!(rows(), ("4".to_owned(), "2".to_owned()));
    app.database(|conn| {
        let migration = match conn {
            Conn::Pg(_) => include_str!("../../../../migrations/postgres/0024_checks/up.sql"),
            Conn::Sqlite(_) => include_str!("../../../../migrations/sqlite/0024_checks/up.sql"),
        };
        let from = migration.find("INSERT INTO collection_rule_categories").expect("what is written down");
        conn.batch_execute("DELETE FROM collection_rule_categories; DELETE FROM collection_rule_brands")?;
        conn.batch_execute(&format!("DELETE FROM categories WHERE id = '{}'", id(&gone)))?;
        Ok(conn.batch_execute(&migration[from..])?)
    });
    assert_eq!(rows(), ("3".to_owned(), "2".to_owned()), "but for what has gone");
});

api_test!(a_value_that_no_product_can_have_is_named_and_one_that_none_has_is_not, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for (key, kind) in [("color", "text"), ("styles", "list"), ("washable", "boolean")] {
        made(&kim, "attributes", &json!({"key": key, "label": key, "kind": kind, "filterable": true}));
    }
    let of = |key: &str, values: Value| by_rules("Rules", json!([{"attribute": {"key": key, "any_of": values}}]));
    let collections = format!("{ADMIN}/collections");
    for (key, values, wrong) in [
        ("color", json!(["natural", "Natural", "dark oak", "日本"]), vec!["1 invalid_format", "2 invalid_format"]),
        ("styles", json!(["a,b", "nordic"]), vec!["0 invalid_format"]),
        ("washable", json!(["true", "yes", "FALSE"]), vec!["1 invalid_value", "2 invalid_value"]),
    ] {
        let expected: Vec<String> =
            wrong.iter().map(|it| format!("#/rules/conditions/0/attribute/any_of/{it}")).collect();
        assert_eq!(kim.post(&collections, &of(key, values)).violations(), expected);
    }
    made(&kim, "collections", &of("color", json!(["dark-oak", "日本-茶"])));
    made(&kim, "collections", &of("washable", json!(["false"])));
});

api_test!(an_attribute_that_rules_name_stays_what_products_are_filtered_by, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let new = json!({"key": "color", "label": "Color", "kind": "text", "filterable": true});
    let color = made(&kim, "attributes", &new);
    let path = format!("attributes/{}", id(&color));
    let rules = json!([{"attribute": {"key": "color", "any_of": ["blue"]}}, {"in_stock": true}]);
    let collection = made(&kim, "collections", &by_rules("Blue", rules));
    for (method, body) in [("PATCH", json!({"filterable": false})), ("DELETE", json!({}))] {
        let refused = write(&kim, method, &path, &body);
        refused.problem(409, "in_use");
        assert_eq!(refused.json()["collection_ids"], json!([collection["id"]]), "{method}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("`Blue`"), "{method}");
    }
    write(&kim, "PATCH", &path, &json!({"label": "Colour", "position": 2})).expect(200);
    let other = json!({"rules": {"match": "all", "conditions": [{"in_stock": true}]}});
    write(&kim, "PATCH", &format!("collections/{}", id(&collection)), &other).expect(200);
    write(&kim, "PATCH", &path, &json!({"filterable": false})).expect(200);
    write(&kim, "DELETE", &path, &json!({})).expect(204);
});

api_test!(rules_with_more_values_than_a_statement_takes_are_refused, |app| {
    let kim = app.staff(Role::CatalogueManager);
    made(&kim, "attributes", &json!({"key": "color", "label": "Color", "kind": "text", "filterable": true}));
    let names: Vec<String> = (0..17).map(|number| format!("large-{number}")).collect();
    for name in &names {
        let values = |condition: usize| (0..100).map(|value| format!("v-{condition}-{value}")).collect::<Vec<_>>();
        let conditions: Vec<Value> =
            (0..20).map(|it| json!({"attribute": {"key": "color", "any_of": values(it)}})).collect();
        let rules = json!({"match": "any", "conditions": conditions});
        made(
            &kim,
            "collections",
            &json!({"name": name, "slug": name, "kind": "rules", "published": true, "rules": rules}),
        );
    }
    for list in ["/api/v1/products", "/api/v1/admin/products"] {
        kim.get(&format!("{list}?collection={}", names[..12].join(","))).ok();
        kim.get(&format!("{list}?collection={}", names.join(","))).problem(400, "invalid_parameter");
    }
});

api_test!(a_rule_names_an_instant_that_has_a_year_of_four_digits_in_utc, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for from in ["9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00+14:00"] {
        let rules = by_rules("Late", json!([{"created_at": {"from": from}}]));
        let refused = kim.post(&format!("{ADMIN}/collections"), &rules);
        assert_eq!(refused.violations(), ["#/rules/conditions/0/created_at/from invalid_format"], "{from}");
    }
});

api_test!(only_numbers_have_a_unit, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for kind in ["text", "boolean", "list"] {
        let new = json!({"key": kind, "label": kind, "kind": kind, "unit": "cm"});
        let refused = kim.post("/api/v1/admin/attributes", &new).expect(422);
        assert_eq!(refused.violations(), ["#/unit invalid_value"], "{kind}");
        let one = made(&kim, "attributes", &json!({"key": kind, "label": kind, "kind": kind}));
        let refused = write(&kim, "PATCH", &format!("attributes/{}", id(&one)), &json!({"unit": "cm"})).expect(422);
        assert_eq!(refused.violations(), ["#/unit invalid_value"], "{kind}");
    }
    made(&kim, "attributes", &json!({"key": "height", "label": "Height", "kind": "number", "unit": "cm"}));
});
