//! Who calls.

use std::ops::Deref;

use serde_json::{Value, json};

use super::{app::TestApp, client::Client};

/// Somebody who has not said who they are.
pub(crate) struct Guest(Client);

/// A customer who is logged in.
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) email: String,
    client: Client,
}

/// A member of the staff who is logged in and may do everything.
pub(crate) struct Staff(Client);

/// Nobody would guess it.
pub(crate) const PASSWORD: &str = "seven drizzled otters hum";

impl TestApp {
    /// Somebody who has just come in.
    pub(crate) fn guest(&self) -> Guest {
        Guest(self.client())
    }

    /// A new customer, whose address is `name@example.com`.
    pub(crate) fn customer(&self, name: &str) -> Customer {
        let email = format!("{name}@example.com");
        let account = json!({"email": email, "password": PASSWORD, "name": name});
        let session = self.client().post("/api/v1/auth/register", &account).expect(201).json();
        Customer { id: text(&session["customer"]["id"]), email, client: logged_in(self.client(), &session) }
    }

    /// A new member of the staff with every right.
    pub(crate) fn staff(&self) -> Staff {
        let email = format!("staff-{}@example.com", cartwright::ids::StaffId::new());
        cartwright::staff::create::create_by_hand(&self.shop, &email, "admin", PASSWORD).unwrap();
        let session = self.client().post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD})).ok();
        Staff(logged_in(self.client(), &session))
    }
}

fn logged_in(client: Client, session: &Value) -> Client {
    client.with("Authorization", &format!("Bearer {}", text(&session["access_token"])))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl Deref for Guest {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl Deref for Customer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Deref for Staff {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}
