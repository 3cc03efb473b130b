//! Lets somebody into the staff.

use std::collections::BTreeMap;

use super::store::{self, EMAIL, NAME, StaffRow};
use crate::{
    audit::{self, Action, Entry, Outcome},
    auth::{
        access_token::Subject,
        extract::Source,
        logins,
        password::{self, Password},
        rights::Role,
    },
    db::Conn,
    email::Email,
    error::{Code, Result},
    ids::{RoleId, StaffId},
    keys::Keys,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// Who comes in.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The address that they log in by.
    pub email: Email,
    /// Their name.
    pub name: Option<String>,
    /// What they are there for.
    pub role_id: RoleId,
    /// What `auth::password::hash` made of their password.
    pub password_hash: String,
}

/// Makes the account.
///
/// # Errors
/// 409 `email_taken`, by a customer or by staff.
pub fn create(conn: &mut Conn, keys: &Keys, new: &NewStaff, now: UtcTime) -> Result<StaffId> {
    let NewStaff { email, name, role_id, password_hash } = new;
    let id = StaffId::new();
    let email_hash = keys.email_hash(email.as_str());
    logins::create(conn, &email_hash, Subject::Staff(id), password_hash, now)?;
    let key = vault::create(conn, keys, id.as_str(), now)?;
    let row = StaffRow {
        id,
        email_hash,
        email: key.seal(id.as_str(), EMAIL, email.as_str().as_bytes()),
        name: name.as_deref().map(|name| key.seal(id.as_str(), NAME, name.as_bytes())),
        disabled_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        role_id: *role_id,
    };
    store::insert(conn, &row)?;
    Ok(id)
}

/// Makes the account from the command line. It blocks while the password is checked and hashed.
///
/// # Errors
/// One sentence for the operator.
pub fn create_by_hand(shop: &Shop, email: &str, role: &str, password: &str) -> Result<StaffId, String> {
    let email: Email = email.parse().map_err(|_| format!("`{email}` is not an e-mail address"))?;
    let role = Role::named(role).ok_or_else(|| {
        let roles: Vec<&str> = Role::ALL.iter().map(Role::as_str).collect();
        format!("there is no role `{role}`; there are {}", roles.join(", "))
    })?;
    let password = Password::parse(password).map_err(|reason| reason.to_string())?;
    password::check_strength(&password, Some(&email)).map_err(|reason| reason.to_string())?;
    let password_hash = password::hash(&shop.keys, &password, shop.config.bcrypt_cost);
    let new = NewStaff { email, name: None, role_id: role.id(), password_hash };
    let created = shop.db.write_blocking(|conn| {
        let now = shop.clock.now();
        let id = create(conn, &shop.keys, &new, now)?;
        // Whoever has the machine's command line has not shown the shop who they are.
        let (subject, source) = (Some(id.as_str()), &Source::default());
        let (action, outcome, data) = (Action::Registered, Outcome::Succeeded, BTreeMap::new());
        audit::record(conn, &shop.keys, Entry { actor: None, action, subject, outcome, data, source }, now)?;
        Ok(id)
    });
    created.map_err(|error| match error.code() {
        Some(Code::EmailTaken) => "an account with this e-mail address exists".to_owned(),
        _ => error.to_string(),
    })
}
