//! Addresses: the countries' rules, address books, and the addresses of carts.

mod book;
mod carts;
mod countries;
mod defaults;
mod secrecy;

use serde_json::{Value, json};

const BOOK: &str = "/api/v1/me/addresses";

fn home() -> Value {
    json!({"name": "Ann Berg", "line1": "Seestrasse 7", "city": "Berlin", "postal_code": "10115", "country": "DE"})
}

/// An address with other members than those of [`home`].
fn home_with(members: Value) -> Value {
    let mut address = home();
    let others = members.as_object().expect("members").clone();
    address.as_object_mut().expect("an address").extend(others);
    address
}
