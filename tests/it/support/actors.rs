//! Who calls.

use std::ops::Deref;

use cartwright::{auth::rights::Role, ids::StaffId, staff};
use serde_json::{Value, json};

use super::{app::TestApp, client::Client};

/// The password of every account in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Somebody who has not said who they are.
pub(crate) struct Guest {
    client: Client,
}

impl Guest {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Deref for Guest {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Somebody who has logged in: a customer, or a member of the staff.
pub(crate) struct Member {
    client: Client,
    /// What logging in was answered with.
    pub(crate) session: Value,
}

impl Member {
    /// Whoever the session answer says.
    pub(crate) fn of(app: &TestApp, session: Value) -> Self {
        let token = session["access_token"].as_str().expect("an access token");
        Self { client: app.client().with("Authorization", &format!("Bearer {token}")), session }
    }

    /// The id of the customer or the member of the staff.
    pub(crate) fn id(&self) -> &str {
        let Value::Object(session) = &self.session else { panic!("no session") };
        let person = ["customer", "staff"].into_iter().find_map(|it| session[it]["id"].as_str());
        person.expect("a person's id")
    }

    pub(crate) fn refresh_token(&self) -> &str {
        self.session["refresh_token"].as_str().expect("a refresh token")
    }
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestApp {
    /// A new customer, `<name>@example.com`, logged in.
    pub(crate) fn customer(&self, name: &str) -> Member {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": name});
        Member::of(self, self.guest().post("/api/v1/auth/register", &body).expect(201).json())
    }

    /// A new member of the staff, logged in.
    pub(crate) fn staff(&self, role: Role) -> Member {
        let email = format!("{}-{}@staff.example.com", role.as_str(), StaffId::new());
        staff::create::create_by_hand(&self.shop, &email, role.as_str(), PASSWORD).unwrap();
        self.log_in(&email)
    }

    /// Whoever has this address, logged in once more.
    pub(crate) fn log_in(&self, email: &str) -> Member {
        let body = json!({"email": email, "password": PASSWORD});
        Member::of(self, self.guest().post("/api/v1/auth/login", &body).ok())
    }
}
