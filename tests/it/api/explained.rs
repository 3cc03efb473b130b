//! Why a search finds what it finds.

use std::time::Duration;

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, api_test, within};

fn explain(staff: &Client, query: &str) -> Value {
    staff.get(&format!("/api/v1/admin/search/explain?{query}")).ok()
}

fn entries<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The sum of a member over a list.
fn sum(list: &[Value], member: &str) -> f64 {
    list.iter().map(|it| it[member].as_f64().unwrap()).sum()
}

fn assert_near(one: f64, other: f64, what: &Value) {
    assert!((one - other).abs() <= 1e-4 * one.abs().max(1e-3), "{one} and {other} in {what}");
}

/// Fails where the score of a product is not what its parts make.
#[track_caller]
fn expect_honest(explanation: &Value) {
    for item in entries(explanation, "items") {
        for part in entries(item, "parts").iter().filter(|it| it["kind"] == "word") {
            for field in entries(part, "fields") {
                let of = |name: &str| field[name].as_f64().unwrap();
                assert_near(of("bm25"), 2.2 * of("rarity") * of("saturation"), field);
                assert_near(of("score"), of("weight") * of("bm25") * of("counted"), field);
            }
            assert_near(part["score"].as_f64().unwrap(), sum(entries(part, "fields"), "score"), part);
        }
        let factors: f64 = entries(item, "factors").iter().map(|it| it["value"].as_f64().unwrap()).product();
        assert_near(item["score"].as_f64().unwrap(), sum(entries(item, "parts"), "score") * factors, item);
    }
}

fn stock(app: &TestApp, staff: &Client) {
    let put = |name: &str, sku: &str| {
        let variant = json!({"sku": sku, "prices": [{"amount": 1000, "currency": "EUR"}], "stock": 5});
        let attributes = json!({"material": "solid oak", "rooms": ["kitchen"]});
        let new = json!({"name": name, "status": "published", "variants": [variant], "attributes": attributes,
            "description": format!("A {name} of oak, for the kitchen and the hall")});
        staff.post("/api/v1/admin/products", &new).expect(201);
    };
    for (name, sku) in [
        ("Oak chair", "OAK-1"),
        ("Oak kitchen chair with arms", "OAK-2"),
        ("Chair cushion", "CU-1"),
        ("Chair cover for oak chairs", "CO-1"),
        ("Laptop stand for head and phones", "LS-1"),
        ("Notebook", "NB-1"),
        ("Headphones", "HP-1"),
    ] {
        put(name, sku);
    }
    let all = || app.client().get("/api/v1/search?with_total=true").ok()["page"]["total"] == 7;
    within(Duration::from_secs(5), all, "the index does not follow");
}

api_test!(the_score_of_a_product_is_what_its_parts_make, |app| {
    let staff = app.staff(Role::CatalogueManager);
    stock(app, &staff);
    let chair = app.client().get("/api/v1/products/oak-chair").ok();
    for query in [
        "oak",
        "oak chair",
        "chair oak kitchen",
        "the oak chair of the kitchen",
        "of the",
        "laptop",
        "laptop stand",
        "head phones",
        "oka chiar",
        "oak-1",
        "oak 1",
        "oak unheard",
        "chair cover",
        "kitchen-chair arms",
    ] {
        for narrowed in ["", "&in_stock=true&price_min=1", "&sort=price", "&limit=1"] {
            let asked = format!("q={}{narrowed}", query.replace(' ', "+"));
            let explanation = explain(&staff, &asked);
            expect_honest(&explanation);
            let ids = |page: &Value| entries(page, "items").iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
            let found = app.client().get(&format!("/api/v1/search?{asked}")).ok();
            assert_eq!(ids(&explanation), ids(&found), "{asked}");
            assert_eq!(explanation["corrected_query"], found["corrected_query"], "{asked}");
            if !narrowed.contains("sort") {
                let of_stage = |stage: &str| {
                    let of_it = entries(&explanation, "items").iter().filter(|it| it["stage"] == stage);
                    of_it.map(|it| it["score"].as_f64().unwrap()).collect::<Vec<_>>()
                };
                for stage in ["all_words", "any_word"] {
                    assert!(of_stage(stage).windows(2).all(|pair| pair[0] >= pair[1]), "{explanation}");
                }
            }
        }
    }
    assert_eq!(explain(&staff, "q=oak")["items"][0]["id"], chair["id"]);
});

api_test!(it_is_said_how_the_text_was_read, |app| {
    let staff = app.staff(Role::CatalogueManager);
    stock(app, &staff);
    let corrected = explain(&staff, "q=oka+chairs");
    assert_eq!(corrected["corrected_query"], "oak chairs");
    assert_eq!(corrected["readings"][0]["origin"], "corrected");
    let word = &corrected["readings"][0]["words"][1];
    assert_eq!(word, &json!({"word": "chairs", "stem": "chair", "is_stop_word": false}));
    let origins = |explanation: &Value| {
        entries(explanation, "readings").iter().map(|it| it["origin"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(origins(&explain(&staff, "q=laptop")), ["typed", "synonym"]);
    assert_eq!(origins(&explain(&staff, "q=head+phones"))[..2], ["typed", "joined"]);
    let cover = explain(&staff, "q=chair+cover");
    assert_eq!(cover["asks_for_accessory"], true);
    let chairs = explain(&staff, "q=chair");
    let kinds = |item: &Value| entries(item, "factors").iter().map(|it| it["kind"].clone()).collect::<Vec<_>>();
    let of_cover = entries(&chairs, "items").iter().find(|it| it["name"] == "Chair cover for oak chairs").unwrap();
    assert_eq!(kinds(of_cover), ["accessory"]);
    let stages = explain(&staff, "q=oak+laptop");
    assert_eq!(stages["stages"][0], json!({"stage": "all_words", "found": 2}));
    assert_eq!(stages["stages"][1]["stage"], "any_word");
    assert_eq!(explain(&staff, "q=%2B%2D")["readings"], json!([]));
    staff.get("/api/v1/admin/search/explain").problem(400, "required");
    staff.get("/api/v1/admin/search/explain?q=x&cursor=y").problem(400, "unknown_parameter");
});
