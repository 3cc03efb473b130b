//! Books what a provider said of a payment: once, whoever brings the word, and however often.

use crate::{
    carts::store as cart_store,
    catalog::availability,
    db::Conn,
    error::{Error, Result},
    ids::PaymentId,
    inventory,
    money::Money,
    orders::{
        model::OrderRow,
        standing::{OrderStatus, PaymentStatus, Standing},
        store as order_store, transition,
    },
    payments::{
        ledger::{Account, book},
        provider::Outcome,
        store::{self as payment_store, PaymentRow, PaymentState, Settled},
    },
    shop::Shop,
    time::UtcTime,
};

/// Books `outcome` and returns the order as it stands. A payment that is settled already stays as it is.
///
/// # Errors
/// [`Error::Internal`] where the word does not fit the payment: another amount, or money for what was given up.
pub fn settle(conn: &mut Conn, shop: &Shop, id: PaymentId, outcome: Outcome, now: UtcTime) -> Result<OrderRow> {
    let order_id = payment_store::find(conn, id)?.order_id;
    let order = transition::lock(conn, order_id)?;
    let payment = payment_store::find(conn, id)?;
    if !payment.status.is_unsettled() {
        return already_settled(order, &payment, &outcome);
    }
    match outcome {
        Outcome::Captured { provider_id, amount, card } => {
            require_amount(&payment, amount)?;
            let settled = Settled { captured: amount.minor, provider_id: Some(provider_id), card, decline_code: None };
            payment_store::settle(conn, id, PaymentState::Captured, &settled, now)?;
            accept(conn, &order, PaymentStatus::Paid, amount.minor, now)
        }
        Outcome::Authorized { provider_id, amount, card } => {
            require_amount(&payment, amount)?;
            let settled = Settled { captured: 0, provider_id: Some(provider_id), card, decline_code: None };
            payment_store::settle(conn, id, PaymentState::Authorized, &settled, now)?;
            accept(conn, &order, PaymentStatus::Authorized, 0, now)
        }
        Outcome::Declined { code } => {
            let settled = Settled { decline_code: Some(code), ..Settled::default() };
            payment_store::settle(conn, id, PaymentState::Declined, &settled, now)?;
            fail(conn, shop, &order, now)
        }
        Outcome::Voided => {
            payment_store::settle(conn, id, PaymentState::Voided, &Settled::default(), now)?;
            fail(conn, shop, &order, now)
        }
        Outcome::RequiresAction { .. } => wait(conn, &order, &payment, PaymentState::RequiresAction, now),
        Outcome::Processing | Outcome::NotKnown => wait(conn, &order, &payment, PaymentState::Processing, now),
    }
}

/// An order of which nothing is due stands as soon as it is placed.
///
/// # Errors
/// A database error.
pub fn accept_unpaid(conn: &mut Conn, id: crate::ids::OrderId, now: UtcTime) -> Result<OrderRow> {
    let order = transition::lock(conn, id)?;
    accept(conn, &order, PaymentStatus::Paid, 0, now)
}

/// A repeat is a no-op; money for what was declined or given up is not passed over in silence.
fn already_settled(order: OrderRow, payment: &PaymentRow, outcome: &Outcome) -> Result<OrderRow> {
    let given_up = matches!(payment.status, PaymentState::Declined | PaymentState::Voided);
    if given_up && matches!(outcome, Outcome::Captured { .. } | Outcome::Authorized { .. }) {
        return Err(Error::Internal(format!(
            "{}: the provider took money for a payment that was given up",
            payment.id
        )));
    }
    Ok(order)
}

fn require_amount(payment: &PaymentRow, amount: Money) -> Result<()> {
    if (amount.minor, amount.currency) == (payment.amount, payment.currency) {
        return Ok(());
    }
    Err(Error::Internal(format!("{}: the provider tells of another amount than was asked for", payment.id)))
}

/// The order stands: its hold becomes an allocation, its cart is closed, the sale is booked.
fn accept(
    conn: &mut Conn,
    order: &OrderRow,
    payment_status: PaymentStatus,
    paid: i64,
    now: UtcTime,
) -> Result<OrderRow> {
    inventory::allocate(conn, order.id)?;
    cart_store::complete(conn, order.cart_id, order.id, now)?;
    let sale =
        [(Account::Receivable, order.total), (Account::Sales, order.tax - order.total), (Account::Tax, -order.tax)];
    book(conn, order.id, order.currency, &sale, now)?;
    book(conn, order.id, order.currency, &[(Account::Sandbox, paid), (Account::Receivable, -paid)], now)?;
    order_store::set_money(conn, order.id, paid, 0)?;
    let to = Standing { status: OrderStatus::Open, payment_status, ..order.standing() };
    transition::transition(conn, order, to, now)
}

/// The order comes to nothing: its stock is free again, its cart open.
fn fail(conn: &mut Conn, shop: &Shop, order: &OrderRow, now: UtcTime) -> Result<OrderRow> {
    let variants = inventory::release(conn, order.id)?;
    availability::refresh(conn, &variants, shop.config.low_stock, now)?;
    let to = Standing { status: OrderStatus::Cancelled, payment_status: PaymentStatus::Failed, ..order.standing() };
    let failed = transition::transition(conn, order, to, now)?;
    cart_store::reopen(conn, order.cart_id, now)?;
    Ok(failed)
}

/// The provider's last word is still awaited.
fn wait(
    conn: &mut Conn,
    order: &OrderRow,
    payment: &PaymentRow,
    state: PaymentState,
    now: UtcTime,
) -> Result<OrderRow> {
    let payment_status = match state {
        PaymentState::RequiresAction => PaymentStatus::RequiresAction,
        _ => PaymentStatus::Processing,
    };
    if payment.status != state {
        payment_store::settle(conn, payment.id, state, &Settled::default(), now)?;
    }
    let to = Standing { payment_status, ..order.standing() };
    if order.standing() == to { Ok(order.clone()) } else { transition::transition(conn, order, to, now) }
}
