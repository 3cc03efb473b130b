//! An order's rows and what is sealed in them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::standing::{FulfillmentStatus, OrderStatus, PaymentStatus, Standing};
use crate::{
    address::Address,
    catalog::model::VariantOptions,
    db::{
        columns::Json,
        schema::{order_lines, orders, shipment_lines, shipments},
    },
    email::Email,
    ids::{CartId, CustomerId, LineId, OrderId, ProductId, ShipmentId, VariantId},
    money::Currency,
    pricing::TaxLine,
    shipping::ShippingOption,
    time::UtcTime,
};

/// An order.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct OrderRow {
    pub id: OrderId,
    pub number: Option<i64>,
    pub external_id: Option<String>,
    pub cart_id: CartId,
    pub customer_id: Option<CustomerId>,
    pub status: OrderStatus,
    pub payment_status: PaymentStatus,
    pub fulfillment_status: FulfillmentStatus,
    pub currency: Currency,
    pub contact: Vec<u8>,
    pub email_hash: String,
    pub country: String,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub shipping_option: Json<ShippingOption>,
    pub subtotal: i64,
    pub discount: i64,
    pub shipping: i64,
    pub tax: i64,
    pub total: i64,
    pub gift_cards: i64,
    pub store_credit: i64,
    pub due: i64,
    pub taxes: Json<Taxes>,
    pub paid: i64,
    pub refunded: i64,
    pub token_generation: i32,
    pub deadline: Option<UtcTime>,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

impl OrderRow {
    /// Whose key seals the contact: the customer's, or the order's own.
    pub fn key_owner(&self) -> String {
        self.customer_id.map_or_else(|| self.id.to_string(), |id| id.to_string())
    }

    /// The three states together.
    pub fn standing(&self) -> Standing {
        let Self { status, payment_status, fulfillment_status, .. } = *self;
        Standing { status, payment_status, fulfillment_status }
    }
}

/// The taxes of an order, as they were when it was placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taxes {
    /// Whether prices include them.
    pub included: bool,
    /// What of the tax is on shipping, in minor units.
    pub shipping: i64,
    /// By name and rate; they sum to the order's tax.
    pub lines: Vec<TaxLine>,
}

/// A line of an order.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_lines)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct OrderLineRow {
    pub id: LineId,
    pub order_id: OrderId,
    pub position: i32,
    pub variant_id: VariantId,
    pub product_id: ProductId,
    pub name: String,
    pub sku: String,
    pub options: Json<VariantOptions>,
    pub quantity: i32,
    pub unit_price: i64,
    pub discount: i64,
    pub tax: i64,
    pub line_total: i64,
    pub shipped_quantity: i32,
    pub refunded_quantity: i32,
    pub restocked_quantity: i32,
}

/// Goods that have left together.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipments)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ShipmentRow {
    pub id: ShipmentId,
    pub order_id: OrderId,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub tracking_url: Option<String>,
    pub created_at: UtcTime,
}

/// Units of an order line in a shipment.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipment_lines)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ShipmentLineRow {
    pub shipment_id: ShipmentId,
    pub line_id: LineId,
    pub quantity: i32,
}

/// What an order knows of its buyer; sealed in the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderContact {
    /// Where the confirmation went.
    pub email: Email,
    /// Where the goods go.
    pub shipping_address: Address,
    /// Where the bill goes.
    pub billing_address: Address,
    /// What the buyer wanted to say.
    pub note: Option<String>,
}
