//! Mail, and what its tokens are for.

mod address;
mod delivery;
mod registration;
mod reset;
mod verification;

use serde_json::json;

use crate::support::{Answer, TestApp};

fn verify(app: &TestApp, token: &str) -> Answer {
    app.guest().post("/api/v1/auth/verify-email", &json!({"token": token}))
}

fn forgot(app: &TestApp, email: &str) -> Answer {
    app.guest().post("/api/v1/auth/forgot-password", &json!({"email": email}))
}

fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.guest().post("/api/v1/auth/reset-password", &json!({"token": token, "new_password": password}))
}

/// Another password than everybody's.
const ANOTHER: &str = "lantern pebble orchard violin";
