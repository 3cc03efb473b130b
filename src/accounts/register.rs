//! Makes a customer's account.

use serde_json::json;

use super::store::{self, CustomerRow};
use crate::{
    auth::{access_token::Subject, logins},
    db::Conn,
    email::Email,
    error::Result,
    events::{self, EventType},
    ids::CustomerId,
    keys::Keys,
    time::UtcTime,
    vault,
};

/// Who registers.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// The address that they log in by.
    pub email: Email,
    /// What they want to be called.
    pub name: Option<String>,
    /// What `auth::password::hash` made of their password.
    pub password_hash: String,
}

/// Makes the account. The address counts as not verified.
///
/// # Errors
/// 409 `email_taken`, by a customer or by staff.
pub fn register(conn: &mut Conn, keys: &Keys, new: &NewCustomer, now: UtcTime) -> Result<CustomerId> {
    let NewCustomer { email, name, password_hash } = new;
    let id = CustomerId::new();
    let email_hash = keys.email_hash(email.as_str());
    logins::create(conn, &email_hash, Subject::Customer(id), password_hash, now)?;
    let key = vault::create(conn, keys, id.as_str(), now)?;
    let row = CustomerRow {
        id,
        external_id: None,
        email_hash,
        email: store::seal_email(&key, id, email.as_str()),
        name: name.as_deref().map(|name| store::seal_name(&key, id, name)),
        email_verified: false,
        disabled_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert(conn, &row)?;
    events::record(conn, now, EventType::CustomerRegistered, id.as_str(), row.version, json!({}))?;
    Ok(id)
}
