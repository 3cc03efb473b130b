//! The three states of an order, which of their changes are allowed, and the event that tells of each.

use crate::{events::EventType, text_enum};

text_enum! {
    /// Where an order stands as a whole.
    OrderStatus {
        /// Its first payment is not settled.
        Pending = "pending",
        /// It is being worked on.
        Open = "open",
        /// All is shipped and paid.
        Completed = "completed",
        /// It was called off; nothing of it stands.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// How far its payment is.
    PaymentStatus {
        /// No provider has answered yet.
        Pending = "pending",
        /// The shopper has to confirm it.
        RequiresAction = "requires_action",
        /// The provider has not said yet.
        Processing = "processing",
        /// The money is assured, not yet taken.
        Authorized = "authorized",
        /// The money is there.
        Paid = "paid",
        /// A part of it went back.
        PartiallyRefunded = "partially_refunded",
        /// All of it went back.
        Refunded = "refunded",
        /// It was declined or given up.
        Failed = "failed",
        /// The assured money was let go.
        Voided = "voided",
    }
}

text_enum! {
    /// How far its goods are.
    FulfillmentStatus {
        /// Nothing has left.
        Unfulfilled = "unfulfilled",
        /// A part has left.
        Partial = "partial",
        /// All has left.
        Fulfilled = "fulfilled",
        /// All came back.
        Returned = "returned",
    }
}

/// The three states together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// The order as a whole.
    pub status: OrderStatus,
    /// Its payment.
    pub payment_status: PaymentStatus,
    /// Its goods.
    pub fulfillment_status: FulfillmentStatus,
}

impl Standing {
    /// That of a new order.
    pub const NEW: Self = Self {
        status: OrderStatus::Pending,
        payment_status: PaymentStatus::Pending,
        fulfillment_status: FulfillmentStatus::Unfulfilled,
    };

    /// Whether an order may go from here to `to`.
    pub fn may_become(self, to: Self) -> bool {
        self != to
            && allowed_status(self.status, to.status)
            && allowed_payment(self.payment_status, to.payment_status)
            && allowed_fulfillment(self.fulfillment_status, to.fulfillment_status)
    }

    /// The event that tells of the change to `to`: of those that apply, the first in the contract's order.
    pub fn event_to(self, to: Self) -> EventType {
        let pays = |status| self.payment_status != status && to.payment_status == status;
        let becomes = |status| self.status != status && to.status == status;
        if pays(PaymentStatus::Failed) {
            EventType::OrderFailed
        } else if becomes(OrderStatus::Cancelled) {
            EventType::OrderCancelled
        } else if pays(PaymentStatus::Refunded) || pays(PaymentStatus::PartiallyRefunded) {
            EventType::OrderRefunded
        } else if becomes(OrderStatus::Completed) {
            EventType::OrderCompleted
        } else if self.fulfillment_status != to.fulfillment_status {
            EventType::OrderShipped
        } else if pays(PaymentStatus::Paid) {
            EventType::OrderPaid
        } else if pays(PaymentStatus::Authorized) {
            EventType::OrderAuthorized
        } else if pays(PaymentStatus::RequiresAction) {
            EventType::OrderRequiresAction
        } else {
            EventType::OrderProcessing
        }
    }
}

fn allowed_status(from: OrderStatus, to: OrderStatus) -> bool {
    use OrderStatus::*;
    from == to || matches!((from, to), (Pending, Open | Cancelled) | (Open, Completed | Cancelled))
}

fn allowed_payment(from: PaymentStatus, to: PaymentStatus) -> bool {
    use PaymentStatus::*;
    from == to
        || matches!(
            (from, to),
            (Pending, RequiresAction | Processing | Authorized | Paid | Failed)
                | (RequiresAction, Processing | Authorized | Paid | Failed)
                | (Processing, RequiresAction | Authorized | Paid | Failed)
                | (Authorized, Paid | Voided)
                | (Paid, PartiallyRefunded | Refunded)
                | (PartiallyRefunded, Refunded)
        )
}

fn allowed_fulfillment(from: FulfillmentStatus, to: FulfillmentStatus) -> bool {
    use FulfillmentStatus::*;
    from == to
        || matches!(
            (from, to),
            (Unfulfilled, Partial | Fulfilled) | (Partial, Fulfilled) | (Partial | Fulfilled, Returned)
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_is_declined_fails_rather_than_is_cancelled() {
        let to = Standing { status: OrderStatus::Cancelled, payment_status: PaymentStatus::Failed, ..Standing::NEW };
        assert!(Standing::NEW.may_become(to));
        assert_eq!(Standing::NEW.event_to(to), EventType::OrderFailed);
    }

    #[test]
    fn what_is_cancelled_or_completed_is_never_open_again() {
        for status in [OrderStatus::Cancelled, OrderStatus::Completed] {
            let from = Standing { status, ..Standing::NEW };
            assert!(!from.may_become(Standing { status: OrderStatus::Open, ..from }));
            assert!(!from.may_become(Standing { status: OrderStatus::Pending, ..from }));
        }
    }
}
