//! Collections: what is put into them, and what their rules bring.

mod model;
mod rules;

use cartwright::{auth::rights::Role, catalog::collections::store};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, api_test};

const ADMIN: &str = "/api/v1/admin";

#[track_caller]
fn made(staff: &Client, list: &str, body: &Value) -> Value {
    staff.post(&format!("{ADMIN}/{list}"), body).expect(201).json()
}

fn write(staff: &Client, method: &str, path: &str, body: &Value) -> Answer {
    staff.request(method, &format!("{ADMIN}/{path}")).header("If-Match", "*").json(body).send()
}

fn id(of: &Value) -> &str {
    of["id"].as_str().expect("an id")
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|it| it["name"].as_str().expect("a name").to_owned()).collect()
}

fn list(app: &TestApp, query: &str) -> Vec<String> {
    names(&app.guest().get(&format!("/api/v1/products?{query}")).ok())
}

fn search(app: &TestApp, query: &str) -> Vec<String> {
    names(&app.guest().get(&format!("/api/v1/search?{query}")).ok())
}

fn by_rules(name: &str, conditions: Value) -> Value {
    json!({"name": name, "kind": "rules", "rules": {"match": "all", "conditions": conditions}})
}

/// Puts mugs of these names into the shop, in stock and priced from 10.00 on, and gives their ids.
fn put_mugs(staff: &Client, names: &[&str]) -> Vec<Value> {
    let put = |(place, name): (usize, &&str)| {
        let price = json!({"amount": 1000 + 100 * place, "currency": "EUR"});
        let variant = json!({"sku": format!("SKU-{name}"), "prices": [price], "stock": 5});
        made(staff, "products", &json!({"name": name, "status": "published", "variants": [variant]}))["id"].clone()
    };
    names.iter().enumerate().map(put).collect()
}

api_test!(a_manual_collection_shows_its_products_in_the_order_of_the_staff, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mugs = put_mugs(&kim, &["Ash", "Birch", "Cedar", "Elm", "Fir"]);
    let chosen = json!([mugs[3], mugs[0], mugs[2], mugs[1]]);
    let summer = made(&kim, "collections", &json!({"name": "Summer", "kind": "manual", "product_ids": chosen}));
    assert_eq!((&summer["slug"], &summer["product_ids"], &summer["rules"]), (&json!("summer"), &chosen, &Value::Null));
    for ask in [list, search] {
        assert_eq!(ask(app, "collection=summer&sort=position"), ["Elm", "Ash", "Cedar", "Birch"]);
        assert_eq!(ask(app, "collection=summer&sort=name"), ["Ash", "Birch", "Cedar", "Elm"]);
        assert_eq!(ask(app, "collection=summer&sort=-price&price_max=1200"), ["Cedar", "Birch", "Ash"]);
        assert_eq!(ask(app, "collection=summer&sort=position&price_max=1200"), ["Ash", "Cedar", "Birch"]);
    }
    assert_eq!(search(app, "q=cedar&collection=summer"), ["Cedar"]);
    assert!(search(app, "q=fir&collection=summer").is_empty());
    let path = format!("collections/{}", id(&summer));
    let turned = json!({"product_ids": [mugs[1], mugs[4], mugs[3]]});
    assert_eq!(write(&kim, "PATCH", &path, &turned).ok()["version"], 2);
    assert_eq!(write(&kim, "PATCH", &path, &turned).ok()["version"], 2, "nothing has changed");
    for ask in [list, search] {
        assert_eq!(ask(app, "collection=summer&sort=position"), ["Birch", "Fir", "Elm"]);
    }
    write(&kim, "PATCH", &format!("products/{}", mugs[4].as_str().unwrap()), &json!({"status": "draft"})).expect(200);
    write(&kim, "DELETE", &format!("products/{}", mugs[1].as_str().unwrap()), &json!({})).expect(204);
    for ask in [list, search] {
        assert_eq!(ask(app, "collection=summer&sort=position"), ["Elm"]);
    }
    assert_eq!(kim.get(&format!("{ADMIN}/{path}")).ok()["product_ids"], json!([mugs[4], mugs[3]]));
    let listed = kim.get(&format!("{ADMIN}/products?collection=summer&sort=position")).ok();
    assert_eq!(names(&listed), ["Fir", "Elm"]);
});

api_test!(pages_of_a_manual_collection_go_both_ways_in_every_order, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mugs = put_mugs(&kim, &["Ash", "Birch", "Cedar", "Elm", "Fir"]);
    made(&kim, "products", &json!({"name": "Unpriced", "status": "published"}));
    let last = kim.get(&format!("{ADMIN}/products?slug=unpriced")).ok()["items"][0]["id"].clone();
    let chosen = json!([mugs[2], mugs[4], last, mugs[0], mugs[1], mugs[3]]);
    made(&kim, "collections", &json!({"name": "Summer", "kind": "manual", "product_ids": chosen}));
    let in_order = ["Cedar", "Fir", "Unpriced", "Ash", "Birch", "Elm"].map(str::to_owned).to_vec();
    for sort in ["position", "name", "price", "-price", "-created_at"] {
        let expected = if sort == "position" { in_order.clone() } else { list(app, &format!("sort={sort}")) };
        for limit in 1..=6 {
            let address = format!("/api/v1/products?collection=summer&sort={sort}&with_total=true&limit={limit}");
            let mut page = app.guest().get(&address).ok();
            assert_eq!(page["page"]["total"], 6);
            let mut forwards = names(&page);
            while let Some(cursor) = page["page"]["next_cursor"].as_str() {
                page = app.guest().get(&format!("{address}&cursor={cursor}")).ok();
                forwards.extend(names(&page));
            }
            assert_eq!(forwards, expected, "{sort}, {limit} on a page");
            let mut back = names(&page);
            while let Some(cursor) = page["page"]["prev_cursor"].as_str() {
                page = app.guest().get(&format!("{address}&cursor={cursor}")).ok();
                back.splice(0..0, names(&page));
            }
            assert_eq!(back, expected, "{sort}, back by {limit}");
        }
    }
});

api_test!(only_one_manual_collection_has_an_order_of_its_own, |app| {
    let kim = app.staff(Role::CatalogueManager);
    made(&kim, "collections", &json!({"name": "One", "kind": "manual"}));
    made(&kim, "collections", &json!({"name": "Two", "kind": "manual"}));
    made(&kim, "collections", &by_rules("Rules", json!([{"in_stock": true}])));
    for route in ["products", "search"] {
        for query in ["sort=position", "sort=position&collection=one,two", "sort=position&collection=rules"] {
            let answer = app.guest().get(&format!("/api/v1/{route}?{query}"));
            answer.problem(400, "invalid_parameter");
            assert_eq!(answer.violations(), ["sort invalid_parameter"], "{route}?{query}");
        }
        for query in ["sort=position&collection=one", "sort=position&collection=nothing"] {
            assert_eq!(app.guest().get(&format!("/api/v1/{route}?{query}")).ok()["items"], json!([]));
        }
    }
});

api_test!(what_names_no_collection_finds_nothing_and_several_are_joined, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mugs = put_mugs(&kim, &["Ash", "Birch", "Cedar"]);
    let one = made(&kim, "collections", &json!({"name": "One", "kind": "manual", "product_ids": [mugs[0]]}));
    let dear = by_rules("Dear", json!([{"price": {"currency": "EUR", "min": 1200}}]));
    let dear = made(&kim, "collections", &dear);
    for ask in [list, search] {
        assert!(ask(app, "collection=nothing").is_empty());
        assert!(ask(app, "collection=coll_01kdxkk1a0f2ethrwsbq5wfaw2,No-slug").is_empty());
        assert_eq!(ask(app, "collection=one,dear,nothing&sort=name"), ["Ash", "Cedar"]);
        assert_eq!(ask(app, &format!("collection={},{}&sort=name", id(&one), id(&dear))), ["Ash", "Cedar"]);
        assert_eq!(
            ask(app, &format!("collection=one,dear&ids={},{}", mugs[0].as_str().unwrap(), mugs[1].as_str().unwrap())),
            ["Ash"]
        );
    }
    write(&kim, "PATCH", &format!("collections/{}", id(&dear)), &json!({"published": false})).expect(200);
    for ask in [list, search] {
        assert_eq!(ask(app, "collection=one,dear&sort=name"), ["Ash"], "shoppers do not see it");
    }
    let seen = kim.get(&format!("{ADMIN}/products?collection=one,dear&sort=name")).ok();
    assert_eq!(names(&seen), ["Ash", "Cedar"]);
    let many = vec!["a"; 21].join(",");
    app.guest().get(&format!("/api/v1/products?collection={many}")).problem(400, "invalid_parameter");
});

api_test!(collections_are_kept_as_the_rest_of_the_catalogue_is, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let new =
        json!({"name": "Summer", "kind": "manual", "external_id": "S", "description": "<b>Sun</b><script>x</script>"});
    let key = ["Idempotency-Key", "a-key-of-twenty-characters"];
    let first = kim.with(key[0], key[1]).post(&format!("{ADMIN}/collections"), &new).expect(201);
    let again = kim.with(key[0], key[1]).post(&format!("{ADMIN}/collections"), &new).expect(201);
    assert_eq!(first.json(), again.json());
    let summer = first.json();
    assert_eq!((&summer["description"], &summer["published"]), (&json!("<b>Sun</b>"), &json!(true)));
    for (body, code) in [
        (json!({"name": "x", "slug": "summer", "kind": "manual"}), "slug_taken"),
        (json!({"name": "x", "external_id": "S", "kind": "manual"}), "external_id_taken"),
    ] {
        kim.post(&format!("{ADMIN}/collections"), &body).problem(409, code);
    }
    let twin = made(&kim, "collections", &json!({"name": "Summer", "kind": "manual", "position": 0}));
    assert!(twin["slug"].as_str().unwrap().starts_with("summer-"));
    let path = format!("{ADMIN}/collections/{}", id(&summer));
    kim.patch(&path, &json!({"name": "y"})).problem(428, "precondition_required");
    kim.with("If-Match", "\"7\"").patch(&path, &json!({"name": "y"})).problem(412, "stale_version");
    let renamed = kim.with("If-Match", "\"1\"").patch(&path, &json!({"slug": "winter", "name": "Winter"})).ok();
    assert_eq!((&renamed["version"], &renamed["position"]), (&json!(2), &json!(0)));
    let shown = app.guest().get("/api/v1/collections/winter").ok();
    assert_eq!((&shown["name"], shown.get("rules"), shown.get("published")), (&json!("Winter"), None, None));
    assert_eq!(app.guest().get("/api/v1/collections/summer").ok()["slug"], "winter", "an old slug still leads to it");
    assert_eq!(names(&app.guest().get("/api/v1/collections?limit=1").ok()), ["Winter"]);
    kim.with("If-Match", "*").patch(&path, &json!({"published": false})).ok();
    app.guest().get(&format!("/api/v1/collections/{}", id(&summer))).problem(404, "not_found");
    assert_eq!(names(&app.guest().get("/api/v1/collections").ok()), ["Summer"]);
    let hidden = kim.get(&format!("{ADMIN}/collections?published=false")).ok();
    assert_eq!((names(&hidden), hidden["items"][0].get("product_ids")), (vec!["Winter".to_owned()], None));
    kim.with("If-Match", "\"3\"").delete(&path).expect(204);
    kim.get(&path).problem(404, "not_found");
    let types =
        app.value("SELECT CAST(COUNT(DISTINCT type) AS TEXT) AS value FROM events WHERE type LIKE 'collection.%'");
    assert_eq!(types, "3", "made, changed and deleted");
});

api_test!(every_collection_is_read_with_what_was_put_into_it, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mugs = put_mugs(&kim, &["Ash", "Birch"]);
    for number in 0..45 {
        let chosen = if number % 2 == 0 { json!([mugs[1], mugs[0]]) } else { json!([]) };
        made(&kim, "collections", &json!({"name": format!("No. {number}"), "kind": "manual", "product_ids": chosen}));
    }
    let read = app.database(|conn| {
        let mut read = Vec::new();
        store::for_each(conn, |_, row, ids| -> cartwright::error::Result<()> {
            read.push((row.name, json!(ids)));
            Ok(())
        })?;
        Ok(read)
    });
    assert_eq!(read.len(), 45);
    for (number, (name, ids)) in read.into_iter().enumerate() {
        let chosen = if number % 2 == 0 { json!([mugs[1], mugs[0]]) } else { json!([]) };
        assert_eq!((name, ids), (format!("No. {number}"), chosen));
    }
});
