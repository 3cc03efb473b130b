//! How SQLite goes about what the catalogue asks it: by an index, whatever the size of the shop.
//!
//! SQLite knows nothing of how many rows there are, so that its plans are the same here as in a shop of a million products.

use std::{collections::BTreeSet, time::Duration};

use cartwright::auth::rights::Role;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};

use crate::support::{Backend, Client, TestApp};

/// Tables that have a row, or several, for each product.
const LARGE: [&str; 10] = [
    "products",
    "variants",
    "prices",
    "product_price_ranges",
    "images",
    "product_categories",
    "product_attribute_values",
    "product_popularity",
    "former_product_slugs",
    "collection_products",
];

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The statements that a page takes, whether the index or the database alone finds what stands on it.
fn texts(app: &TestApp, client: &Client, path: &str) -> BTreeSet<String> {
    // Each try has an address of its own, so that no answer that is kept serves it. What the server asks beside it for
    // itself is not asked each time, nor is the index where it has something to take in.
    let separator = if path.contains('?') { "&" } else { "?" };
    let mut tries = (1..=12).map(|number| {
        let path = format!("{path}{separator}{}", "&".repeat(number));
        app.statement_texts(|| drop(client.get(&path).expect(200))).into_iter().collect::<BTreeSet<String>>()
    });
    let mut last = tries.next().unwrap_or_default();
    for texts in tries {
        let both: BTreeSet<String> = texts.intersection(&last).cloned().collect();
        if both.iter().any(|it| it.contains("FROM `products`") || it.contains("(`products`")) {
            return both;
        }
        last = texts;
    }
    panic!("{path} was not asked of the database: {last:?}");
}

/// How SQLite goes about a statement.
fn plan(app: &TestApp, text: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {text}");
    let steps: Vec<Step> = app.database(|conn| Ok(sql_query(explain.as_str()).load(conn)?));
    steps.into_iter().map(|it| it.detail).collect()
}

/// The steps on large tables of the statements that a page takes, each with its statement.
fn steps(app: &TestApp, client: &Client, path: &str) -> BTreeSet<(String, String)> {
    steps_of(app, &texts(app, client, path))
}

/// The steps on large tables of these statements, each with its statement.
fn steps_of(app: &TestApp, texts: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let mut steps = BTreeSet::new();
    let is_planned = |text: &&String| {
        // Where a list to look in is empty, nothing is read, unless it is one of two to look in.
        let finds_nothing = (text.contains("1=0") || text.contains("0=1")) && !text.contains(" OR ");
        ["SELECT", "UPDATE", "DELETE"].iter().any(|it| text.starts_with(it)) && !finds_nothing
    };
    for text in texts.iter().filter(is_planned) {
        let of_large = |it: &String| LARGE.iter().any(|table| it.split(' ').nth(1) == Some(*table));
        steps.extend(plan(app, text).into_iter().filter(of_large).map(|step| (step, text.clone())));
    }
    steps
}

fn is_scan_of_a_table(step: &str) -> bool {
    step.starts_with("SCAN ") && !step.contains(" USING ")
}

/// What of a catalogue there can be to ask for.
fn stock(app: &TestApp) {
    let kim = app.staff(Role::CatalogueManager);
    let made = |list: &str, body: &Value| kim.post(&format!("/api/v1/admin/{list}"), body).expect(201).json();
    let category = made("categories", &json!({"name": "Chairs"}));
    let brand = made("brands", &json!({"name": "Fjordlight"}));
    for (key, kind) in [("color", "text"), ("height", "number")] {
        made("attributes", &json!({"key": key, "label": key, "kind": kind, "filterable": true}));
    }
    let mut ids = Vec::new();
    for number in 0..4 {
        let price = json!({"amount": 1000 + number, "currency": "EUR"});
        let product = made(
            "products",
            &json!({
                "name": format!("Oak chair {number}"), "status": "published", "external_id": format!("E-{number}"),
                "brand_id": brand["id"], "category_ids": [category["id"]], "attributes": {"color": "natural", "height": 45},
                "variants": [{"sku": format!("C-{number}"), "prices": [price], "stock": 5}],
            }),
        );
        ids.push(product["id"].clone());
    }
    let rename = json!({"slug": "renamed-chair"});
    let path = format!("/api/v1/admin/products/{}", ids[0].as_str().unwrap());
    kim.request("PATCH", &path).header("If-Match", "*").json(&rename).send().expect(200);
    made("collections", &json!({"name": "Some", "kind": "manual", "product_ids": ids}));
    let rules = json!({"match": "all", "conditions": [{"category": [category["id"]]}, {"in_stock": true}]});
    made("collections", &json!({"name": "All", "kind": "rules", "rules": rules}));
    app.count_sales();
}

#[test]
fn no_page_of_the_catalogue_reads_a_whole_table() {
    TestApp::run(Backend::Sqlite, |app| {
        stock(app);
        let guest = app.client();
        let mut found = BTreeSet::new();
        let mut lists = Vec::new();
        for sort in ["-created_at", "name", "price", "-price", "-popularity"] {
            for filter in [
                "",
                "&category=chairs",
                "&brand=fjordlight",
                "&in_stock=true",
                "&attr.color=natural",
                "&attr.height=40..50",
                "&price_min=1&price_max=2000",
                "&created_from=2020-01-01T00:00:00Z",
                "&collection=all",
            ] {
                lists.push(format!("/api/v1/products?limit=1&sort={sort}{filter}"));
            }
        }
        for list in lists {
            let first = guest.get(&list).ok();
            let next = first["page"]["next_cursor"].as_str().unwrap_or_else(|| panic!("{list} has one page"));
            for path in [list.clone(), format!("{list}&cursor={next}")] {
                for (step, statement) in steps(app, &guest, &path) {
                    if is_scan_of_a_table(&step) {
                        found.insert(format!("{path}: {step}: {statement}"));
                    }
                }
            }
        }
        assert_eq!(found, BTreeSet::new());
    });
}

#[test]
fn a_list_that_nothing_narrows_is_read_in_its_order() {
    TestApp::run(Backend::Sqlite, |app| {
        stock(app);
        let (guest, kim) = (app.client(), app.staff(Role::CatalogueManager));
        let mut found = BTreeSet::new();
        for (client, list) in [(&guest, "/api/v1/products"), (&kim, "/api/v1/admin/products")] {
            for sort in ["-created_at", "name", "price", "-price", "-popularity"] {
                let list = format!("{list}?limit=1&sort={sort}");
                let next = client.get(&list).ok()["page"]["next_cursor"].clone();
                let next = format!("{list}&cursor={}", next.as_str().unwrap());
                let back = client.get(&next).ok()["page"]["prev_cursor"].clone();
                let back = format!("{list}&cursor={}", back.as_str().unwrap());
                for path in [list, next, back] {
                    let texts = texts(app, client, &path);
                    for text in texts.iter().filter(|it| it.contains(" LIMIT ")) {
                        let sorts = plan(app, text).into_iter().filter(|step| step.contains("TEMP B-TREE"));
                        found.extend(sorts.map(|step| format!("{path}: {step}: {text}")));
                    }
                }
            }
        }
        assert_eq!(found, BTreeSet::new());
    });
}

#[test]
fn a_shop_at_rest_looks_through_no_table() {
    TestApp::run(Backend::Sqlite, |app| {
        stock(app);
        let texts = app.statement_texts(|| std::thread::sleep(Duration::from_secs(3)));
        let texts: BTreeSet<String> = texts.into_iter().collect();
        assert!(texts.iter().any(|it| it.contains("`publish_at` <=")), "{texts:?}");
        let scans = steps_of(app, &texts).into_iter().filter(|(step, _)| step.starts_with("SCAN "));
        assert_eq!(scans.collect::<Vec<_>>(), []);
    });
}

#[test]
fn known_products_are_looked_up_one_by_one() {
    TestApp::run(Backend::Sqlite, |app| {
        stock(app);
        let guest = app.client();
        let page = guest.get("/api/v1/products").ok();
        let ids: Vec<&str> = page["items"].as_array().unwrap().iter().filter_map(|it| it["id"].as_str()).collect();
        let mut paths = vec![format!("/api/v1/products/{}", ids[0])];
        paths.extend(["renamed-chair", "oak-chair-0"].map(|slug| format!("/api/v1/products/{slug}")));
        for sort in ["-created_at", "name", "price", "-price", "-popularity"] {
            for filter in
                ["", "&price_min=1&price_max=2000", "&category=chairs", "&in_stock=true", "&attr.color=natural"]
            {
                for few in
                    [format!("ids={}", ids.join(",")), "slug=oak-chair-1".to_owned(), "external_id=E-1".to_owned()]
                {
                    paths.push(format!("/api/v1/products?{few}&sort={sort}{filter}"));
                }
                paths.push(format!("/api/v1/products?collection=some&sort={sort}{filter}"));
            }
        }
        paths.push("/api/v1/products?collection=some&sort=position&limit=1".to_owned());
        paths.push("/api/v1/search?q=chair".to_owned());
        paths.push("/api/v1/search?q=chair&collection=some&sort=position".to_owned());
        paths.push(format!("/api/v1/search?ids={}", ids.join(",")));
        paths.push("/api/v1/search/suggest?q=cha".to_owned());
        let looked_up = ["(id=?", "(slug=?", "(external_id=?", "(product_id=?", "(variant_id=?", "(collection_id=?"];
        let mut found = BTreeSet::new();
        for path in paths {
            for (step, statement) in steps(app, &guest, &path) {
                let is_one_by_one = looked_up.iter().any(|it| step.contains(it));
                if !step.starts_with("SEARCH ") || !is_one_by_one {
                    found.insert(format!("{path}: {step}: {statement}"));
                }
            }
        }
        assert_eq!(found, BTreeSet::new());
    });
}

#[test]
fn no_change_of_the_catalogue_reads_a_whole_table() {
    TestApp::run(Backend::Sqlite, |app| {
        stock(app);
        let kim = app.staff(Role::CatalogueManager);
        let mut texts = BTreeSet::new();
        let mut asked = |method: &str, path: &str, body: Option<Value>| {
            let request = kim.request(method, &format!("/api/v1/admin/{path}")).header("If-Match", "*");
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            let mut answer = None;
            texts.extend(app.statement_texts(|| answer = Some(request.send())));
            let answer = answer.unwrap();
            assert!(answer.status < 300, "{method} {path}: {}", answer.text());
            answer
        };
        let price = json!({"amount": 1000, "currency": "EUR"});
        let variant = |sku: &str, size: &str| json!({"sku": sku, "prices": [price], "options": {"Size": size}});
        let product = json!({
            "name": "Elm chair", "options": [{"name": "Size", "values": ["S", "M", "L"]}],
            "variants": [variant("E-S", "S"), variant("E-M", "M")], "attributes": {"color": "red"},
        });
        let product = asked("POST", "products", Some(product)).json();
        let path = format!("products/{}", product["id"].as_str().unwrap());
        let keyed = json!({"sku": "E-L", "external_id": "L", "barcode": "2000000000015", "options": {"Size": "L"}});
        let added = asked("POST", &format!("{path}/variants"), Some(keyed)).json();
        let of_variant = format!("variants/{}", added["id"].as_str().unwrap());
        for body in [json!({"sku": "E-XL", "external_id": "XL", "weight_grams": 1}), json!({"external_id": "L"})] {
            asked("PATCH", &of_variant, Some(body));
        }
        asked("DELETE", &of_variant, None);
        let other =
            json!({"name": "Elm stool", "slug": "elm-stool", "external_id": "E", "attributes": {"color": "blue"}});
        asked("PATCH", &path, Some(other));
        asked("POST", &format!("{path}/publish"), None);
        let copy = asked("POST", &format!("{path}/clone"), Some(json!({"sku_suffix": "-2"}))).json();
        asked("POST", &format!("{path}/archive"), None);
        asked("DELETE", &format!("products/{}", copy["id"].as_str().unwrap()), None);
        for typed in ["chair", "E-"] {
            asked("GET", &format!("products?q={typed}&in_stock=true"), None);
        }
        let scans = steps_of(app, &texts).into_iter().filter(|(step, _)| is_scan_of_a_table(step));
        assert_eq!(scans.collect::<Vec<_>>(), []);
    });
}
