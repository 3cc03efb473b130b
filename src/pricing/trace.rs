//! How a quote came about, step by step, for people who ask why.

use serde::Serialize;
use utoipa::ToSchema;

use super::rate::Rate;
use crate::{ids::LineId, money::Money};

/// One figure of a quote: the rule that made it, what went in, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
#[schema(as = PricingStep)]
pub enum Step {
    /// A line's total: `unit_price × quantity`.
    LineTotal {
        /// The line.
        line_id: LineId,
        /// The catalogue's price of one.
        unit_price: Money,
        /// How many.
        #[schema(minimum = 1, maximum = 999, example = 2)]
        quantity: i32,
        /// The product.
        result: Money,
    },
    /// The subtotal: the sum of the line totals.
    Subtotal {
        /// The line totals, in the order of the lines.
        #[schema(max_items = 200)]
        line_totals: Vec<Money>,
        /// Their sum.
        result: Money,
    },
    /// The discount: the sum of the lines' shares.
    Discount {
        /// The lines' discounts, in the order of the lines.
        #[schema(max_items = 200)]
        line_discounts: Vec<Money>,
        /// Their sum.
        result: Money,
    },
    /// The price of the chosen shipping option; zero until one is chosen.
    Shipping {
        /// The price.
        result: Money,
    },
    /// The tax on a line.
    LineTax {
        /// The line.
        line_id: LineId,
        /// What is taxed: line total less discount.
        taxable: Money,
        /// The rate.
        rate: Rate,
        /// Whether the tax is contained in `taxable` or comes on top.
        method: TaxMethod,
        /// The exact tax in minor units, cut after six decimals.
        #[schema(pattern = "^-?[0-9]{1,16}\\.[0-9]{6}$", min_length = 8, max_length = 24, example = "205.378151")]
        unrounded: String,
        /// How `unrounded` became `result`.
        rounding: Rounding,
        /// The tax.
        result: Money,
    },
    /// The tax on shipping.
    ShippingTax {
        /// What is taxed: the price of shipping.
        taxable: Money,
        /// The rate.
        rate: Rate,
        /// Whether the tax is contained in `taxable` or comes on top.
        method: TaxMethod,
        /// The exact tax in minor units, cut after six decimals.
        #[schema(pattern = "^-?[0-9]{1,16}\\.[0-9]{6}$", min_length = 8, max_length = 24, example = "78.235294")]
        unrounded: String,
        /// How `unrounded` became `result`.
        rounding: Rounding,
        /// The tax.
        result: Money,
    },
    /// One tax by name and rate: the sum over the lines and shipping that it falls on.
    TaxLine {
        /// What the tax is called.
        #[schema(min_length = 1, max_length = 500, example = "VAT")]
        name: String,
        /// Its rate.
        rate: Rate,
        /// The lines' taxes.
        lines: Money,
        /// The tax on shipping.
        shipping: Money,
        /// Both together.
        result: Money,
    },
    /// The tax: the sum of the tax lines.
    Tax {
        /// The tax lines' amounts.
        #[schema(max_items = 20)]
        tax_lines: Vec<Money>,
        /// Their sum.
        result: Money,
    },
    /// The total: `subtotal − discount + shipping + tax_added`.
    Total {
        /// Sum of the line totals.
        subtotal: Money,
        /// Sum of the discounts.
        discount: Money,
        /// Price of shipping.
        shipping: Money,
        /// The tax where it comes on top of prices; zero where prices contain it.
        tax_added: Money,
        /// What the purchase costs.
        result: Money,
    },
    /// What is left to pay by card: `total − gift_cards − store_credit`.
    Due {
        /// What the purchase costs.
        total: Money,
        /// What gift cards pay.
        gift_cards: Money,
        /// What store credit pays.
        store_credit: Money,
        /// The rest.
        result: Money,
    },
}

/// How a tax stands to the price that it is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxMethod {
    /// The price is gross: `taxable − taxable / (1 + rate)`.
    Included,
    /// The price is net: `taxable × rate`.
    Added,
}

/// How an exact figure became whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// It was whole already.
    None,
    /// To the nearest, a half away from zero.
    HalfAwayFromZero,
}
