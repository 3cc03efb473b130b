//! A cart's row and what is sealed in it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    catalog::model::OrderQuantities,
    db::schema::{cart_lines, carts},
    email::Email,
    ids::{CartId, CustomerId, LineId, OrderId, ShippingOptionId, VariantId},
    money::Currency,
    text_enum,
    time::UtcTime,
};

/// The most lines of a cart.
pub const MOST_LINES: usize = 200;
/// The most units of a line.
pub const MOST_UNITS: i32 = OrderQuantities::MOST;

text_enum! {
    /// What may still happen to a cart.
    CartStatus {
        /// It may be changed and bought.
        Open = "open",
        /// A payment runs.
        CheckingOut = "checking_out",
        /// It has become an order.
        Completed = "completed",
        /// It went into a customer's cart; nobody sees it any more.
        Merged = "merged",
    }
}

/// The client's own notes on a cart.
pub type Metadata = BTreeMap<String, String>;

/// A cart.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = carts)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct CartRow {
    pub id: CartId,
    pub token_hash: Option<String>,
    pub customer_id: Option<CustomerId>,
    pub status: CartStatus,
    pub currency: Currency,
    pub contact: Option<Vec<u8>>,
    pub email_hash: Option<String>,
    pub country: Option<String>,
    pub shipping_option_id: Option<ShippingOptionId>,
    pub order_id: Option<OrderId>,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub expires_at: UtcTime,
}

impl CartRow {
    /// Whose key seals the contact: the customer's, or the cart's own.
    pub fn key_owner(&self) -> String {
        self.customer_id.map_or_else(|| self.id.to_string(), |id| id.to_string())
    }
}

/// A line of a cart.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = cart_lines)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct CartLineRow {
    pub id: LineId,
    pub cart_id: CartId,
    pub variant_id: VariantId,
    pub quantity: i32,
    pub price_when_added: Option<i64>,
    pub created_at: UtcTime,
}

/// What a cart knows of its shopper; sealed in the row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Where the confirmation goes.
    pub email: Option<Email>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// Where the bill goes, if not there too.
    pub billing_address: Option<Address>,
    /// What the shopper wants to say.
    pub note: Option<String>,
    /// The client's own notes, which may say anything.
    pub metadata: Metadata,
}
