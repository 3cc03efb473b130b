//! What a mail holds beside its kind: sealed, for it is about a person.

use serde::{Deserialize, Serialize};

use crate::{error::Result, ids::JobId, keys::PersonKey, vault};

/// The column that is sealed, by its name.
const CONTENT: &str = "content";

/// To whom a mail goes, and what comes of its token.
// Without `Debug`, so that no log can hold it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    /// The address that it goes to.
    pub to: String,
    /// Of a registration that waits for its confirmation: what to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a registration that waits for its confirmation: the hash of the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Of a registration that waits for its confirmation: whether another one waited when it came, with another password.
    #[serde(default)]
    pub is_contested: bool,
}

impl Letter {
    /// One that says no more than its kind does.
    pub fn to(address: &str) -> Self {
        Self { to: address.to_owned(), name: None, password_hash: None, is_contested: false }
    }

    pub(super) fn seal(&self, key: &PersonKey, id: JobId) -> Vec<u8> {
        vault::seal_json(key, id.as_str(), CONTENT, self)
    }

    pub(super) fn open(key: &PersonKey, id: JobId, sealed: &[u8]) -> Result<Self> {
        vault::open_json(key, id.as_str(), CONTENT, sealed)
    }
}
