//! How payments and refunds look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    provider::CardSummary,
    store::{PaymentRow, PaymentState, RefundLineRow, RefundRow, RefundState},
};
use crate::{
    ids::{LineId, PaymentId, RefundId},
    money::{Currency, Money},
    time::UtcTime,
};

/// A payment of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Payment {
    /// Its id, which is also our reference with the provider.
    pub id: PaymentId,
    /// Who takes the money.
    #[schema(min_length = 1, max_length = 50, example = "sandbox")]
    pub provider: String,
    /// How far it is.
    pub status: PaymentState,
    /// How much it is.
    pub amount: Money,
    /// The card, where the provider tells it.
    #[schema(required)]
    pub card: Option<CardSummary>,
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        let PaymentRow { id, provider, status, amount, currency, card, .. } = row;
        Self { id, provider, status, amount: Money::new(amount, currency), card: card.map(|it| it.into_inner()) }
    }
}

/// Money that went back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The payment that it is taken from.
    pub payment_id: PaymentId,
    /// How far it is.
    pub status: RefundState,
    /// How much it is.
    pub amount: Money,
    /// What it is for.
    #[schema(max_items = 200)]
    pub lines: Vec<RefundLine>,
    /// When it was begun.
    pub created_at: UtcTime,
}

/// Units of a line in a refund.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefundLine {
    /// The order's line.
    pub line_id: LineId,
    /// How many.
    #[schema(minimum = 1, maximum = 999)]
    pub quantity: i32,
    /// Whether they went back onto the shelf.
    pub restocked: bool,
}

/// A refund with its lines.
pub fn refund(row: RefundRow, lines: &[RefundLineRow], currency: Currency) -> Refund {
    let RefundRow { id, payment_id, status, amount, created_at, .. } = row;
    let own = lines.iter().filter(|it| it.refund_id == id);
    let lines =
        own.map(|it| RefundLine { line_id: it.line_id, quantity: it.quantity, restocked: it.restocked }).collect();
    Refund { id, payment_id, status, amount: Money::new(amount, currency), lines, created_at }
}
