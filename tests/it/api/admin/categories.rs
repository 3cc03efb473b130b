use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{change, made, remove};
use crate::support::{Client, api_test};

const CATEGORIES: &str = "/api/v1/admin/categories";

fn category(staff: &Client, name: &str, parent: &Value) -> (String, Value) {
    made(staff.post(CATEGORIES, &json!({"name": name, "parent_id": parent})))
}

api_test!(a_category_moves_but_never_into_itself, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (kitchen_path, kitchen) = category(&kim, "Kitchen", &Value::Null);
    let (mugs_path, mugs) = category(&kim, "Mugs", &kitchen["id"]);
    let (_, small) = category(&kim, "Small mugs", &mugs["id"]);
    assert_eq!(small["path"], json!(["kitchen", "mugs", "small-mugs"]));
    for parent in [&kitchen, &mugs, &small] {
        let refused = change(&kim, &kitchen_path, "*", &json!({"parent_id": parent["id"]}));
        assert_eq!(refused.violations(), ["#/parent_id category_misplaced"]);
    }
    let moved = change(&kim, &mugs_path, "\"1\"", &json!({"parent_id": null})).ok();
    assert_eq!((&moved["path"], &moved["version"]), (&json!(["mugs"]), &json!(2)));
    change(&kim, &kitchen_path, "*", &json!({"parent_id": small["id"]})).expect(200);
    let shown = app.guest().get("/api/v1/categories/kitchen").ok();
    assert_eq!(shown["path"], json!(["mugs", "small-mugs", "kitchen"]));
    let unknown = json!({"parent_id": "cat_01kdxkk1a0f2ethrwsbq5wfaw2"});
    assert_eq!(change(&kim, &mugs_path, "*", &unknown).violations(), ["#/parent_id not_found"]);
});

api_test!(the_tree_has_twenty_levels_at_most, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mut parent = Value::Null;
    for level in 1..=20 {
        parent = category(&kim, &format!("Level {level}"), &parent).1["id"].clone();
    }
    let deeper = kim.post(CATEGORIES, &json!({"name": "Level 21", "parent_id": parent}));
    assert_eq!(deeper.violations(), ["#/parent_id category_misplaced"]);
    let (_, top) = category(&kim, "Top", &Value::Null);
    let (branch, _) = category(&kim, "Branch", &top["id"]);
    assert_eq!(
        change(&kim, &branch, "*", &json!({"parent_id": parent})).violations(),
        ["#/parent_id category_misplaced"]
    );
});

api_test!(what_is_referred_to_stays, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (kitchen_path, kitchen) = category(&kim, "Kitchen", &Value::Null);
    let (mugs_path, mugs) = category(&kim, "Mugs", &kitchen["id"]);
    let (brand_path, brand) = made(kim.post("/api/v1/admin/brands", &json!({"name": "Fjordlight"})));
    let body = json!({"name": "Mug", "brand_id": brand["id"], "category_ids": [mugs["id"]]});
    let (product_path, _) = made(kim.post("/api/v1/admin/products", &body));
    for path in [&kitchen_path, &mugs_path, &brand_path] {
        remove(&kim, path, "*").problem(409, "in_use");
    }
    remove(&kim, &product_path, "*").expect(204);
    for path in [&mugs_path, &kitchen_path, &brand_path] {
        remove(&kim, path, "\"1\"").expect(204);
        remove(&kim, path, "*").problem(404, "not_found");
    }
});

api_test!(slugs_and_external_ids_are_unique, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (_, kitchen) = made(kim.post(CATEGORIES, &json!({"name": "Kitchen", "external_id": "C1"})));
    kim.post(CATEGORIES, &json!({"name": "x", "slug": "kitchen"})).problem(409, "slug_taken");
    kim.post(CATEGORIES, &json!({"name": "x", "external_id": "C1"})).problem(409, "external_id_taken");
    let (path, twin) = category(&kim, "Kitchen", &kitchen["id"]);
    assert_eq!(twin["slug"], "kitchen-kitchen");
    change(&kim, &path, "*", &json!({"slug": "kitchen"})).problem(409, "slug_taken");
    let (brand, _) = made(kim.post("/api/v1/admin/brands", &json!({"name": "Fjordlight"})));
    kim.post("/api/v1/admin/brands", &json!({"name": "x", "slug": "fjordlight"})).problem(409, "slug_taken");
    assert_eq!(change(&kim, &brand, "\"1\"", &json!({"name": "Fjordlys"})).ok()["slug"], "fjordlight");
});
