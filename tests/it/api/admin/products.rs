use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{chair, change, made, remove};
use crate::support::{ProductInShop, TestApp, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";

api_test!(a_product_is_made_with_its_variants_prices_and_stock, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    assert_eq!(product["slug"], "oak-chair");
    assert_eq!(product["variants"][1]["name"], "Oak chair, black");
    assert_eq!(product["variants"][1]["availability"], "low_stock");
    assert_eq!(product["availability"], "in_stock");
    let in_euro = json!({"min": {"amount": 12900, "currency": "EUR"}, "max": {"amount": 13900, "currency": "EUR"}});
    assert_eq!(product["price_ranges"][0], in_euro);
    assert_eq!(kim.get(&path).ok(), product);
    let stock = kim.get(&format!("/api/v1/admin/inventory/{}", id(&product["variants"][0]))).ok();
    assert_eq!((&stock["on_hand"], &stock["available"]), (&json!(10), &json!(10)));
    let shown = app.guest().get("/api/v1/products/oak-chair").ok();
    assert_eq!(shown["variants"][0]["price"], json!({"amount": 12900, "currency": "EUR"}));
});

api_test!(the_same_key_makes_one_product, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let send = || kim.request("POST", PRODUCTS).header("Idempotency-Key", "once").json(&chair()).send();
    let (first, again) = (send().expect(201), send().expect(201));
    assert_eq!((first.text(), again.header("idempotency-replayed")), (again.text(), Some("true")));
    let counted = kim.get(&format!("{PRODUCTS}?with_total=true")).ok();
    assert_eq!(counted["page"]["total"], 1);
});

api_test!(all_that_does_not_fit_together_is_named, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mut body = chair();
    body["brand_id"] = json!("brand_01kdxkk1a0f2ethrwsbq5wfaw2");
    body["category_ids"] = json!(["cat_01kdxkk1a0f2ethrwsbq5wfaw2"]);
    body["options"][0]["values"] = json!(["natural", "natural"]);
    body["variants"][0]["options"] = json!({"size": "L"});
    body["variants"][1]["prices"][0]["currency"] = json!("JPY");
    let answer = kim.post(PRODUCTS, &body);
    answer.problem(422, "validation_failed");
    let expected = [
        "#/brand_id not_found",
        "#/category_ids/0 not_found",
        "#/options/0/values/1 duplicate",
        "#/variants/0/options/color options_mismatch",
        "#/variants/0/options/size options_mismatch",
        "#/variants/1/options/color options_mismatch",
        "#/variants/1/prices/0/currency currency_not_offered",
    ];
    assert_eq!(answer.violations(), expected);
    let mut body = chair();
    body["attributes"] = json!({"Seat height": 45, "parts": [["leg"]]});
    assert_eq!(
        kim.post(PRODUCTS, &body).violations(),
        ["#/attributes/Seat height invalid_format", "#/attributes/parts/0 invalid_type"]
    );
});

api_test!(what_another_has_is_taken, |app| {
    let kim = app.staff(Role::CatalogueManager);
    made(kim.post(PRODUCTS, &chair()));
    let mut body = chair();
    kim.post(PRODUCTS, &body).problem(409, "external_id_taken");
    body["external_id"] = Value::Null;
    let sku = kim.post(PRODUCTS, &body);
    sku.problem(409, "sku_taken");
    assert_eq!(sku.violations(), ["#/variants/0/sku sku_taken", "#/variants/1/sku sku_taken"]);
    body["variants"] = json!([]);
    body["slug"] = json!("oak-chair");
    kim.post(PRODUCTS, &body).problem(409, "slug_taken");
    body["slug"] = Value::Null;
    let (_, twin) = made(kim.post(PRODUCTS, &body));
    assert!(twin["slug"].as_str().is_some_and(|it| it.starts_with("oak-chair-")), "{twin}");
    let counted = kim.get(&format!("{PRODUCTS}?with_total=true")).ok();
    assert_eq!(counted["page"]["total"], 2, "what was refused has left something behind");
});

api_test!(a_patch_merges_and_needs_the_version_that_was_seen, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let body = json!({"name": "Elm chair", "attributes": {"material": "elm", "seat_height_cm": null}});
    kim.patch(&path, &body).problem(428, "precondition_required");
    change(&kim, &path, "\"9\"", &body).problem(412, "stale_version");
    let changed = change(&kim, &path, "\"1\"", &body).expect(200);
    assert!(changed.header("etag").is_some_and(|it| it.starts_with("\"2.")));
    let product = changed.json();
    assert_eq!((&product["version"], &product["attributes"]), (&json!(2), &json!({"material": "elm"})));
    assert_eq!((&product["external_id"], &product["slug"]), (&json!("ERP-1"), &json!("oak-chair")));
    assert_eq!(product["variants"][0]["name"], "Elm chair, natural");
    let same = change(&kim, &path, "\"2\"", &body).ok();
    assert_eq!(same["version"], 2, "a change to what it is already is none");
    let cleared = change(&kim, &path, "*", &json!({"external_id": null, "attributes": null})).ok();
    assert_eq!((&cleared["external_id"], &cleared["attributes"]), (&Value::Null, &json!({})));
    change(&kim, &path, "*", &json!({"name": null})).problem(422, "invalid_type");
});

api_test!(a_slug_from_before_leads_on_and_is_nobody_else_s, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let (other, _) = made(kim.post(PRODUCTS, &json!({"name": "Stool"})));
    change(&kim, &path, "*", &json!({"slug": "elm-chair"})).expect(200);
    let shown = app.guest().get("/api/v1/products/oak-chair").ok();
    assert_eq!((&shown["id"], &shown["slug"]), (&product["id"], &json!("elm-chair")));
    kim.post(PRODUCTS, &json!({"name": "x", "slug": "oak-chair"})).problem(409, "slug_taken");
    change(&kim, &other, "*", &json!({"slug": "oak-chair"})).problem(409, "slug_taken");
    change(&kim, &other, "*", &json!({"slug": "elm-chair"})).problem(409, "slug_taken");
    let back = change(&kim, &path, "*", &json!({"slug": "oak-chair"})).ok();
    assert_eq!(back["slug"], "oak-chair");
    assert_eq!(app.guest().get("/api/v1/products/elm-chair").ok()["slug"], "oak-chair");
});

api_test!(options_change_with_the_variants_in_mind, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let narrowed = change(&kim, &path, "*", &json!({"options": [{"name": "color", "values": ["natural"]}]}));
    assert_eq!(narrowed.violations(), ["#/options/0/values options_mismatch"]);
    let swapped = change(&kim, &path, "*", &json!({"options": [{"name": "size", "values": ["S"]}]}));
    assert_eq!(swapped.violations(), ["#/options options_mismatch"], "both chairs would be alike");
});

api_test!(a_product_goes_with_its_stock_and_only_once, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    kim.delete(&path).problem(428, "precondition_required");
    remove(&kim, &path, "\"1\"").expect(204);
    remove(&kim, &path, "*").problem(404, "not_found");
    kim.get(&path).problem(404, "not_found");
    kim.get(&format!("/api/v1/admin/inventory/{}", id(&product["variants"][0]))).problem(404, "not_found");
    made(kim.post(PRODUCTS, &chair()));
});

api_test!(what_is_reserved_cannot_go, |app| {
    let kim = app.staff(Role::Admin);
    app.open_for_business();
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let variant_id = id(&product["variants"][0]).parse().unwrap();
    let bought = ProductInShop { id: id(&product).parse().unwrap(), variant_id };
    app.buyer(&[(&bought, 2)]).buy("tok_visa").expect(201);
    remove(&kim, &path, "*").problem(409, "in_use");
    remove(&kim, &format!("/api/v1/admin/variants/{variant_id}"), "*").problem(409, "in_use");
    assert_eq!(kim.get(&path).ok()["variants"].as_array().map(Vec::len), Some(2));
});

api_test!(drafts_are_for_the_staff_alone, |app| {
    let kim = app.staff(Role::Viewer);
    let admin = app.staff(Role::Admin);
    let (path, draft) = made(admin.post(PRODUCTS, &json!({"name": "Secret lamp"})));
    assert_eq!(draft["status"], "draft");
    app.guest().get("/api/v1/products/secret-lamp").problem(404, "not_found");
    assert_eq!(names(app, "/api/v1/products"), json!([]));
    assert_eq!(kim.get(&format!("{PRODUCTS}?status=draft,archived")).ok()["items"][0]["name"], "Secret lamp");
    assert_eq!(kim.get(&format!("{PRODUCTS}?status=published")).ok()["items"], json!([]));
    assert_eq!(kim.get(&format!("{PRODUCTS}?q=lamp")).ok()["items"][0]["name"], "Secret lamp");
    kim.get(&format!("{PRODUCTS}?words=lamp")).problem(400, "unknown_parameter");
    change(&admin, &path, "*", &json!({"status": "published"})).expect(200);
    assert_eq!(names(app, "/api/v1/products"), json!(["Secret lamp"]));
    change(&kim, &path, "*", &json!({"status": "archived"})).problem(403, "forbidden");
});

fn names(app: &TestApp, path: &str) -> Value {
    let items = app.guest().get(path).ok()["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().map(|it| it["name"].clone()).collect()
}

fn id(entry: &Value) -> &str {
    entry["id"].as_str().expect("an id")
}

api_test!(html_in_a_description_is_cleaned_when_it_is_written, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mut new = chair();
    new["description"] = json!("<p onclick=\"x()\">Solid <b>oak</b></p><script>alert(1)</script>");
    let (path, product) = made(kim.post(PRODUCTS, &new));
    assert_eq!(product["description"], "<p>Solid <b>oak</b></p>");
    let text = json!({"description": "5 < 6 & more"});
    assert_eq!(change(&kim, &path, "*", &text).ok()["description"], "5 < 6 & more");
    let html = json!({"description": "<img src=x onerror=alert(1)>a<b then"});
    assert_eq!(change(&kim, &path, "*", &html).ok()["description"], "<img src=\"x\">a&lt;b then");
    let long = json!({"description": format!("<p>{}", "&".repeat(19_000))});
    assert_eq!(change(&kim, &path, "*", &long).violations(), ["#/description too_long"]);
    change(&kim, &path, "*", &json!({"description": "<p>spruce</p><p>larch</p>"})).expect(200);
    let found =
        |word: &str| app.guest().get(&format!("/api/v1/search?q={word}")).ok()["items"].as_array().unwrap().len();
    assert_eq!((found("spruce"), found("larch"), found("sprucelarch")), (1, 1, 0));
});

api_test!(all_that_others_have_already_is_named_at_once, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let mut body = chair();
    body["slug"] = json!("oak-chair");
    let refused = kim.post(PRODUCTS, &body);
    refused.problem(409, "external_id_taken");
    let taken = ["#/external_id external_id_taken", "#/slug slug_taken"];
    let skus = ["#/variants/0/sku sku_taken", "#/variants/1/sku sku_taken"];
    assert_eq!(refused.violations(), [taken, skus].concat());
    let named = refused.json()["errors"].as_array().unwrap().clone();
    assert!(named.iter().any(|it| it["params"]["product_id"] == product["id"]), "{named:?}");
    assert!(named.iter().any(|it| it["params"]["variant_id"] == product["variants"][1]["id"]), "{named:?}");
    // Beside what breaks a rule, and what the request itself has twice.
    let skus = ["NEW", "NEW", "OAK-N", "OTHER"];
    let variants: Vec<Value> = skus.iter().map(|sku| json!({"sku": sku, "external_id": "V-1"})).collect();
    let body = json!({"name": "Stool", "external_id": "ERP-1", "variants": variants});
    let refused = kim.post(PRODUCTS, &body).expect(409);
    let expected = [
        "#/external_id external_id_taken",
        "#/variants/1/external_id external_id_taken",
        "#/variants/1/sku sku_taken",
        "#/variants/2/external_id external_id_taken",
        "#/variants/2/sku sku_taken",
        "#/variants/3/external_id external_id_taken",
    ];
    assert_eq!(refused.violations(), expected);
    let mut wrong = body.clone();
    wrong["brand_id"] = json!("brand_01kdxkk1a0f2ethrwsbq5wfaw2");
    assert_eq!(kim.post(PRODUCTS, &wrong).expect(422).violations().len(), expected.len() + 1);
    let (other, stool) = made(kim.post(PRODUCTS, &json!({"name": "Stool", "variants": [{"sku": "STOOL"}]})));
    let refused = change(&kim, &other, "*", &json!({"slug": "oak-chair", "external_id": "ERP-1"}));
    assert_eq!(refused.expect(409).violations(), taken);
    let first = format!("/api/v1/admin/variants/{}", id(&product["variants"][0]));
    change(&kim, &first, "*", &json!({"external_id": "V-1"})).expect(200);
    let both = ["#/external_id external_id_taken", "#/sku sku_taken"];
    let stool = format!("/api/v1/admin/variants/{}", id(&stool["variants"][0]));
    let refused = change(&kim, &stool, "*", &json!({"sku": "OAK-B", "external_id": "V-1"}));
    assert_eq!(refused.expect(409).violations(), both);
    let refused = kim.post(&format!("{other}/variants"), &json!({"sku": "OAK-B", "external_id": "V-1"}));
    assert_eq!(refused.expect(409).violations(), both);
    // What it has itself it may be given again.
    let same = json!({"slug": "oak-chair", "external_id": "ERP-1"});
    change(&kim, &path, "*", &same).expect(200);
    change(&kim, &first, "*", &json!({"sku": "OAK-N", "external_id": "V-1"})).expect(200);
});

api_test!(names_and_keys_of_blanks_alone_are_refused, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let blank = |list: &str, body: &Value, expected: &[&str]| {
        let refused = kim.post(&format!("/api/v1/admin/{list}"), body);
        refused.problem(422, "blank");
        assert_eq!(refused.violations(), expected, "{list}");
    };
    let both = ["#/external_id blank", "#/name blank"];
    for list in ["products", "brands", "categories"] {
        blank(list, &json!({"name": " \t\u{a0}", "external_id": "  "}), &both);
    }
    blank("collections", &json!({"name": " ", "external_id": " ", "kind": "manual"}), &both);
    blank("attributes", &json!({"key": "a", "label": " ", "kind": "text"}), &["#/label blank"]);
    let variant = json!({"name": " ", "external_id": " ", "sku": " "});
    let of_variant = ["external_id", "name", "sku"].map(|name| format!("#/variants/0/{name} blank"));
    blank("products", &json!({"name": "x", "variants": [variant]}), &of_variant.each_ref().map(String::as_str));
    assert_eq!(kim.post(PRODUCTS, &json!({"name": ""})).expect(422).violations(), ["#/name too_short"]);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    assert_eq!(change(&kim, &path, "*", &json!({"name": " ", "external_id": " "})).expect(422).violations(), both);
    let variant = format!("/api/v1/admin/variants/{}", id(&product["variants"][0]));
    assert_eq!(change(&kim, &variant, "*", &json!({"name": " "})).expect(422).violations(), ["#/name blank"]);
    // What stands around a name is left as it is.
    assert_eq!(change(&kim, &path, "*", &json!({"name": " Elm chair "})).ok()["name"], " Elm chair ");
});
