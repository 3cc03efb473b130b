//! Options that change while there are variants: each has a value of each option, and no two have the same.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{chair, change, made};
use crate::support::api_test;

const PRODUCTS: &str = "/api/v1/admin/products";

fn option(name: &str, values: &[&str]) -> Value {
    json!({"name": name, "values": values})
}

/// What each variant has of the options.
fn chosen(product: &Value) -> Vec<Value> {
    product["variants"].as_array().unwrap().iter().map(|it| it["options"].clone()).collect()
}

api_test!(an_option_that_variants_lack_is_refused_unless_it_has_one_value, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let color = option("color", &["natural", "black"]);
    let two = change(&kim, &path, "*", &json!({"options": [color, option("fit", &["slim", "wide"])]})).expect(422);
    assert_eq!(two.violations(), ["#/options/1 options_mismatch"]);
    let told = &two.json()["errors"][0];
    assert_eq!(told["params"]["variant_ids"], json!([product["variants"][0]["id"], product["variants"][1]["id"]]));
    assert!(told["detail"].as_str().unwrap().contains("`OAK-N`, `OAK-B`"), "{told}");
    let one = change(&kim, &path, "*", &json!({"options": [color, option("fit", &["slim"])]})).ok();
    let expected = [json!({"color": "natural", "fit": "slim"}), json!({"color": "black", "fit": "slim"})];
    assert_eq!(chosen(&one), expected);
    assert_eq!(one["variants"][1]["name"], "Oak chair, black, slim");
    made(kim.post(&format!("{path}/clone"), &json!({})));
    // Then the option has further values, and variants have them.
    change(&kim, &path, "*", &json!({"options": [color, option("fit", &["slim", "wide"])]})).expect(200);
    let wide = json!({"sku": "OAK-NW", "options": {"color": "natural", "fit": "wide"}});
    made(kim.post(&format!("{path}/variants"), &wide));
    let gone = change(&kim, &path, "*", &json!({"options": [color]})).expect(422);
    assert_eq!(gone.violations(), ["#/options options_mismatch"]);
    assert!(gone.json()["errors"][0]["detail"].as_str().unwrap().contains("`OAK-NW`"));
});

api_test!(options_go_only_from_a_product_whose_variants_stay_apart, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    for none in [json!([]), Value::Null] {
        let refused = change(&kim, &path, "*", &json!({"options": none})).expect(422);
        assert_eq!(refused.violations(), ["#/options options_mismatch"]);
    }
    assert_eq!(kim.get(&path).ok()["variants"], product["variants"]);
    let second = format!("/api/v1/admin/variants/{}", product["variants"][1]["id"].as_str().unwrap());
    kim.request("DELETE", &second).header("If-Match", "*").send().expect(204);
    assert_eq!(chosen(&change(&kim, &path, "*", &json!({"options": []})).ok()), [json!({})]);
});

api_test!(variants_are_told_what_they_have_of_other_options_together_with_them, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let ids: Vec<&str> = (0..2).map(|it| product["variants"][it]["id"].as_str().unwrap()).collect();
    // An option gets another name, and one is added.
    let options = json!([option("colour", &["natural", "black"]), option("fit", &["slim", "wide"])]);
    let with = |first: Value, second: Value| {
        let of_variants = json!({ids[0]: first, ids[1]: second});
        change(&kim, &path, "*", &json!({"options": options, "variant_options": of_variants}))
    };
    let natural = json!({"colour": "natural", "fit": "slim"});
    let wrong = with(json!({"colour": "red", "fit": "slim", "size": "L"}), json!({"colour": "black"})).expect(422);
    let at = |place: usize, name: &str| format!("#/variant_options/{}/{name} options_mismatch", ids[place]);
    let mut expected = [at(0, "colour"), at(0, "size"), at(1, "fit")];
    expected.sort();
    assert_eq!(wrong.violations(), expected);
    let alike = with(natural.clone(), natural.clone()).expect(422);
    assert_eq!(alike.violations(), [format!("#/variant_options/{} options_mismatch", ids[1])]);
    let black = json!({"colour": "black", "fit": "wide"});
    assert_eq!(chosen(&with(natural.clone(), black.clone()).ok()), [natural.clone(), black.clone()]);
    // Two change places, without the options being said again.
    let swapped = json!({"variant_options": {ids[0]: black, ids[1]: natural}});
    assert_eq!(chosen(&change(&kim, &path, "*", &swapped).ok()), [black, natural]);
    let nobody = json!({"variant_options": {"var_01kdxkk1a0f2ethrwsbq5wfaw2": {"fit": "slim"}}});
    let refused = change(&kim, &path, "*", &nobody).expect(422);
    assert_eq!(refused.violations(), ["#/variant_options/var_01kdxkk1a0f2ethrwsbq5wfaw2 not_found"]);
    let no_id = json!({"variant_options": {"first": {"fit": "slim"}}});
    change(&kim, &path, "*", &no_id).problem(422, "invalid_format");
});

api_test!(variants_that_had_no_options_are_told_apart_by_their_first_ones, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let new = json!({"name": "Mug", "variants": [{"sku": "A", "name": "Mug, red"}, {"sku": "B", "name": "Mug, blue"}]});
    let (path, product) = made(kim.post(PRODUCTS, &new));
    let options = json!([option("color", &["red", "blue"])]);
    let alone = change(&kim, &path, "*", &json!({"options": [option("color", &["red"])]})).expect(422);
    assert_eq!(alone.violations(), ["#/options options_mismatch"]);
    let id = |place: usize| product["variants"][place]["id"].as_str().unwrap();
    let of_variants = json!({id(0): {"color": "red"}, id(1): {"color": "blue"}});
    let changed = change(&kim, &path, "*", &json!({"options": options, "variant_options": of_variants})).ok();
    assert_eq!(chosen(&changed), [json!({"color": "red"}), json!({"color": "blue"})]);
    assert_eq!(change(&kim, &path, "*", &json!({"name": "Cup", "options": options})).ok()["name"], "Cup");
});
