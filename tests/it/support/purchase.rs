//! Buying: carts that can be bought, whose they are, and what is sent.

use cartwright::{auth::rights::Role, ids::PaymentId};
use serde_json::{Value, json};

use super::{Answer, Client, ProductInShop, Request, TestApp};

/// Somebody with a cart that can be bought.
#[derive(Clone)]
pub(crate) struct Buyer {
    pub(crate) client: Client,
    pub(crate) cart_id: String,
    pub(crate) cart: Value,
}

/// What a checkout sends.
pub(crate) struct Purchase {
    pub(crate) body: Value,
    pub(crate) key: String,
}

impl TestApp {
    /// The shop ships to Germany for 4.90 EUR, and taxes at 19 per cent there.
    pub(crate) fn open_for_business(&self) {
        let staff = self.staff(Role::Admin);
        let option = json!({"name": "Standard", "prices": [{"amount": 490, "currency": "EUR"}]});
        let zone = json!({"name": "Home", "countries": ["DE"], "options": [option]});
        staff.post("/api/v1/admin/shipping-zones", &zone).expect(201);
        let rate = json!({"country": "DE", "name": "VAT", "rate": "0.19"});
        staff.post("/api/v1/admin/tax-rates", &rate).expect(201);
    }

    /// A guest whose cart holds `quantity` of each product, with e-mail, address and shipping option.
    pub(crate) fn buyer(&self, goods: &[(&ProductInShop, i32)]) -> Buyer {
        self.buyer_by(&self.client(), goods)
    }

    /// The same, whoever calls by `client`.
    pub(crate) fn buyer_by(&self, client: &Client, goods: &[(&ProductInShop, i32)]) -> Buyer {
        let lines: Vec<Value> =
            goods.iter().map(|(it, quantity)| json!({"variant_id": it.variant_id, "quantity": quantity})).collect();
        let made = client.post("/api/v1/carts", &json!({"lines": lines})).expect(201).json();
        // A customer is shown no token.
        let client = made["token"].as_str().map_or_else(|| client.clone(), |it| client.with("Cart-Token", it));
        let cart_id = made["id"].as_str().expect("an id").to_owned();
        let path = format!("/api/v1/carts/{cart_id}");
        client.patch(&path, &json!({"email": "ada@example.com", "shipping_address": address()})).ok();
        let options = client.get(&format!("{path}/shipping-options")).ok();
        let cart = client.patch(&path, &json!({"shipping_option_id": options["items"][0]["id"]})).ok();
        Buyer { client, cart_id, cart }
    }
}

/// Where the goods go.
pub(crate) fn address() -> Value {
    json!({"name": "Ada Park", "line1": "Seestrasse 7", "city": "Berlin", "postal_code": "10115", "country": "DE"})
}

impl Buyer {
    /// A purchase of the cart as it was seen last, paid by `token`.
    pub(crate) fn purchase(&self, token: &str) -> Purchase {
        let body = json!({
            "expected_total": self.cart["totals"]["total"],
            "payment": {"provider": "sandbox", "token": token},
        });
        Purchase { body, key: PaymentId::new().to_string() }
    }

    /// The same buyer at another server, whose address begins with `base`.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { client: self.client.at(base), ..self.clone() }
    }

    /// A purchase on its way.
    pub(crate) fn request(&self, purchase: &Purchase) -> Request {
        self.client
            .request("POST", &format!("/api/v1/carts/{}/checkout", self.cart_id))
            .header("Idempotency-Key", &purchase.key)
            .json(&purchase.body)
    }

    /// Sends a purchase.
    pub(crate) fn send(&self, purchase: &Purchase) -> Answer {
        self.request(purchase).send()
    }

    /// Buys the cart.
    pub(crate) fn buy(&self, token: &str) -> Answer {
        self.send(&self.purchase(token))
    }

    /// The cart as it stands.
    pub(crate) fn look(&self) -> Value {
        self.client.get(&format!("/api/v1/carts/{}", self.cart_id)).ok()
    }
}
