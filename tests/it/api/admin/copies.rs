use cartwright::{auth::rights::Role, db::schema::variants};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{chair, change, made, remove};
use crate::support::{Answer, Client, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";
/// A picture of one point.
const DOT: &[u8] = include_bytes!("../access/dot.webp");

fn clone(staff: &Client, path: &str, body: &Value) -> Answer {
    staff.post(&format!("{path}/clone"), body)
}

/// A chair with all that a copy takes over, and two pictures, of which the second shows the first variant.
fn rich_chair(staff: &Client) -> (String, Value) {
    let brand = staff.post("/api/v1/admin/brands", &json!({"name": "Fjordlight"})).expect(201).json();
    let category = staff.post("/api/v1/admin/categories", &json!({"name": "Chairs"})).expect(201).json();
    let mut new = chair();
    new["brand_id"] = brand["id"].clone();
    new["category_ids"] = json!([category["id"]]);
    new["description"] = json!("<p>Solid oak</p>");
    new["unpublish_at"] = json!("2100-01-01T00:00:00Z");
    for (name, value) in [
        ("barcode", json!("2000000000015")),
        ("weight_grams", json!(5200)),
        ("external_id", json!("V-1")),
        ("min_order_quantity", json!(2)),
        ("max_order_quantity", json!(8)),
        ("name", json!("The natural one")),
    ] {
        new["variants"][0][name] = value;
    }
    let (path, product) = made(staff.post(PRODUCTS, &new));
    let images: Vec<Value> = (0..2)
        .map(|place| {
            let words = format!("From side {place}");
            let upload = staff.request("POST", &format!("{path}/images")).upload("b", DOT, Some(&words));
            upload.send().expect(201).json()
        })
        .collect();
    let image = format!("{path}/images/{}", images[1]["id"].as_str().unwrap());
    change(staff, &image, "*", &json!({"focal_point": {"x": 0.25, "y": 0.5}})).expect(200);
    let variant = format!("/api/v1/admin/variants/{}", product["variants"][0]["id"].as_str().unwrap());
    change(staff, &variant, "*", &json!({"image_id": images[1]["id"]})).expect(200);
    let product = staff.get(&path).ok();
    (path, product)
}

/// `value` without the members that a copy has of its own.
fn without(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        value.as_object_mut().expect("an object").remove(*name).unwrap_or_else(|| panic!("no {name}"));
    }
    value
}

api_test!(a_copy_is_a_draft_like_the_original, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, original) = rich_chair(&kim);
    let (copy_path, copy) = made(clone(&kim, &path, &json!({"name": "Elm chair", "sku_suffix": "-ELM"})));
    assert_eq!(kim.get(&copy_path).ok(), copy);
    assert_eq!((&copy["status"], &copy["slug"], &copy["version"]), (&json!("draft"), &json!("elm-chair"), &json!(1)));
    assert_eq!(
        (&copy["external_id"], &copy["unpublish_at"], &copy["availability"]),
        (&Value::Null, &Value::Null, &json!("out_of_stock"))
    );
    let own = [
        "id",
        "external_id",
        "slug",
        "name",
        "status",
        "unpublish_at",
        "variants",
        "images",
        "availability",
        "version",
        "created_at",
        "updated_at",
    ];
    assert_eq!(without(copy.clone(), &own), without(original.clone(), &own));
    let of_variant = [
        "id",
        "product_id",
        "external_id",
        "sku",
        "name",
        "barcode",
        "image_id",
        "availability",
        "version",
        "created_at",
        "updated_at",
    ];
    for place in 0..2 {
        let (copied, variant) = (&copy["variants"][place], &original["variants"][place]);
        assert_eq!(without(copied.clone(), &of_variant), without(variant.clone(), &of_variant));
        assert_eq!((&copied["external_id"], &copied["barcode"]), (&Value::Null, &Value::Null));
        let stock = kim.get(&format!("/api/v1/admin/inventory/{}", copied["id"].as_str().unwrap())).ok();
        assert_eq!(stock["on_hand"], 0);
    }
    let names: Vec<&Value> = copy["variants"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["The natural one", "Elm chair, black"], "a name of its own stays");
    assert_eq!(copy["variants"][0]["sku"], "OAK-N-ELM");
    assert_eq!(copy["variants"][0]["image_id"], copy["images"][1]["id"]);
    assert_eq!(app.guest().get("/api/v1/products").ok()["items"].as_array().unwrap().len(), 1);
});

api_test!(the_images_of_a_copy_outlive_those_of_the_original, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, original) = rich_chair(&kim);
    let (_, copy) = made(clone(&kim, &path, &json!({})));
    let shown = |product: &Value, place: usize| {
        let address = product["images"][place]["renditions"]["large"]["webp"].as_str().unwrap().to_owned();
        app.guest().get(&address[address.find("/api/v1").unwrap()..])
    };
    let before = [shown(&original, 0).expect(200).body, shown(&original, 1).expect(200).body];
    for place in 0..2 {
        assert_ne!(copy["images"][place]["id"], original["images"][place]["id"]);
        for name in ["alt", "width", "height", "placeholder", "focal_point"] {
            assert_eq!(copy["images"][place][name], original["images"][place][name]);
        }
    }
    remove(&kim, &path, "*").expect(204);
    shown(&original, 0).problem(404, "not_found");
    assert_eq!([shown(&copy, 0).expect(200).body, shown(&copy, 1).expect(200).body], before);
});

api_test!(a_copy_needs_no_body, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, original) = made(kim.post(PRODUCTS, &chair()));
    let send = |content_type: Option<&str>, body: &str| {
        let request = kim.request("POST", &format!("{path}/clone"));
        let request = content_type.into_iter().fold(request, |request, it| request.header("Content-Type", it));
        request.body(body).send()
    };
    for content_type in [None, Some("application/json"), Some("text/plain")] {
        let (_, copy) = made(send(content_type, ""));
        assert_eq!((&copy["name"], &copy["status"]), (&original["name"], &json!("draft")));
    }
    send(None, "{}").problem(415, "unsupported_media_type");
    send(Some("application/json"), " ").problem(400, "malformed_json");
    send(Some("application/json"), "null").problem(422, "invalid_type");
});

api_test!(a_copy_takes_no_name_that_another_has, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let (_, first) = made(clone(&kim, &path, &json!({})));
    let (_, second) = made(clone(&kim, &path, &json!({})));
    for copy in [&first, &second] {
        assert!(copy["slug"].as_str().unwrap().starts_with("oak-chair-"), "{copy}");
        assert!(copy["variants"][0]["sku"].as_str().unwrap().starts_with("OAK-N-"), "{copy}");
    }
    let taken = clone(&kim, &path, &json!({"slug": "oak-chair"}));
    assert_eq!((taken.status, taken.violations()), (409, vec!["#/slug slug_taken".to_owned()]));
    made(clone(&kim, &path, &json!({"sku_suffix": "-2"})));
    let taken = clone(&kim, &path, &json!({"sku_suffix": "-2"}));
    assert_eq!((taken.status, taken.violations()), (409, vec!["#/sku_suffix sku_taken".to_owned()]));
    clone(&kim, &format!("{PRODUCTS}/prod_01kdxkk1a0f2ethrwsbq5wfaw2"), &json!({})).problem(404, "not_found");
    clone(&kim, &path, &json!({"name": "", "slug": "A b", "skus": {}})).problem(422, "validation_failed");
    let many: i64 = app.database(|conn| Ok(variants::table.count().get_result(conn)?));
    assert_eq!(many, 8, "what was refused has left something behind");
});

api_test!(a_long_sku_is_shortened_for_its_copy_unless_the_suffix_is_given, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let sku = "É".repeat(100);
    let (path, _) = made(kim.post(PRODUCTS, &json!({"name": "Long", "variants": [{"sku": sku}]})));
    let (_, copy) = made(clone(&kim, &path, &json!({})));
    assert_eq!(copy["variants"][0]["sku"].as_str().unwrap().chars().count(), 100);
    let long = clone(&kim, &path, &json!({"sku_suffix": "-2"}));
    assert_eq!((long.status, long.violations()), (422, vec!["#/sku_suffix too_long".to_owned()]));
});

api_test!(the_same_key_makes_one_copy, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = rich_chair(&kim);
    let keyed = kim.with("Idempotency-Key", "copy-1");
    let (first, again) = (clone(&keyed, &path, &json!({})).expect(201), clone(&keyed, &path, &json!({})).expect(201));
    assert_eq!((first.text(), again.header("idempotency-replayed")), (again.text(), Some("true")));
    remove(&kim, &path, "*").expect(204);
    assert_eq!(clone(&keyed, &path, &json!({})).expect(201).text(), first.text(), "the original is gone meanwhile");
    let images = glob::glob(&format!("{}/img_*/*/large.webp", app.media_folder().display())).unwrap();
    assert_eq!(images.count(), 2, "the copy's alone");
});
