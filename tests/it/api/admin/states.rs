use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{change, made};
use crate::support::{Product, api_test};

fn path_of(product: &crate::support::ProductInShop) -> String {
    format!("/api/v1/admin/products/{}", product.id)
}

api_test!(what_is_archived_is_neither_shown_nor_sold_and_can_come_back, |app| {
    app.open_for_business();
    let kim = app.staff(Role::Admin);
    let chair = app.put(Product::named("Oak chair"));
    let path = path_of(&chair);
    let buyer = app.buyer(&[(&chair, 2)]);
    let bought = app.buyer(&[(&chair, 1)]).buy("tok_visa").expect(201).json();
    let archived = kim.request("POST", &format!("{path}/archive")).send().expect(200);
    assert!(archived.header("etag").is_some_and(|it| it.starts_with("\"2.")));
    assert_eq!(archived.json()["status"], "archived");
    assert_eq!(kim.get(&path).ok(), archived.json());
    app.guest().get("/api/v1/products/oak-chair").problem(404, "not_found");
    assert_eq!(app.guest().get("/api/v1/products").ok()["items"], json!([]));
    assert_eq!(app.guest().get("/api/v1/search?q=chair").ok()["items"], json!([]));
    let problem = buyer.look()["problems"][0].clone();
    assert_eq!((&problem["code"], &problem["pointer"]), (&json!("not_found"), &json!("#/lines/0/variant_id")));
    buyer.buy("tok_visa").problem(422, "cart_incomplete");
    let line = json!({"variant_id": chair.variant_id, "quantity": 1});
    buyer.client.post(&format!("/api/v1/carts/{}/lines", buyer.cart_id), &line).problem(422, "not_found");
    let order = kim.get(&format!("/api/v1/admin/orders/{}", bought["id"].as_str().unwrap())).ok();
    assert_eq!(order["lines"][0]["name"], "Oak chair");

    let again = kim.request("POST", &format!("{path}/archive")).json(&json!({})).send().ok();
    assert_eq!(again["version"], 2, "it was so already");
    let published = kim.request("POST", &format!("{path}/publish")).send().ok();
    assert_eq!((&published["status"], &published["version"]), (&json!("published"), &json!(3)));
    assert_eq!(app.guest().get("/api/v1/search?q=chair").ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(buyer.look()["problems"], json!([]));
    buyer.buy("tok_visa").expect(201);
});

api_test!(what_was_planned_ends_with_the_state_that_it_was_planned_for, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let lamp = json!({"name": "Lamp", "publish_at": "2100-01-01T00:00:00Z", "unpublish_at": "2100-02-01T00:00:00Z"});
    let (path, _) = made(kim.post("/api/v1/admin/products", &lamp));
    let published = kim.request("POST", &format!("{path}/publish")).send().ok();
    assert_eq!((&published["publish_at"], published["unpublish_at"].is_string()), (&Value::Null, true));
    change(&kim, &path, "*", &json!({"unpublish_at": "2100-03-01T00:00:00Z"})).expect(200);
    let archived = kim.request("POST", &format!("{path}/archive")).send().ok();
    assert_eq!((&archived["publish_at"], &archived["unpublish_at"]), (&Value::Null, &Value::Null));
});

api_test!(a_state_is_changed_once_under_its_key_and_takes_no_body, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let path = path_of(&app.put(Product::named("Oak chair")));
    let archive = |key: &str| kim.request("POST", &format!("{path}/archive")).header("Idempotency-Key", key).send();
    archive("one").expect(200);
    change(&kim, &path, "*", &json!({"status": "draft"})).expect(200);
    assert_eq!(archive("one").expect(200).header("idempotency-replayed"), Some("true"));
    assert_eq!(kim.get(&path).ok()["status"], "draft");
    kim.post(&format!("{path}/archive"), &json!({"status": "archived"})).problem(422, "unknown_field");
    let unknown = "/api/v1/admin/products/prod_01kdxkk1a0f2ethrwsbq5wfaw2/archive";
    kim.request("POST", unknown).send().problem(404, "not_found");
});

api_test!(a_state_or_a_copy_that_names_a_version_is_made_of_that_version_alone, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let path = path_of(&app.put(Product::named("Oak chair").draft()));
    let post = |action: &str, tag: &str| {
        kim.request("POST", &format!("{path}/{action}")).header("If-Match", tag).json(&json!({})).send()
    };
    change(&kim, &path, "*", &json!({"name": "Ash chair"})).expect(200);
    for action in ["archive", "publish", "clone"] {
        let problem = post(action, "\"1\"").problem(412, "stale_version");
        assert_eq!((&problem["current_version"], &problem["current_etag"]), (&json!(2), &json!("\"2\"")));
        post(action, "2").problem(400, "invalid_if_match");
    }
    assert_eq!(kim.get("/api/v1/admin/products?with_total=true").ok()["page"]["total"], 1, "nothing was copied");
    let shown = kim.get(&path).expect(200).header("etag").unwrap().to_owned();
    assert_eq!(post("publish", &shown).ok()["version"], 3);
    post("archive", &shown).problem(412, "stale_version");
    assert_eq!(post("archive", "*").ok()["version"], 4);
    post("clone", "\"4\"").expect(201);
    // Who tries again does not know yet that it was done.
    let publish = || {
        let request = kim.request("POST", &format!("{path}/publish")).header("If-Match", "\"4\"");
        request.header("Idempotency-Key", "once").send().ok()
    };
    assert_eq!((publish()["version"].clone(), publish()["version"].clone()), (json!(5), json!(5)));
});
