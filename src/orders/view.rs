//! How an order looks from outside.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{OrderContact, OrderLineRow, OrderRow, ShipmentLineRow, ShipmentRow},
    standing::{FulfillmentStatus, OrderStatus, PaymentStatus},
};
use crate::{
    address::Address,
    catalog::documented::OptionValues,
    ids::{CartId, CustomerId, LineId, OrderId, ProductId, ShipmentId, VariantId},
    money::{Currency, Money},
    payments::view::{Payment, Refund},
    pricing::TaxLine,
    shipping::ShippingOption,
    time::UtcTime,
};

/// An order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What buyer and shop call it; given when it is first paid or accepted.
    #[schema(required, pattern = "^[0-9]+$", max_length = 20, example = "1001")]
    pub number: Option<String>,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// The cart that it came from.
    pub cart_id: CartId,
    /// What a guest shows as `Order-Token`; told at checkout.
    #[schema(required, pattern = "^ot_[A-Za-z0-9_-]{43}$", max_length = 100)]
    pub token: Option<String>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// Where it stands as a whole.
    pub status: OrderStatus,
    /// How far its payment is.
    pub payment_status: PaymentStatus,
    /// How far its goods are.
    pub fulfillment_status: FulfillmentStatus,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Where the confirmation went.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// Whose it is; null for a guest's.
    #[schema(required)]
    pub customer_id: Option<CustomerId>,
    /// What was bought.
    #[schema(max_items = 200)]
    pub lines: Vec<OrderLine>,
    /// What it costs, what was paid and what went back.
    pub totals: OrderTotals,
    /// Where the goods go.
    pub shipping_address: Address,
    /// Where the bill goes.
    pub billing_address: Address,
    /// How the goods go.
    pub shipping_option: ShippingOption,
    /// What the buyer wanted to say.
    #[schema(required, max_length = 1000)]
    pub note: Option<String>,
    /// Its payments, the oldest first.
    #[schema(max_items = 100)]
    pub payments: Vec<Payment>,
    /// What has left, the oldest first.
    #[schema(max_items = 1000)]
    pub shipments: Vec<Shipment>,
    /// What went back, the oldest first.
    #[schema(max_items = 1000)]
    pub refunds: Vec<Refund>,
    /// Goods that came back.
    #[schema(max_items = 0, value_type = Vec<Object>)]
    pub returns: Vec<()>,
    /// What the buyer has to do; null while there is nothing.
    #[schema(required)]
    pub next_action: Option<NextAction>,
    /// When it was placed.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// What the buyer has to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NextAction {
    /// What kind of step it is: `redirect`.
    #[schema(pattern = "^redirect$", max_length = 20, example = "redirect")]
    pub r#type: String,
    /// The page to send the buyer to.
    #[schema(format = "uri", max_length = 2000)]
    pub url: String,
}

/// A variant that was bought.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderLine {
    /// Its id.
    pub id: LineId,
    /// The variant.
    pub variant_id: VariantId,
    /// The variant's product.
    pub product_id: ProductId,
    /// The variant's name when it was bought.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// The variant's SKU when it was bought.
    #[schema(min_length = 1, max_length = 100)]
    pub sku: String,
    /// The variant's value of each option when it was bought.
    #[schema(value_type = OptionValues)]
    pub options: BTreeMap<String, String>,
    /// How many.
    #[schema(minimum = 1, maximum = 999, example = 2)]
    pub quantity: i32,
    /// What one cost.
    pub unit_price: Money,
    /// What was taken off.
    pub discount: Money,
    /// The tax on it.
    pub tax: Money,
    /// Unit price times quantity.
    pub line_total: Money,
    /// How many have left.
    #[schema(minimum = 0, maximum = 999)]
    pub shipped_quantity: i32,
    /// How many were refunded.
    #[schema(minimum = 0, maximum = 999)]
    pub refunded_quantity: i32,
}

/// What an order costs, what was paid and what went back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderTotals {
    /// Sum of the lines' totals.
    pub subtotal: Money,
    /// What promotions take off.
    pub discount: Money,
    /// What shipping costs.
    pub shipping: Money,
    /// All tax, that on shipping included.
    pub tax: Money,
    /// Subtotal less discount, plus shipping, plus tax unless prices include it.
    pub total: Money,
    /// What gift cards pay.
    pub gift_cards: Money,
    /// What store credit pays.
    pub store_credit: Money,
    /// What is left to pay by card.
    pub due: Money,
    /// Whether prices include tax.
    pub tax_included: bool,
    /// The tax by name and rate.
    #[schema(max_items = 100)]
    pub tax_lines: Vec<TaxLine>,
    /// What was paid.
    pub paid: Money,
    /// What went back.
    pub refunded: Money,
}

/// Goods that have left together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// What is in it.
    #[schema(max_items = 200)]
    pub lines: Vec<ShipmentLine>,
    /// How to follow it; null where nobody said.
    #[schema(required)]
    pub tracking: Option<Tracking>,
    /// When it left.
    pub created_at: UtcTime,
}

/// Units of a line in a shipment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShipmentLine {
    /// The order's line.
    pub line_id: LineId,
    /// How many.
    #[schema(minimum = 1, maximum = 999)]
    pub quantity: i32,
}

/// How to follow a shipment.
#[derive(Debug, Clone, Serialize, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tracking {
    /// Who carries it.
    #[schema(min_length = 1, max_length = 100, example = "Parcel Post")]
    pub carrier: String,
    /// The carrier's number.
    #[schema(min_length = 1, max_length = 100, example = "PP123456789")]
    pub number: String,
    /// The carrier's page.
    #[schema(
        min_length = 8,
        max_length = 1000,
        pattern = "^https?://[!-~]+$",
        example = "https://parcel.example/PP123456789"
    )]
    pub url: Option<String>,
}

/// Everything that an order's view is made of.
pub struct OrderParts {
    /// The order.
    pub row: OrderRow,
    /// What it knows of its buyer.
    pub contact: OrderContact,
    /// Its lines.
    pub lines: Vec<OrderLineRow>,
    /// Its payments.
    pub payments: Vec<Payment>,
    /// What has left.
    pub shipments: Vec<(ShipmentRow, Vec<ShipmentLineRow>)>,
    /// What went back.
    pub refunds: Vec<Refund>,
}

impl OrderParts {
    /// The view; `token` is a guest's.
    pub fn view(self, token: Option<String>) -> Order {
        let Self { row, contact, lines, payments, shipments, refunds } = self;
        let OrderContact { email, shipping_address, billing_address, note } = contact;
        Order {
            id: row.id,
            number: row.number.map(|it| it.to_string()),
            external_id: row.external_id.clone(),
            cart_id: row.cart_id,
            token,
            version: row.version,
            status: row.status,
            payment_status: row.payment_status,
            fulfillment_status: row.fulfillment_status,
            currency: row.currency,
            email: email.as_str().to_owned(),
            customer_id: row.customer_id,
            lines: lines.into_iter().map(|it| line(it, row.currency)).collect(),
            totals: totals(&row),
            shipping_address,
            billing_address,
            shipping_option: row.shipping_option.into_inner(),
            note,
            payments,
            shipments: shipments.into_iter().map(shipment).collect(),
            refunds,
            returns: Vec::new(),
            next_action: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The totals of an order.
pub fn totals(row: &OrderRow) -> OrderTotals {
    let money = |minor| Money::new(minor, row.currency);
    OrderTotals {
        subtotal: money(row.subtotal),
        discount: money(row.discount),
        shipping: money(row.shipping),
        tax: money(row.tax),
        total: money(row.total),
        gift_cards: money(row.gift_cards),
        store_credit: money(row.store_credit),
        due: money(row.due),
        tax_included: row.taxes.included,
        tax_lines: row.taxes.lines.clone(),
        paid: money(row.paid),
        refunded: money(row.refunded),
    }
}

fn line(row: OrderLineRow, currency: Currency) -> OrderLine {
    let money = |minor| Money::new(minor, currency);
    let OrderLineRow {
        id,
        variant_id,
        product_id,
        name,
        sku,
        options,
        quantity,
        unit_price,
        discount,
        tax,
        line_total,
        shipped_quantity,
        refunded_quantity,
        order_id: _,
        position: _,
        restocked_quantity: _,
    } = row;
    OrderLine {
        id,
        variant_id,
        product_id,
        name,
        sku,
        options: options.into_inner(),
        quantity,
        unit_price: money(unit_price),
        discount: money(discount),
        tax: money(tax),
        line_total: money(line_total),
        shipped_quantity,
        refunded_quantity,
    }
}

fn shipment((row, lines): (ShipmentRow, Vec<ShipmentLineRow>)) -> Shipment {
    let ShipmentRow { id, order_id: _, carrier, tracking_number, tracking_url, created_at } = row;
    let tracking =
        carrier.zip(tracking_number).map(|(carrier, number)| Tracking { carrier, number, url: tracking_url });
    let lines = lines.into_iter().map(|it| ShipmentLine { line_id: it.line_id, quantity: it.quantity }).collect();
    Shipment { id, lines, tracking, created_at }
}
