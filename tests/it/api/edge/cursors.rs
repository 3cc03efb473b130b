//! Pages by cursor: signed, bound to their list, and exact while rows are added.

use std::cmp::Reverse;

use cartwright::{
    db::{changes::Change, schema},
    time::UtcTime,
};
use chrono::TimeDelta;
use diesel::RunQueryDsl;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use serde_json::Value;

use crate::support::{Answer, Product, TestApp, api_test};

fn list(app: &TestApp, query: &str) -> Answer {
    app.guest().get(&format!("/api/v1/products?{query}"))
}

/// A shop of `count` products, and the cursor behind the first two of a list.
fn cursor_of(app: &TestApp, query: &str) -> String {
    let page = list(app, &format!("{query}&limit=2")).ok();
    page["page"]["next_cursor"].as_str().expect("a further page").to_owned()
}

fn put_five(app: &TestApp) {
    for number in 0..5 {
        app.put(Product::named(&format!("Chair {number}")).priced(1000 + number));
    }
}

api_test!(a_forged_cursor_is_refused, |app| {
    put_five(app);
    let genuine = cursor_of(app, "sort=name");
    list(app, &format!("sort=name&limit=2&cursor={genuine}")).expect(200);
    let forged = |place: usize| {
        let other = if genuine.as_bytes()[place] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &genuine[..place], &genuine[place + 1..])
    };
    // The last character holds bits beyond the bytes: it is the one that base64 decoders tend to be lax about.
    let places = (0..genuine.len()).step_by(3).chain([genuine.len() - 1]).map(forged);
    let shortened = (1..genuine.len()).step_by(5).map(|length| genuine[..length].to_owned());
    let others = ["x", "..", "e30", &format!("{genuine}A"), &format!("{genuine}=")].map(str::to_owned);
    for cursor in places.chain(shortened).chain(others) {
        let answer = list(app, &format!("sort=name&limit=2&cursor={cursor}"));
        answer.problem(400, "invalid_cursor");
        assert_eq!(answer.violations(), ["cursor invalid_cursor"], "{cursor}");
    }
    list(app, "cursor=").problem(400, "invalid_parameter");
});

api_test!(a_cursor_is_good_for_its_own_list_only, |app| {
    put_five(app);
    let cursor = cursor_of(app, "sort=name&currency=EUR&price_min=1");
    for other in [
        "sort=name&currency=EUR",
        "sort=name&currency=EUR&price_min=2",
        "sort=price&currency=EUR&price_min=1",
        "currency=EUR&price_min=1",
        "sort=name&currency=USD&price_min=1",
        "sort=name&currency=EUR&price_min=1&in_stock=true",
    ] {
        list(app, &format!("{other}&limit=2&cursor={cursor}")).problem(400, "invalid_cursor");
    }
});

api_test!(a_cursor_goes_with_another_limit_or_order_of_the_same_filters, |app| {
    put_five(app);
    let cursor = cursor_of(app, "sort=name&price_min=1");
    for same in [
        "sort=name&price_min=1&limit=3",
        "price_min=1&sort=name&limit=2",
        "sort=name&price_min=1&limit=2&with_total=true",
        "sort=name&price_min=1",
    ] {
        let page = list(app, &format!("{same}&cursor={cursor}")).ok();
        assert_eq!(page["items"][0]["name"], "Chair 2", "{same}");
    }
});

api_test!(the_link_header_leads_through_the_whole_list, |app| {
    put_five(app);
    let mut target = "/api/v1/products?limit=2&sort=name&price_min=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = app.guest().get(&target).expect(200);
        seen.extend(names(&answer.json()));
        let link = answer.header("link").unwrap_or_default().to_owned();
        let next = link.split(", ").find(|it| it.ends_with("; rel=\"next\""));
        let Some(next) = next else { break };
        let address = next.trim_start_matches('<').split('>').next().unwrap();
        target = address.strip_prefix(crate::support::PUBLIC_URL).expect("an absolute address").to_owned();
    }
    assert_eq!(seen, ["Chair 0", "Chair 1", "Chair 2", "Chair 3", "Chair 4"]);
});

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|it| it["name"].as_str().expect("a name").to_owned()).collect()
}

/// What a generated product differs in; few values, so that ties are common.
#[derive(Debug, Clone)]
struct Made {
    name: usize,
    price: Option<i64>,
    second: i64,
}

/// What a front-end, or the shop beside it, does next.
#[derive(Debug, Clone)]
enum Step {
    Forward,
    Back,
    Add(Made),
}

/// Folded they are in this order: `a`, `A` and `ss`, `ß` fall together, and bytes decide about the others.
const NAMES: [&str; 6] = ["a", "A", "ss", "ß", "Z", "日本"];
const SORTS: [&str; 4] = ["-created_at", "name", "price", "-price"];

fn made() -> impl Strategy<Value = Made> {
    let price = proptest::option::weighted(0.7, 0..3_i64);
    (0..NAMES.len(), price, 0..3_i64).prop_map(|(name, price, second)| Made { name, price, second })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => Just(Step::Forward), 2 => Just(Step::Back), 3 => made().prop_map(Step::Add)]
}

/// A product in the model: its id and what it is sorted by.
#[derive(Debug, Clone)]
struct Known {
    id: String,
    made: Made,
}

/// The model: all products, sorted as the contract says, the id breaking ties.
fn sorted(products: &[Known], sort: &str) -> Vec<String> {
    let mut products = products.to_vec();
    let fold = |it: &Known| cartwright::text::fold(NAMES[it.made.name]);
    products.sort_by(|one, other| one.id.cmp(&other.id));
    match sort {
        "-created_at" => products.sort_by_key(|it| Reverse(it.made.second)),
        "name" => products.sort_by_key(fold),
        "price" => products.sort_by_key(|it| (it.made.price.is_none(), it.made.price)),
        _ => products.sort_by_key(|it| (it.made.price.is_none(), Reverse(it.made.price))),
    }
    products.into_iter().map(|it| it.id).collect()
}

fn add(app: &TestApp, products: &mut Vec<Known>, made: &Made) {
    let time = UtcTime::from_micros(1_767_600_000_000_000).plus(TimeDelta::seconds(made.second));
    let product = Product::named(NAMES[made.name]).priced(made.price).made_at(time);
    products.push(Known { id: app.put(product).id.to_string(), made: made.clone() });
}

fn clear(app: &TestApp) {
    app.database(|conn| {
        diesel::delete(schema::stock_movements::table).execute(conn)?;
        diesel::delete(schema::events::table).execute(conn)?;
        Ok(diesel::delete(schema::products::table).execute(conn)?)
    });
    app.shop.db.changes().tell(Change::Anything);
}

/// Walks to and fro while products are added: each page is the one that the model says.
fn walk(app: &TestApp, sort: &str, limit: usize, first: &[Made], steps: &[Step]) -> TestCaseResult {
    clear(app);
    let mut products = Vec::new();
    first.iter().for_each(|made| add(app, &mut products, made));
    let query = format!("sort={sort}&limit={limit}");
    let mut page = list(app, &query).ok();
    prop_assert_eq!(ids(&page), take(&sorted(&products, sort), 0, limit));
    for step in steps {
        let all = sorted(&products, sort);
        let here = ids(&page);
        let place = |id: &String| all.iter().position(|it| it == id).expect("a product that was added");
        let (cursor, expected) = match step {
            Step::Add(made) => {
                add(app, &mut products, made);
                continue;
            }
            Step::Forward => {
                let after = here.last().map_or(0, |last| place(last) + 1);
                (&page["page"]["next_cursor"], take(&all, after, limit))
            }
            Step::Back => {
                let before = here.first().map_or(0, place);
                (&page["page"]["prev_cursor"], take(&all, before.saturating_sub(limit), before.min(limit)))
            }
        };
        if let Some(cursor) = cursor.as_str() {
            page = list(app, &format!("{query}&cursor={cursor}")).ok();
            prop_assert_eq!(ids(&page), expected, "{:?} in {:?}", step, all);
        } else if matches!(step, Step::Back) {
            // Only the first page, as it was when it was read, has nothing before it.
            let known_then = page["page"]["prev_cursor"].is_null();
            prop_assert!(known_then);
        }
        prop_assert_eq!(&page["page"]["has_more"], &Value::from(page["page"]["next_cursor"].is_string()));
    }
    whole_list_is_read_once(app, &query, &sorted(&products, sort))
}

fn whole_list_is_read_once(app: &TestApp, query: &str, all: &[String]) -> TestCaseResult {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(app, &format!("{query}{cursor}")).ok();
        seen.extend(ids(&page));
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    prop_assert_eq!(seen, all);
    Ok(())
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
}

fn take(all: &[String], from: usize, count: usize) -> Vec<String> {
    all.iter().skip(from).take(count).cloned().collect()
}

api_test!(pages_are_exact_both_ways_while_products_are_added, |app| {
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let products = proptest::collection::vec(made(), 0..9);
    let steps = proptest::collection::vec(step(), 1..10);
    let plan = (0..SORTS.len(), 1..4_usize, products, steps);
    TestRunner::new(config)
        .run(&plan, |(sort, limit, first, steps)| walk(app, SORTS[sort], limit, &first, &steps))
        .unwrap_or_else(|failure| panic!("{failure}"));
});

api_test!(a_list_by_price_goes_from_the_priced_to_the_unpriced_and_back, |app| {
    for (place, price) in [Some(500), None, Some(300), None, Some(300), Some(900), None].into_iter().enumerate() {
        app.put(Product::named(&format!("Chair {place}")).priced(price));
    }
    let guest = app.guest();
    for sort in ["price", "-price"] {
        let whole = guest.get(&format!("/api/v1/products?sort={sort}")).ok()["items"].clone();
        let whole = whole.as_array().unwrap();
        let price = |it: &Value| it["price_range"]["min"]["amount"].as_i64();
        let prices: Vec<Option<i64>> = whole.iter().map(price).collect();
        let rising = [Some(300), Some(300), Some(500), Some(900)];
        let expected: Vec<_> = if sort == "price" { rising.to_vec() } else { rising.into_iter().rev().collect() };
        assert_eq!(prices, [expected, vec![None; 3]].concat(), "{sort}");
        for limit in 1..=7 {
            let (mut cursor, mut forwards, mut back) = (String::new(), Vec::new(), Vec::new());
            loop {
                let page = guest.get(&format!("/api/v1/products?sort={sort}&limit={limit}{cursor}")).ok();
                forwards.extend(page["items"].as_array().unwrap().clone());
                let Some(next) = page["page"]["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&forwards, whole, "{sort}, {limit} on a page");
            let last = guest.get(&format!("/api/v1/products?sort={sort}&limit={limit}{cursor}")).ok();
            let mut before = last["page"]["prev_cursor"].as_str().map(str::to_owned);
            back.extend(last["items"].as_array().unwrap().clone());
            while let Some(cursor) = before {
                let page = guest.get(&format!("/api/v1/products?sort={sort}&limit={limit}&cursor={cursor}")).ok();
                back.splice(0..0, page["items"].as_array().unwrap().clone());
                before = page["page"]["prev_cursor"].as_str().map(str::to_owned);
            }
            assert_eq!(&back, whole, "{sort}, back by {limit}");
        }
    }
});
