//! Collections: what is put into them, and what their rules bring.

use std::collections::BTreeSet;

use cartwright::{auth::rights::Role, catalog::collections::store};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Product, TestApp, api_test};

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

api_test!(pages_in_the_order_of_the_staff_go_both_ways, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let mugs = put_mugs(&kim, &["Ash", "Birch", "Cedar", "Elm", "Fir"]);
    let chosen = json!([mugs[2], mugs[4], mugs[0], mugs[1], mugs[3]]);
    made(&kim, "collections", &json!({"name": "Summer", "kind": "manual", "product_ids": chosen}));
    let expected = ["Cedar", "Fir", "Ash", "Birch", "Elm"];
    for limit in 1..=5 {
        let address = format!("/api/v1/products?collection=summer&sort=position&with_total=true&limit={limit}");
        let mut page = app.guest().get(&address).ok();
        assert_eq!(page["page"]["total"], 5);
        let mut forwards = names(&page);
        while let Some(cursor) = page["page"]["next_cursor"].as_str() {
            page = app.guest().get(&format!("{address}&cursor={cursor}")).ok();
            forwards.extend(names(&page));
        }
        assert_eq!(forwards, expected, "{limit} on a page");
        let mut back = names(&page);
        while let Some(cursor) = page["page"]["prev_cursor"].as_str() {
            page = app.guest().get(&format!("{address}&cursor={cursor}")).ok();
            back.splice(0..0, names(&page));
        }
        assert_eq!(back, expected, "back by {limit}");
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
        assert!(ask(app, "collection=coll_01kdxkk1a0f2ethrwsbq5wfaw2,%00a").is_empty());
        assert_eq!(ask(app, "collection=one,dear,nothing&sort=name"), ["Ash", "Cedar"]);
        assert_eq!(ask(app, &format!("collection={},{}&sort=name", id(&one), id(&dear))), ["Ash", "Cedar"]);
        assert_eq!(
            ask(app, &format!("collection=one,dear&ids={},{}", id(&json!({"id": mugs[0]})), mugs[1].as_str().unwrap())),
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

api_test!(a_product_is_in_by_rules_from_the_moment_on_in_which_it_meets_them, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let root = made(&kim, "categories", &json!({"name": "Kitchen"}));
    let mugs = made(&kim, "categories", &json!({"name": "Mugs"}));
    let brand = made(&kim, "brands", &json!({"name": "Fjordlight"}));
    made(&kim, "attributes", &json!({"key": "color", "label": "Color", "kind": "text", "filterable": true}));
    let price = json!({"amount": 3000, "currency": "EUR"});
    let variant = json!({"sku": "MUG", "prices": [price], "stock": 0});
    let mug = made(
        &kim,
        "products",
        &json!({"name": "Mug", "status": "published", "variants": [variant], "category_ids": [mugs["id"]]}),
    );
    let variant_id = mug["variants"][0]["id"].as_str().unwrap();
    let rules = json!([
        {"category": [root["id"]]},
        {"brand": [brand["id"]]},
        {"price": {"currency": "EUR", "max": 2000}},
        {"attribute": {"key": "color", "any_of": ["dark-blue"]}},
        {"in_stock": true},
    ]);
    let collection = made(&kim, "collections", &by_rules("Blue mugs", rules));
    let is_in = || {
        let found = (list(app, "collection=blue-mugs").len(), search(app, "collection=blue-mugs").len());
        assert_eq!(found.0, found.1, "the list and the search are of one mind");
        found.0 == 1
    };
    let product = format!("products/{}", id(&mug));
    let steps = [
        ("PATCH", format!("categories/{}", id(&mugs)), json!({"parent_id": root["id"]}), json!({"parent_id": null})),
        ("PATCH", product.clone(), json!({"brand_id": brand["id"]}), json!({"brand_id": null})),
        (
            "PUT",
            format!("prices/{variant_id}"),
            json!({"prices": [{"amount": 2000, "currency": "EUR"}]}),
            json!({"prices": [{"amount": 2001, "currency": "EUR"}]}),
        ),
        ("PATCH", product, json!({"attributes": {"color": "Dark blue"}}), json!({"attributes": {"color": "Blue"}})),
        ("PATCH", format!("inventory/{variant_id}"), json!({"on_hand": 3}), json!({"on_hand": 0})),
    ];
    for (method, path, there, _) in &steps {
        assert!(!is_in(), "before {path}");
        write(&kim, method, path, there).expect(200);
    }
    for (method, path, there, back) in &steps {
        assert!(is_in(), "before {path}");
        write(&kim, method, path, back).expect(200);
        assert!(!is_in(), "after {path}");
        write(&kim, method, path, there).expect(200);
    }
    let path = format!("collections/{}", id(&collection));
    let other = json!({"rules": {"match": "any", "conditions": [{"in_stock": false}, {"price": {"currency": "USD"}}]}});
    write(&kim, "PATCH", &path, &other).expect(200);
    assert!(!is_in());
    write(&kim, "DELETE", &path, &json!({})).expect(204);
    assert!(!is_in());
});

api_test!(rules_name_what_is_there_and_everything_wrong_is_named, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for (key, kind) in [("color", "text"), ("height", "number")] {
        made(&kim, "attributes", &json!({"key": key, "label": key, "kind": kind, "filterable": true}));
    }
    let wrong = by_rules(
        "Wrong",
        json!([
            {"category": ["cat_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"brand": ["brand_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"price": {"currency": "JPY", "min": 2, "max": 1}},
            {"attribute": {"key": "secret", "any_of": ["x"]}},
            {"attribute": {"key": "color", "min": 1}},
            {"attribute": {"key": "color", "any_of": ["x"], "max": 1}},
            {"attribute": {"key": "height", "any_of": ["40"]}},
            {"attribute": {"key": "height"}},
            {"attribute": {"key": "height", "min": 2, "max": 1.5}},
            {"created_at": {"from": "2026-02-01T00:00:00Z", "before": "2026-01-01T00:00:00Z"}},
        ]),
    );
    let expected = [
        "#/rules/conditions/0/category/0 not_found",
        "#/rules/conditions/1/brand/0 not_found",
        "#/rules/conditions/2/price/currency currency_not_offered",
        "#/rules/conditions/2/price/max reversed_range",
        "#/rules/conditions/3/attribute/key not_found",
        "#/rules/conditions/4/attribute/any_of required",
        "#/rules/conditions/5/attribute/max unknown_field",
        "#/rules/conditions/6/attribute/any_of unknown_field",
        "#/rules/conditions/7/attribute/min required",
        "#/rules/conditions/8/attribute/max reversed_range",
        "#/rules/conditions/9/created_at/before reversed_range",
    ];
    let collections = format!("{ADMIN}/collections");
    assert_eq!(kim.post(&collections, &wrong).violations(), expected);
    let shapeless = by_rules("Wrong", json!([{}, {"in_stock": true, "brand": []}, {"colour": 1}]));
    let expected = [
        "#/rules/conditions/0 too_short",
        "#/rules/conditions/1 too_long",
        "#/rules/conditions/1/brand too_short",
        "#/rules/conditions/2/colour unknown_field",
    ];
    assert_eq!(kim.post(&collections, &shapeless).violations(), expected);
    let mug = app.put(Product::named("Mug"));
    let manual = json!({
        "name": "x", "kind": "manual", "rules": {"match": "all", "conditions": [{"in_stock": true}]},
        "product_ids": [mug.id, mug.id, "prod_01kdxkk1a0f2ethrwsbq5wfaw2"],
    });
    let expected = ["#/product_ids/1 duplicate", "#/product_ids/2 not_found", "#/rules unknown_field"];
    assert_eq!(kim.post(&collections, &manual).violations(), expected);
    let rules = json!({"name": "x", "kind": "rules", "product_ids": [mug.id]});
    assert_eq!(kim.post(&collections, &rules).violations(), ["#/product_ids unknown_field", "#/rules required"]);
    assert_eq!(kim.get(&format!("{collections}?with_total=true")).ok()["page"]["total"], 0);
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
    app.guest().get("/api/v1/collections/summer").problem(404, "not_found");
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
        store::for_each(conn, |row, ids| -> cartwright::error::Result<()> {
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

/// A condition of the model, as numbers that choose among the few values there are.
#[derive(Debug, Clone)]
enum Rule {
    Category(usize),
    Brand(usize),
    Price(bool, i64, i64),
    Color(usize),
    Height(i64, i64),
    InStock(bool),
    Created(usize),
}

/// A product of the model: each of its properties depends on its number.
struct Mug {
    name: String,
    number: usize,
    created_at: String,
}

const MUGS: usize = 24;
const COLORS: [&str; 3] = ["natural", "black", "dark-blue"];

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        (0..3_usize).prop_map(Rule::Category),
        (0..2_usize).prop_map(Rule::Brand),
        (any::<bool>(), 0..8_i64, 0..8_i64).prop_map(|(usd, min, length)| Rule::Price(
            usd,
            min * 100,
            (min + length) * 100
        )),
        (0..COLORS.len()).prop_map(Rule::Color),
        (0..5_i64, 0..5_i64).prop_map(|(min, length)| Rule::Height(min, min + length)),
        any::<bool>().prop_map(Rule::InStock),
        (0..MUGS).prop_map(Rule::Created),
    ]
}

/// The properties of the mug of a number: its category (0 has 1 in it, 2 stands beside), its brand if any, its price in
/// EUR and USD if any, its color, its height if any, and whether it is in stock.
fn meets(mugs: &[Mug], mug: &Mug, rule: &Rule) -> bool {
    let number = mug.number;
    match rule {
        Rule::Category(0) => number % 3 != 2,
        Rule::Category(category) => number % 3 == *category,
        Rule::Brand(brand) => number % 4 == *brand,
        Rule::Price(usd, min, max) => price(number, *usd).is_some_and(|price| (*min..=*max).contains(&price)),
        Rule::Color(color) => number % COLORS.len() == *color,
        Rule::Height(min, max) => height(number).is_some_and(|height| (*min..=*max).contains(&height)),
        Rule::InStock(in_stock) => (number % 2 == 0) == *in_stock,
        Rule::Created(from) => mug.created_at >= mugs[*from].created_at,
    }
}

fn price(number: usize, usd: bool) -> Option<i64> {
    let number = i64::try_from(number).unwrap();
    (number % 7 != 0 && (!usd || number % 2 == 0)).then_some(number * 7 % 10 * 100 + if usd { 50 } else { 0 })
}

fn height(number: usize) -> Option<i64> {
    (number % 5 != 0).then_some(i64::try_from(number % 6).unwrap())
}

struct World {
    kim: Client,
    mugs: Vec<Mug>,
    categories: Vec<Value>,
    brands: Vec<Value>,
}

fn world(app: &TestApp) -> World {
    let kim = (*app.staff(Role::CatalogueManager)).clone();
    for (key, kind) in [("color", "text"), ("height", "number")] {
        made(&kim, "attributes", &json!({"key": key, "label": key, "kind": kind, "filterable": true}));
    }
    let root = made(&kim, "categories", &json!({"name": "Root"}))["id"].clone();
    let below = made(&kim, "categories", &json!({"name": "Below", "parent_id": root}))["id"].clone();
    let beside = made(&kim, "categories", &json!({"name": "Beside"}))["id"].clone();
    let categories = vec![root, below, beside];
    let brands = ["One", "Two"].map(|name| made(&kim, "brands", &json!({"name": name}))["id"].clone()).to_vec();
    let put = |number: usize| {
        let amounts = [("EUR", price(number, false)), ("USD", price(number, true))];
        let prices =
            amounts.into_iter().filter_map(|(currency, amount)| Some(json!({"amount": amount?, "currency": currency})));
        let mut attributes = json!({"color": COLORS[number % COLORS.len()].replace('-', " ")});
        if let Some(height) = height(number) {
            attributes["height"] = json!(height);
        }
        let stock = if number % 2 == 0 { 5 } else { 0 };
        let variant = json!({"sku": format!("M-{number}"), "prices": prices.collect::<Vec<_>>(), "stock": stock});
        let new = json!({
            "name": format!("Mug {number}"), "status": "published", "category_ids": [categories[number % 3]],
            "brand_id": brands.get(number % 4), "attributes": attributes, "variants": [variant],
        });
        let made = made(&kim, "products", &new);
        let created_at = made["created_at"].as_str().unwrap().to_owned();
        // Times are written by the millisecond: no two mugs may share one.
        std::thread::sleep(std::time::Duration::from_millis(2));
        Mug { name: format!("Mug {number}"), number, created_at }
    };
    let mugs = (0..MUGS).map(put).collect();
    World { kim, mugs, categories, brands }
}

fn written(world: &World, rule: &Rule) -> Value {
    match rule {
        Rule::Category(category) => json!({"category": [world.categories[*category]]}),
        Rule::Brand(brand) => json!({"brand": [world.brands[*brand]]}),
        Rule::Price(usd, min, max) => {
            json!({"price": {"currency": if *usd { "USD" } else { "EUR" }, "min": min, "max": max}})
        }
        Rule::Color(color) => json!({"attribute": {"key": "color", "any_of": [COLORS[*color]]}}),
        Rule::Height(min, max) => json!({"attribute": {"key": "height", "min": min, "max": max}}),
        Rule::InStock(in_stock) => json!({"in_stock": in_stock}),
        Rule::Created(from) => json!({"created_at": {"from": world.mugs[*from].created_at}}),
    }
}

/// A collection by these rules holds, in a list and in a search, what the model says.
fn holds_what_meets(app: &TestApp, world: &World, all: bool, rules: &[Rule]) -> TestCaseResult {
    let conditions: Vec<Value> = rules.iter().map(|rule| written(world, rule)).collect();
    let matching = if all { "all" } else { "any" };
    let new = json!({"name": "x", "kind": "rules", "rules": {"match": matching, "conditions": conditions}});
    let collection = made(&world.kim, "collections", &new);
    let is_in = |mug: &&Mug| {
        let mut met = rules.iter().map(|rule| meets(&world.mugs, mug, rule));
        if all { met.all(|it| it) } else { met.any(|it| it) }
    };
    let expected: BTreeSet<String> = world.mugs.iter().filter(is_in).map(|mug| mug.name.clone()).collect();
    for sort in ["name", "-created_at", "price"] {
        let query = format!("collection={}&limit=100&sort={sort}", id(&collection));
        let (listed, found) = (list(app, &query), search(app, &query));
        prop_assert_eq!(&listed.iter().cloned().collect::<BTreeSet<_>>(), &expected);
        prop_assert_eq!(listed, found);
    }
    Ok(())
}

api_test!(a_list_and_a_search_hold_what_meets_the_rules, |app| {
    let world = world(app);
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(any::<bool>(), proptest::collection::vec(rule(), 1..5)), |(all, rules)| {
            holds_what_meets(app, &world, all, &rules)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
});
