use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{chair, change, made};
use crate::support::{Product, ProductInShop, TestApp, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";

/// Ten chairs of which a cart must hold at least 2 and may hold at most 5.
fn bounded(app: &TestApp) -> ProductInShop {
    let product = app.put(Product::named("Oak chair"));
    let variant = format!("/api/v1/admin/variants/{}", product.variant_id);
    let bounds = json!({"min_order_quantity": 2, "max_order_quantity": 5});
    change(&app.staff(Role::CatalogueManager), &variant, "*", &bounds).expect(200);
    product
}

fn codes(cart: &Value) -> Vec<(String, String, Value)> {
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let problems = cart["problems"].as_array().expect("problems").iter();
    problems.map(|it| (text(it, "code"), text(it, "pointer"), it["params"].clone())).collect()
}

api_test!(a_variant_says_how_many_of_it_must_and_may_be_bought, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mut new = chair();
    new["variants"][0]["min_order_quantity"] = json!(2);
    new["variants"][0]["max_order_quantity"] = json!(6);
    let (_, product) = made(kim.post(PRODUCTS, &new));
    let bounds = |variant: &Value| (variant["min_order_quantity"].clone(), variant["max_order_quantity"].clone());
    assert_eq!(bounds(&product["variants"][0]), (json!(2), json!(6)));
    assert_eq!(bounds(&product["variants"][1]), (json!(1), Value::Null));
    let shown = || app.guest().get("/api/v1/products/oak-chair").ok()["variants"][0].clone();
    assert_eq!(bounds(&shown()), (json!(2), json!(6)));
    let variant = format!("/api/v1/admin/variants/{}", product["variants"][0]["id"].as_str().unwrap());
    let refused = |body: Value| change(&kim, &variant, "*", &body).expect(422).violations();
    assert_eq!(refused(json!({"min_order_quantity": 7})), ["#/min_order_quantity reversed_range"]);
    assert_eq!(refused(json!({"max_order_quantity": 1})), ["#/max_order_quantity reversed_range"]);
    assert_eq!(refused(json!({"min_order_quantity": 0})), ["#/min_order_quantity out_of_range"]);
    assert_eq!(refused(json!({"max_order_quantity": 1000})), ["#/max_order_quantity out_of_range"]);
    let changed = change(&kim, &variant, "*", &json!({"max_order_quantity": null, "min_order_quantity": 999})).ok();
    assert_eq!(bounds(&changed), (json!(999), Value::Null));
    assert_eq!(bounds(&shown()), (json!(999), Value::Null));
    let mut wrong = json!({"name": "Stool", "variants": [{"sku": "A"}, {"sku": "B"}]});
    wrong["variants"][1]["min_order_quantity"] = json!(3);
    wrong["variants"][1]["max_order_quantity"] = json!(2);
    let answer = kim.post(PRODUCTS, &wrong);
    assert_eq!(answer.violations(), ["#/variants/1/max_order_quantity reversed_range"]);
});

api_test!(a_cart_outside_the_quantities_says_so_and_is_not_bought, |app| {
    app.open_for_business();
    let chair = bounded(app);
    let few = app.buyer(&[(&chair, 1)]);
    let at = |quantity: &str| quantity.to_owned();
    let quantity = "#/lines/0/quantity";
    assert_eq!(codes(&few.cart), [(at("below_minimum_quantity"), at(quantity), json!({"min": 2}))]);
    let refused = few.buy("tok_visa");
    refused.problem(422, "cart_incomplete");
    assert_eq!(refused.violations(), ["#/lines/0/quantity cart_incomplete"]);
    let many = app.buyer(&[(&chair, 12)]);
    let expected = [
        (at("above_maximum_quantity"), at(quantity), json!({"max": 5})),
        (at("insufficient_stock"), at(quantity), json!({"max": 10})),
    ];
    assert_eq!(codes(&many.cart), expected);
    many.buy("tok_visa").problem(422, "cart_incomplete");
    for quantity in [2, 5] {
        let fitting = app.buyer(&[(&chair, quantity)]);
        assert_eq!(codes(&fitting.cart), []);
        fitting.buy("tok_visa").expect(201);
    }
});

api_test!(a_merge_is_capped_at_the_most_that_may_be_bought, |app| {
    let chair = bounded(app);
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 3}]});
    let ann = app.customer("ann");
    ann.post("/api/v1/carts", &lines).expect(201);
    let guest = app.guest().post("/api/v1/carts", &lines).expect(201).json();
    let pair = json!({"cart_id": guest["id"], "cart_token": guest["token"]});
    let merge = ann.post("/api/v1/me/carts/merge", &pair).ok();
    let line = json!({"variant_id": chair.variant_id, "outcome": "capped", "quantity": 5, "requested": 6});
    assert_eq!(merge["lines"], json!([line]));
});

api_test!(an_import_brings_quantities_along, |app| {
    let entry = json!({"id": "P1", "title": "Paper", "price": 300, "pack": 5, "most": "50"});
    assert_eq!(app.import_lines(std::slice::from_ref(&entry)).numbers(), [1, 0, 0, 0]);
    let bounds = || {
        let variant = app.guest().get("/api/v1/products/paper").ok()["variants"][0].clone();
        (variant["min_order_quantity"].clone(), variant["max_order_quantity"].clone())
    };
    assert_eq!(bounds(), (json!(5), json!(50)));
    let less = json!({"id": "P1", "title": "Paper", "price": 300, "most": 20});
    assert_eq!(app.import_lines(std::slice::from_ref(&less)).numbers(), [0, 1, 0, 0]);
    assert_eq!(bounds(), (json!(5), json!(20)));
    let wrong = json!({"id": "P1", "title": "Paper", "price": 300, "pack": 30});
    assert_eq!(app.import_lines(std::slice::from_ref(&wrong)).numbers(), [0, 0, 0, 1]);
});

api_test!(what_other_systems_call_a_thing_finds_it, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mut new = chair();
    new["variants"][0]["external_id"] = json!("V-1");
    new["variants"][0]["barcode"] = json!("2000000000015");
    let (_, product) = made(kim.post(PRODUCTS, &new));
    let found = |path: &str| {
        let items = kim.get(path).ok()["items"].clone();
        items.as_array().expect("items").iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
    };
    let (first, second) = (product["variants"][0]["id"].clone(), product["variants"][1]["id"].clone());
    let path = "/api/v1/admin/variants";
    assert_eq!(found(&format!("{path}?external_id=V-1")), std::slice::from_ref(&first));
    assert_eq!(found(&format!("{path}?barcode=2000000000015")), std::slice::from_ref(&first));
    assert_eq!(found(&format!("{path}?sku=OAK-B")), std::slice::from_ref(&second));
    assert_eq!(found(&format!("{path}?sort=-sku")), [first.clone(), second]);
    assert_eq!(found(&format!("{path}?external_id=V-2")), Vec::<Value>::new());
    let of_product = format!("{PRODUCTS}/{}/variants?external_id=V-1", product["id"].as_str().unwrap());
    assert_eq!(found(&of_product), [first]);
    assert_eq!(found(&format!("{PRODUCTS}?external_id=ERP-1")), [product["id"].clone()]);

    let brands = "/api/v1/admin/brands";
    let (brand_path, brand) = made(kim.post(brands, &json!({"name": "Fjordlight", "external_id": "B-1"})));
    assert_eq!(found(&format!("{brands}?external_id=B-1")), [brand["id"].clone()]);
    let taken = kim.post(brands, &json!({"name": "Other", "external_id": "B-1"}));
    taken.problem(409, "external_id_taken");
    assert_eq!(taken.violations(), ["#/external_id external_id_taken"]);
    let (other, _) = made(kim.post(brands, &json!({"name": "Other"})));
    change(&kim, &other, "*", &json!({"external_id": "B-1"})).problem(409, "external_id_taken");
    assert_eq!(change(&kim, &brand_path, "*", &json!({"external_id": null})).ok()["external_id"], Value::Null);
    assert_eq!(change(&kim, &other, "*", &json!({"external_id": "B-1"})).ok()["external_id"], "B-1");
    let shown = app.guest().get("/api/v1/brands").ok();
    assert_eq!(shown["items"][1]["external_id"], "B-1");
});
