//! A list and a search of a collection by rules, held against a model.

use std::collections::BTreeSet;

use cartwright::auth::rights::Role;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use serde_json::{Value, json};

use super::{id, list, made, search};
use crate::support::{Client, TestApp, api_test};

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
        Rule::InStock(in_stock) => number.is_multiple_of(2) == *in_stock,
        Rule::Created(from) => mug.created_at >= mugs[*from].created_at,
    }
}

fn price(number: usize, usd: bool) -> Option<i64> {
    let number = i64::try_from(number).unwrap();
    (number % 7 != 0 && (!usd || number % 2 == 0)).then_some(number * 7 % 10 * 100 + if usd { 50 } else { 0 })
}

fn height(number: usize) -> Option<i64> {
    (!number.is_multiple_of(5)).then_some(i64::try_from(number % 6).unwrap())
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
        let stock = if number.is_multiple_of(2) { 5 } else { 0 };
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
