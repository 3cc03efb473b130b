//! The rows of address books, and what is sealed in them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    country::Country,
    db::schema::addresses,
    error::Result,
    ids::{AddressId, CustomerId},
    keys::PersonKey,
    time::UtcTime,
    vault,
};

/// The most addresses of a customer.
pub(super) const MOST_ADDRESSES: i64 = 50;

const CONTENT: &str = "content";

/// An address of a customer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = addresses)]
pub(super) struct AddressRow {
    pub(super) id: AddressId,
    pub(super) customer_id: CustomerId,
    pub(super) country: Country,
    pub(super) content: Vec<u8>,
    pub(super) default_shipping: bool,
    pub(super) default_billing: bool,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
}

/// What is sealed in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) label: Option<String>,
    pub(super) address: Address,
}

impl Content {
    pub(super) fn seal(&self, key: &PersonKey, id: AddressId) -> Vec<u8> {
        vault::seal_json(key, id.as_str(), CONTENT, self)
    }
}

impl AddressRow {
    /// Opens what is sealed in the row.
    pub(super) fn open(&self, key: &PersonKey) -> Result<Content> {
        vault::open_json(key, self.id.as_str(), CONTENT, &self.content)
    }
}
