//! What the sandbox writes down.

use crate::{
    ids::{PaymentId, RefundId},
    money::Money,
    time::UtcTime,
};

crate::text_enum! {
    /// How a charge stands. A captured one stays so when it is paid back.
    ChargeStatus {
        /// Set aside, not taken.
        Authorized = "authorized",
        /// Taken.
        Captured = "captured",
        /// Refused.
        Declined = "declined",
        /// Let go, or forbidden before it came.
        Voided = "voided",
    }
}

crate::text_enum! {
    /// What was accepted.
    JournalKind {
        /// An amount was set aside.
        Authorization = "authorization",
        /// An amount was taken: at once, or of what was set aside.
        Charge = "charge",
        /// Captured money was paid back.
        Refund = "refund",
        /// A charge was let go, or forbidden before it came.
        Void = "void",
    }
}

/// One line of the journal: something that the provider accepted.
///
/// A payment has at most one authorization, one charge and one void, and any number of refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its place; rising.
    pub position: i64,
    /// What was accepted.
    pub kind: JournalKind,
    /// The shop's reference of the payment.
    pub payment: PaymentId,
    /// The shop's reference of the refund, where it is one.
    pub refund: Option<RefundId>,
    /// How much; `None` for the void of a charge that never came.
    pub amount: Option<Money>,
    /// When.
    pub recorded_at: UtcTime,
}
