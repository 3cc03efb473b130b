//! Carts on the way to the checkout.

use cartwright::{auth::rights::Role, ids::VariantId};
use serde_json::{Value, json};

use super::{
    app::TestApp,
    client::{Answer, Client},
};

/// A guest's cart with everything that a checkout needs.
pub(crate) struct ReadyCart {
    pub(crate) id: String,
    /// A caller who shows the cart's token.
    pub(crate) owner: Client,
    total: Value,
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

    /// A guest's cart with `quantity` of a variant, addressed and with a way to ship.
    pub(crate) fn ready_cart(&self, variant_id: VariantId, quantity: i64) -> ReadyCart {
        self.ready_cart_of(&[(variant_id, quantity)])
    }

    /// The same with several lines.
    pub(crate) fn ready_cart_of(&self, lines: &[(VariantId, i64)]) -> ReadyCart {
        let line = |(id, quantity): &(VariantId, i64)| json!({"variant_id": id, "quantity": quantity});
        let lines: Vec<Value> = lines.iter().map(line).collect();
        let new = json!({"lines": lines, "email": "ada@example.com"});
        let cart = self.client().post("/api/v1/carts", &new).expect(201).json();
        let id = cart["id"].as_str().expect("an id").to_owned();
        let owner = self.client().with("Cart-Token", cart["token"].as_str().expect("a token"));
        let path = format!("/api/v1/carts/{id}");
        owner.patch(&path, &json!({"shipping_address": address()})).expect(200);
        let options = owner.get(&format!("{path}/shipping-options")).ok();
        let option = json!({"shipping_option_id": options["items"][0]["id"]});
        let cart = owner.patch(&path, &option).expect(200).json();
        assert_eq!(cart["problems"], json!([]), "{cart}");
        ReadyCart { id, owner, total: cart["totals"]["total"].clone() }
    }
}

pub(crate) fn address() -> Value {
    json!({"name": "Ada Park", "line1": "Seestrasse 7", "city": "Berlin", "postal_code": "10115", "country": "DE"})
}

impl ReadyCart {
    /// Buys the cart as it was seen, with a card that is good.
    pub(crate) fn check_out(&self, key: &str) -> Answer {
        self.check_out_as(&self.owner, key)
    }

    /// The same by another caller, who shows what they show.
    pub(crate) fn check_out_as(&self, caller: &Client, key: &str) -> Answer {
        let payment = json!({"provider": "sandbox", "token": "tok_visa"});
        let body = json!({"expected_total": self.total, "payment": payment});
        let path = format!("/api/v1/carts/{}/checkout", self.id);
        caller.request("POST", &path).header("Idempotency-Key", key).json(&body).send()
    }
}
