//! Categories, collections and brands under the slugs that they had before.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, api_test};

#[track_caller]
fn made(staff: &Client, list: &str, body: &Value) -> Value {
    staff.post(&format!("/api/v1/admin/{list}"), body).expect(201).json()
}

fn change(staff: &Client, list: &str, of: &Value, body: &Value) -> Answer {
    let path = format!("/api/v1/admin/{list}/{}", of["id"].as_str().unwrap());
    staff.request("PATCH", &path).header("If-Match", "*").json(body).send()
}

fn count(app: &TestApp, path: &str) -> usize {
    app.guest().get(path).ok()["items"].as_array().unwrap().len()
}

api_test!(a_category_is_found_by_the_slugs_that_it_had, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let chairs = made(&kim, "categories", &json!({"name": "Chairs"}));
    let product = json!({"name": "Oak chair", "status": "published", "category_ids": [chairs["id"]]});
    made(&kim, "products", &product);
    let show = |slug: &str| app.guest().get(&format!("/api/v1/categories/{slug}"));
    show("chairs").expect(200);
    for slug in ["seats", "seating"] {
        change(&kim, "categories", &chairs, &json!({"slug": slug})).expect(200);
    }
    for slug in ["chairs", "seats", "seating"] {
        assert_eq!(show(slug).ok()["slug"], "seating", "{slug}");
        for list in ["products", "search"] {
            assert_eq!(count(app, &format!("/api/v1/{list}?category={slug}")), 1, "{list} {slug}");
        }
    }
    let facets = app.guest().get("/api/v1/search?category=chairs&facets=category").ok();
    assert_eq!(facets["facets"][0]["values"][0]["selected"], true);
    assert_eq!(count(app, "/api/v1/search?category=nowhere"), 0);
    // Nobody else takes one, but the category itself takes it back.
    let other = json!({"name": "Others", "slug": "chairs"});
    let refused = kim.post("/api/v1/admin/categories", &other).expect(409);
    assert_eq!(refused.violations(), ["#/slug slug_taken"]);
    let named_alike = made(&kim, "categories", &json!({"name": "Chairs"}));
    assert!(named_alike["slug"].as_str().unwrap().starts_with("chairs-"), "{named_alike}");
    let refused = change(&kim, "categories", &named_alike, &json!({"slug": "seats"})).expect(409);
    assert_eq!(refused.violations(), ["#/slug slug_taken"]);
    change(&kim, "categories", &chairs, &json!({"slug": "chairs"})).expect(200);
    assert_eq!(show("seating").ok()["slug"], "chairs");
    assert_eq!(show("chairs").ok()["slug"], "chairs");
});

api_test!(a_category_that_is_gone_leaves_its_slugs_to_others, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let chairs = made(&kim, "categories", &json!({"name": "Chairs"}));
    change(&kim, "categories", &chairs, &json!({"slug": "seats"})).expect(200);
    let path = format!("/api/v1/admin/categories/{}", chairs["id"].as_str().unwrap());
    kim.request("DELETE", &path).header("If-Match", "*").send().expect(204);
    app.guest().get("/api/v1/categories/chairs").problem(404, "not_found");
    assert_eq!(made(&kim, "categories", &json!({"name": "Chairs"}))["slug"], "chairs");
});

api_test!(a_collection_is_found_by_the_slugs_that_it_had, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = made(&kim, "products", &json!({"name": "Oak chair", "status": "published"}));
    let new = json!({"name": "Summer", "kind": "manual", "product_ids": [product["id"]]});
    let summer = made(&kim, "collections", &new);
    change(&kim, "collections", &summer, &json!({"slug": "sun"})).expect(200);
    let show = |slug: &str| app.guest().get(&format!("/api/v1/collections/{slug}"));
    for slug in ["summer", "sun"] {
        assert_eq!(show(slug).ok()["slug"], "sun", "{slug}");
        for list in ["products", "search"] {
            assert_eq!(count(app, &format!("/api/v1/{list}?collection={slug}")), 1, "{list} {slug}");
        }
    }
    let taken = kim.post("/api/v1/admin/collections", &json!({"name": "S", "slug": "summer", "kind": "manual"}));
    assert_eq!(taken.expect(409).violations(), ["#/slug slug_taken"]);
    let other = made(&kim, "collections", &json!({"name": "Summer", "kind": "manual"}));
    assert!(other["slug"].as_str().unwrap().starts_with("summer-"), "{other}");
    let taken = change(&kim, "collections", &other, &json!({"slug": "summer"})).expect(409);
    assert_eq!(taken.violations(), ["#/slug slug_taken"]);
    change(&kim, "collections", &summer, &json!({"slug": "summer", "published": false})).expect(200);
    show("sun").problem(404, "not_found");
});

api_test!(a_brand_is_found_by_the_slugs_that_it_had, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let brand = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    let product = json!({"name": "Oak chair", "status": "published", "brand_id": brand["id"]});
    made(&kim, "products", &product);
    let show = |name: &str| app.guest().get(&format!("/api/v1/brands/{name}"));
    assert_eq!(show(brand["id"].as_str().unwrap()).ok(), show("fjordlight").ok());
    show("nobody").problem(404, "not_found");
    show("Not a slug").problem(404, "not_found");
    for slug in ["fjord", "light"] {
        change(&kim, "brands", &brand, &json!({"slug": slug})).expect(200);
    }
    for slug in ["fjordlight", "fjord", "light"] {
        assert_eq!(show(slug).ok()["slug"], "light", "{slug}");
        for list in ["products", "search", "admin/products"] {
            let found = kim.get(&format!("/api/v1/{list}?brand={slug}")).ok();
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{list} {slug}");
        }
    }
    let facets = app.guest().get("/api/v1/search?brand=fjordlight&facets=brand").ok();
    assert_eq!(facets["facets"][0]["values"][0]["selected"], true);
    assert_eq!(count(app, "/api/v1/search?brand=nobody"), 0);
    // Nobody else takes one, but the brand itself takes it back.
    let refused = kim.post("/api/v1/admin/brands", &json!({"name": "x", "slug": "fjord"})).expect(409);
    assert_eq!(refused.violations(), ["#/slug slug_taken"]);
    let named_alike = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    assert!(named_alike["slug"].as_str().unwrap().starts_with("fjordlight-"), "{named_alike}");
    let refused = change(&kim, "brands", &named_alike, &json!({"slug": "fjord"})).expect(409);
    assert_eq!(refused.violations(), ["#/slug slug_taken"]);
    change(&kim, "brands", &brand, &json!({"slug": "fjordlight"})).expect(200);
    assert_eq!(show("light").ok()["slug"], "fjordlight");
});

api_test!(the_staff_find_whose_a_slug_was, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for (list, body) in [
        ("products", json!({"name": "Oak", "slug": "first"})),
        ("categories", json!({"name": "Oak", "slug": "first"})),
        ("brands", json!({"name": "Oak", "slug": "first"})),
        ("collections", json!({"name": "Oak", "slug": "first", "kind": "manual"})),
    ] {
        let one = made(&kim, list, &body);
        assert_eq!(one["former_slugs"], json!([]), "{list}");
        change(&kim, list, &one, &json!({"slug": "second"})).expect(200);
        let changed = change(&kim, list, &one, &json!({"slug": "third"})).ok();
        assert_eq!(changed["former_slugs"], json!(["first", "second"]), "{list}");
        let path = format!("/api/v1/admin/{list}/{}", one["id"].as_str().unwrap());
        assert_eq!(kim.get(&path).ok(), changed, "{list}");
        for slug in ["first", "third"] {
            let found = kim.get(&format!("/api/v1/admin/{list}?slug={slug}&with_total=true")).ok();
            assert_eq!((&found["items"][0]["id"], &found["page"]["total"]), (&one["id"], &json!(1)), "{list} {slug}");
        }
    }
});
