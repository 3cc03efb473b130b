//! What things cost before, where many of them are shown: in lists, searches and carts.

use cartwright::{
    auth::rights::Role,
    catalog::store::{PriceRangeRow, PriceRow},
    ids::{ProductId, VariantId},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Product, TestApp, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// A variant of a size with what it costs and cost before, in EUR and for a dollar more.
fn sized(size: &str, amount: i64, before: Option<i64>) -> Value {
    let price = |currency: &str, more: i64| json!({"amount": amount + more, "currency": currency, "compare_at": before.map(|it| it + more)});
    json!({"sku": format!("S-{size}"), "options": {"size": size}, "prices": [price("EUR", 0), price("USD", 100)]})
}

/// What the list, the search and the collection say that the only product cost before.
fn compared(app: &TestApp, currency: &str) -> Value {
    let lists = ["products?", "search?", "products?collection=all&", "products?sort=price&"];
    let mut said = lists.map(|list| {
        let page = app.guest().get(&format!("/api/v1/{list}currency={currency}")).ok();
        page["items"][0]["compare_at_price"].clone()
    });
    said.sort_by_key(Value::to_string);
    assert_eq!(said[0], said[3], "{said:?}");
    said[0].clone()
}

api_test!(lists_say_what_the_cheapest_variant_cost_before, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let rules = json!({"match": "any", "conditions": [{"in_stock": true}, {"in_stock": false}]});
    kim.post("/api/v1/admin/collections", &json!({"name": "All", "kind": "rules", "rules": rules})).expect(201);
    let new = json!({
        "name": "Shoe", "status": "published", "options": [{"name": "size", "values": ["s", "m", "l"]}],
        "variants": [sized("s", 5000, Some(9000)), sized("m", 4000, Some(6000)), sized("l", 7000, None)],
    });
    let shoe = kim.post(PRODUCTS, &new).expect(201).json();
    assert_eq!(compared(app, "EUR"), eur(6000));
    assert_eq!(compared(app, "USD"), json!({"amount": 6100, "currency": "USD"}));
    let price_of = |place: usize| format!("/api/v1/admin/prices/{}", shoe["variants"][place]["id"].as_str().unwrap());
    let set = |place: usize, prices: Value| {
        kim.request("PUT", &price_of(place)).header("If-Match", "*").json(&json!({"prices": prices})).send().expect(200)
    };
    // Two are as cheap: it is said what holds of both.
    set(0, json!([{"amount": 4000, "currency": "EUR", "compare_at": 5500}]));
    assert_eq!(compared(app, "EUR"), eur(5500));
    set(0, json!([{"amount": 4000, "currency": "EUR"}]));
    assert_eq!(compared(app, "EUR"), Value::Null);
    assert_eq!(compared(app, "USD"), json!({"amount": 6100, "currency": "USD"}));
    let variant = format!("/api/v1/admin/variants/{}", shoe["variants"][0]["id"].as_str().unwrap());
    kim.request("DELETE", &variant).header("If-Match", "*").send().expect(204);
    assert_eq!(compared(app, "EUR"), eur(6000));
    let listed = kim.get(PRODUCTS).ok();
    assert_eq!(listed["items"][0]["compare_at_price"], eur(6000));
});

api_test!(a_line_of_a_cart_shows_all_that_a_page_of_it_needs, |app| {
    app.open_for_business();
    let chair = app.put(Product::named("Oak chair").priced(9900));
    let buyer = app.buyer(&[(&chair, 3)]);
    let line = |cart: &Value| cart["lines"][0].clone();
    let shown = line(&buyer.cart);
    assert_eq!((&shown["slug"], &shown["compare_at_price"]), (&json!("oak-chair"), &Value::Null));
    assert_eq!((&shown["min_order_quantity"], &shown["max_order_quantity"]), (&json!(1), &Value::Null));
    let kim = app.staff(Role::CatalogueManager);
    let change = |path: String, body: Value| {
        kim.request("PATCH", &path).header("If-Match", "*").json(&body).send().expect(200);
    };
    let price = json!({"amount": 8900, "currency": "EUR", "compare_at": 9900});
    let bounds = json!({"min_order_quantity": 2, "max_order_quantity": 6, "prices": [price]});
    change(format!("/api/v1/admin/variants/{}", chair.variant_id), bounds);
    change(format!("{PRODUCTS}/{}", chair.id), json!({"slug": "chair-of-oak"}));
    let shown = line(&buyer.look());
    assert_eq!((&shown["slug"], &shown["compare_at_price"]), (&json!("chair-of-oak"), &eur(9900)));
    assert_eq!((&shown["min_order_quantity"], &shown["max_order_quantity"]), (&json!(2), &json!(6)));
    assert_eq!((&shown["unit_price"], &shown["price_was"]), (&eur(8900), &eur(9900)));
});

proptest! {
    #[test]
    fn a_range_holds_of_every_price_and_of_every_cheapest_one(
        said in proptest::collection::vec((0..2_usize, 0..4_i64, proptest::option::of(0..4_i64)), 1..12)
    ) {
        let currencies = ["EUR", "USD"].map(|it| it.parse().expect("a currency"));
        let row = |&(place, amount, compare_at): &(usize, i64, Option<i64>)| {
            PriceRow { variant_id: VariantId::new(), currency: currencies[place], amount, compare_at }
        };
        let prices: Vec<PriceRow> = said.iter().map(row).collect();
        let ranges = PriceRangeRow::of(ProductId::new(), &prices);
        for range in &ranges {
            let own: Vec<&PriceRow> = prices.iter().filter(|it| it.currency == range.currency).collect();
            let least = own.iter().map(|it| it.amount).min().expect("a price");
            prop_assert_eq!(range.min_amount, least);
            prop_assert_eq!(Some(range.max_amount), own.iter().map(|it| it.amount).max());
            let before: Option<Vec<i64>> = own.iter().filter(|it| it.amount == least).map(|it| it.compare_at).collect();
            prop_assert_eq!(range.min_compare_at, before.and_then(|it| it.into_iter().min()));
        }
        let sold_in: std::collections::BTreeSet<_> = prices.iter().map(|it| it.currency).collect();
        prop_assert_eq!(ranges.len(), sold_in.len());
    }
}

api_test!(the_default_variant_is_one_that_can_be_bought, |app| {
    app.open_for_business();
    let kim = app.staff(Role::CatalogueManager);
    let variant = |size: &str, currencies: &[&str], stock: u32| {
        let prices: Vec<Value> = currencies.iter().map(|it| json!({"amount": 900, "currency": it})).collect();
        json!({"sku": size, "options": {"size": size}, "prices": prices, "stock": stock})
    };
    let variants = [variant("s", &["EUR"], 0), variant("m", &["EUR"], 3), variant("l", &["EUR", "USD"], 0)];
    let new = json!({
        "name": "Shoe", "status": "published", "options": [{"name": "size", "values": ["s", "m", "l"]}],
        "variants": variants,
    });
    let shoe = kim.post(PRODUCTS, &new).expect(201).json();
    let ids: Vec<&str> = (0..3).map(|it| shoe["variants"][it]["id"].as_str().unwrap()).collect();
    let expect = |currency: &str, place: usize| {
        for list in ["products?", "search?", "search/suggest?q=sho&", "products?sort=price&", "admin/products?"] {
            let page = kim.get(&format!("/api/v1/{list}currency={currency}")).ok();
            let items = if list.contains("suggest") { &page["products"] } else { &page["items"] };
            let said = (&items[0]["default_variant_id"], &items[0]["default_sku"]);
            assert_eq!(said, (&json!(ids[place]), &shoe["variants"][place]["sku"]), "{list} {currency}");
        }
        let shown = app.guest().get(&format!("/api/v1/products/shoe?currency={currency}")).ok();
        assert_eq!(shown["default_variant_id"], ids[place], "{currency}");
    };
    expect("EUR", 1);
    expect("USD", 2);
    let cart = json!({"currency": "USD", "lines": [{"variant_id": ids[2], "quantity": 1}]});
    app.guest().post("/api/v1/carts", &cart).expect(201);
    let count = |place: usize, on_hand: u32| {
        let path = format!("/api/v1/admin/inventory/{}", ids[place]);
        kim.request("PATCH", &path).header("If-Match", "*").json(&json!({"on_hand": on_hand})).send().expect(200);
    };
    count(1, 0);
    expect("EUR", 0);
    count(2, 1);
    expect("EUR", 2);
});
