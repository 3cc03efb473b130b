//! What goes into a quote and what comes out of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{rate::Rate, trace::Step};
use crate::{
    ids::{LineId, VariantId},
    money::{Currency, Money},
};

/// All that a price depends on. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteInput {
    /// The one currency of the cart.
    pub currency: Currency,
    /// The lines; the quote has them in the same order.
    pub lines: Vec<LineInput>,
    /// Price of the chosen shipping option; `None` until one is chosen.
    pub shipping: Option<i64>,
    /// The tax of the country shipped to; `None` where none is known or none is due.
    pub tax: Option<TaxRule>,
    /// Whether unit prices and shipping are gross, that is, contain the tax already.
    pub tax_included: bool,
}

/// A line to be priced.
#[derive(Debug, Clone, PartialEq)]
pub struct LineInput {
    /// The line.
    pub id: LineId,
    /// What is bought.
    pub variant_id: VariantId,
    /// How many.
    pub quantity: i32,
    /// The catalogue's price of one, in minor units.
    pub unit_price: i64,
}

/// A tax by name and rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRule {
    /// What the customer reads: `VAT`.
    pub name: String,
    /// Its rate.
    pub rate: Rate,
}

/// A priced cart.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The lines in the order of the input.
    pub lines: Vec<QuotedLine>,
    /// The part of `totals.tax` that falls on shipping; the lines' taxes are the rest.
    pub shipping_tax: Money,
    /// The sums.
    pub totals: Totals,
    /// How each figure came about, in the order of computation.
    pub trace: Vec<Step>,
}

/// A priced line.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotedLine {
    /// The line.
    pub id: LineId,
    /// How many.
    pub quantity: i32,
    /// The price of one.
    pub unit_price: Money,
    /// `unit_price × quantity`, before any discount.
    pub line_total: Money,
    /// The line's share of all discounts, at most `line_total`.
    pub discount: Money,
    /// The tax on `line_total − discount`: contained in it, or due on top.
    pub tax: Money,
}

/// The sums of a cart or order, all in its one currency.
///
/// `total = subtotal − discount + shipping`, plus `tax` unless `tax_included`; `due = total − gift_cards − store_credit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    /// Sum of the line totals, before discounts.
    pub subtotal: Money,
    /// Sum of all discounts; not negative.
    pub discount: Money,
    /// Price of the chosen shipping option; zero until one is chosen.
    pub shipping: Money,
    /// All tax, that on shipping too: contained in the prices, or on top of them.
    pub tax: Money,
    /// What the purchase costs.
    pub total: Money,
    /// What gift cards pay of it.
    pub gift_cards: Money,
    /// What store credit pays of it.
    pub store_credit: Money,
    /// What remains to be paid by card.
    pub due: Money,
    /// Whether line totals and shipping contain the tax already.
    #[schema(example = true)]
    pub tax_included: bool,
    /// The tax by name and rate; the amounts sum to `tax`.
    #[schema(max_items = 20)]
    pub tax_lines: Vec<TaxLine>,
}

/// One tax of a cart or order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, serde::Deserialize)]
pub struct TaxLine {
    /// What the tax is called.
    #[schema(min_length = 1, max_length = 500, example = "VAT")]
    pub name: String,
    /// Its rate.
    pub rate: Rate,
    /// The sum of it over lines and shipping.
    pub amount: Money,
}
