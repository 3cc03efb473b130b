//! Gives up an unfinished payment: asks the provider to void it, and books what the provider says.

use chrono::TimeDelta;

use super::settle::settle;
use crate::{
    error::{Code, Error, Problem, Result},
    ids::OrderId,
    orders::{
        model::OrderRow,
        standing::{OrderStatus, PaymentStatus},
        store as order_store,
    },
    payments::{
        provider::{Outcome, PaymentProvider},
        providers::{CALL_TIME, Providers, in_time},
        store::{self as payment_store, PaymentRow, PaymentState},
    },
    shop::Shop,
};

/// Gives up what an order still waits for. An order that was given up before stays so.
///
/// # Errors
/// 409 `checkout_in_progress` while the provider is being asked, 409 `order_paid` where it was paid after all.
pub async fn give_up(shop: &Shop, providers: &Providers, id: OrderId) -> Result<OrderRow> {
    let (order, unsettled) = shop.db.read(move |conn| unsettled(conn, id)).await?;
    let Some(payment) = unsettled else { return outcome_of(order) };
    let call_runs = payment.status == PaymentState::Initiated
        && payment.call_began_at.plus(TimeDelta::from_std(CALL_TIME).unwrap_or_default()) > shop.clock.now();
    if call_runs {
        return Err(in_progress(id));
    }
    let provider = providers.named(&payment.provider).ok_or_else(|| unknown(&payment))?;
    void(shop, provider.as_ref(), &payment).await.and_then(outcome_of)
}

type Unsettled = (OrderRow, Option<PaymentRow>);

fn unsettled(conn: &mut crate::db::Conn, id: OrderId) -> Result<Unsettled> {
    let order = order_store::find(conn, id)?;
    let payments = payment_store::load_of_orders(conn, &[id])?;
    Ok((order, payments.into_iter().find(|it| it.status.is_unsettled())))
}

/// Has the provider void a payment, and books its answer; what it does not know can never be charged any more.
///
/// # Errors
/// 409 `checkout_in_progress` where the provider does not answer.
pub async fn void(shop: &Shop, provider: &dyn PaymentProvider, payment: &PaymentRow) -> Result<OrderRow> {
    let outcome = match in_time(provider.void(payment.id)).await {
        Ok(Outcome::NotKnown) => Outcome::Voided,
        Ok(outcome) => outcome,
        Err(error) => {
            log::warn!("{}: the provider did not void: {error:?}", payment.id);
            return Err(in_progress(payment.order_id));
        }
    };
    let (context, id, now) = (shop.clone(), payment.id, shop.clock.now());
    shop.db.write(move |conn| settle(conn, &context, id, outcome.clone(), now)).await
}

fn outcome_of(order: OrderRow) -> Result<OrderRow> {
    match (order.status, order.payment_status) {
        (OrderStatus::Cancelled, _) => Ok(order),
        (_, PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::RequiresAction) => {
            Err(in_progress(order.id))
        }
        _ => Err(Problem::new(Code::OrderPaid, Code::OrderPaid.about()).with("order_id", order.id).into()),
    }
}

fn in_progress(id: OrderId) -> Error {
    Problem::new(Code::CheckoutInProgress, Code::CheckoutInProgress.about())
        .with("order_id", id)
        .with("retry_after", 1)
        .into()
}

/// A payment by a provider that this process does not have.
pub(super) fn unknown(payment: &PaymentRow) -> Error {
    Error::Internal(format!("{}: there is no provider {}", payment.id, payment.provider))
}
