//! What the staff keep: products, prices, categories, brands, stock, shipping zones and tax rates.

mod bucket;
mod bulk;
mod categories;
mod copies;
mod images;
mod inventory;
mod lists;
mod options;
mod orders;
mod products;
mod quantities;
mod settings;
mod states;
mod typed;
mod variants;

use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// A change under the version that was seen.
fn change(staff: &Client, path: &str, version: &str, body: &Value) -> Answer {
    staff.request("PATCH", path).header("If-Match", version).json(body).send()
}

fn replace(staff: &Client, path: &str, version: &str, body: &Value) -> Answer {
    staff.request("PUT", path).header("If-Match", version).json(body).send()
}

fn remove(staff: &Client, path: &str, version: &str) -> Answer {
    staff.request("DELETE", path).header("If-Match", version).send()
}

/// What a resource that was just made is, and where.
#[track_caller]
fn made(answer: Answer) -> (String, Value) {
    let answer = answer.expect(201);
    (answer.header("location").expect("a location").to_owned(), answer.json())
}

/// A chair in two colours, 10 and 3 of which stand on the shelf.
fn chair() -> Value {
    let variant = |sku: &str, color: &str, amount: i64, stock: i64| {
        json!({
            "sku": sku, "options": {"color": color}, "stock": stock,
            "prices": [{"amount": amount, "currency": "EUR"}, {"amount": amount + 100, "currency": "USD"}],
        })
    };
    json!({
        "name": "Oak chair",
        "external_id": "ERP-1",
        "status": "published",
        "options": [{"name": "color", "values": ["natural", "black"]}],
        "attributes": {"material": "oak", "seat_height_cm": 45},
        "variants": [variant("OAK-N", "natural", 12900, 10), variant("OAK-B", "black", 13900, 3)],
    })
}
