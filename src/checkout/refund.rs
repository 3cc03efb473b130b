//! Gives money back: a pending refund first, then the provider, then the books.

use crate::{
    catalog::availability,
    db::Conn,
    error::{Code, Error, Result},
    ids::{OrderId, RefundId},
    inventory,
    money::Money,
    orders::{
        model::OrderRow,
        standing::{FulfillmentStatus, OrderStatus, PaymentStatus, Standing},
        store as order_store, transition,
    },
    payments::{
        ledger::{Account, book},
        provider::RefundRequest,
        providers::{Providers, in_time},
        store::{self as payment_store, RefundLineRow, RefundRow, RefundState},
    },
    shop::Shop,
    time::UtcTime,
};

/// Begins to refund all that is left of an order.
///
/// # Errors
/// 409 `nothing_left`.
pub fn begin_full_refund(
    conn: &mut Conn,
    order_id: OrderId,
    reason: Option<Vec<u8>>,
    now: UtcTime,
) -> Result<RefundRow> {
    let nothing_left = || Error::problem(Code::NothingLeft, "Nothing that was paid is left to refund.");
    transition::lock(conn, order_id)?;
    let payments = payment_store::load_of_orders(conn, &[order_id])?;
    let payment = payments.into_iter().find(|it| it.captured > it.refunded).ok_or_else(nothing_left)?;
    let row = RefundRow {
        id: RefundId::new(),
        order_id,
        payment_id: payment.id,
        status: RefundState::Pending,
        amount: payment.captured - payment.refunded,
        reason,
        call_began_at: now,
        created_at: now,
        updated_at: now,
    };
    let lines: Vec<RefundLineRow> = order_store::load_lines(conn, &[order_id])?
        .into_iter()
        .filter(|it| it.refunded_quantity < it.quantity)
        .map(|it| RefundLineRow {
            refund_id: row.id,
            line_id: it.id,
            quantity: it.quantity - it.refunded_quantity,
            restocked: false,
        })
        .collect();
    if payment_store::begin_refund(conn, &row, &lines)? { Ok(row) } else { Err(nothing_left()) }
}

/// Asks the provider for a pending refund and books its answer. Asking twice refunds once.
///
/// # Errors
/// [`Error::Unavailable`] where the provider does not answer: the refund stays pending, and the sweeper asks again.
pub async fn finish_refund(shop: &Shop, providers: &Providers, id: RefundId) -> Result<OrderRow> {
    let (refund, payment) = shop
        .db
        .read(move |conn| {
            let refund = payment_store::find_refund(conn, id)?;
            let payment = payment_store::find(conn, refund.payment_id)?;
            Ok((refund, payment))
        })
        .await?;
    let provider = providers.named(&payment.provider).ok_or_else(|| super::give_up::unknown(&payment))?;
    let request = RefundRequest {
        refund_reference: id,
        reference: payment.id,
        amount: Money::new(refund.amount, payment.currency),
    };
    let state = match in_time(provider.refund(request)).await {
        Ok(_) => RefundState::Succeeded,
        Err(error) if error.leaves_doubt() => {
            log::warn!("{id}: the provider did not answer: {error:?}");
            return Err(Error::Unavailable("the payment provider does not answer"));
        }
        Err(error) => {
            log::error!("{id}: the provider refused: {error:?}");
            RefundState::Failed
        }
    };
    let (context, now) = (shop.clone(), shop.clock.now());
    shop.db.write(move |conn| settle_refund(conn, &context, id, state, now)).await
}

/// Books how a refund ended: once, whoever brings the word.
fn settle_refund(conn: &mut Conn, shop: &Shop, id: RefundId, state: RefundState, now: UtcTime) -> Result<OrderRow> {
    let refund = payment_store::find_refund(conn, id)?;
    let order = transition::lock(conn, refund.order_id)?;
    if !payment_store::end_refund(conn, &refund, state, now)? || state == RefundState::Failed {
        return Ok(order);
    }
    let entries = [(Account::Refunds, refund.amount), (Account::Sandbox, -refund.amount)];
    book(conn, order.id, order.currency, &entries, now)?;
    order_store::set_money(conn, order.id, order.paid, order.refunded + refund.amount)?;
    for line in payment_store::load_refund_lines(conn, &[id])? {
        order_store::add_refunded(conn, line.line_id, line.quantity, 0)?;
    }
    // What was paid back and has not left will not leave: its stock is free again.
    let variants = inventory::release(conn, order.id)?;
    availability::refresh(conn, &variants, shop.config.low_stock, now)?;
    let all = order.refunded + refund.amount == order.paid;
    let nothing_left_the_house = order.fulfillment_status == FulfillmentStatus::Unfulfilled;
    let to = Standing {
        status: if all && nothing_left_the_house { OrderStatus::Cancelled } else { order.status },
        payment_status: if all { PaymentStatus::Refunded } else { PaymentStatus::PartiallyRefunded },
        ..order.standing()
    };
    transition::transition(conn, &order, to, now)
}
