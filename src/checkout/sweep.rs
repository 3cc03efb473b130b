//! Finishes what was left behind: payments whose answer never came, holds past their deadline, refunds half done.
//!
//! Any number of replicas may sweep at once: whatever they find ends in the same monotonic functions.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    give_up::{unknown, void},
    refund::finish_refund,
    settle::settle,
};
use crate::{
    error::Result,
    http::idempotency,
    orders::store as order_store,
    payments::{
        provider::Outcome,
        providers::{Providers, in_time},
        store::{self as payment_store, PaymentRow},
    },
    shop::Shop,
};

/// How often the sweeper looks.
pub const EVERY: Duration = Duration::from_secs(10);
/// A call that began longer ago than this has no living caller any more.
const ABANDONED_AFTER: TimeDelta = TimeDelta::seconds(20);
const BATCH: i64 = 100;

/// Sweeps for ever.
pub async fn run(shop: Shop, providers: Providers) {
    loop {
        if let Err(error) = sweep(&shop, &providers).await {
            log::error!("the sweeper: {error}");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Looks once at everything that was left behind.
///
/// # Errors
/// Where the database fails; one payment that cannot be finished does not hold up the others.
pub async fn sweep(shop: &Shop, providers: &Providers) -> Result<()> {
    let now = shop.clock.now();
    let before = now.plus(-ABANDONED_AFTER);
    let (payments, refunds) = shop
        .db
        .read(move |conn| {
            let payments = payment_store::load_unsettled(conn, before, BATCH)?;
            Ok((payments, payment_store::load_pending_refunds(conn, before, BATCH)?))
        })
        .await?;
    for payment in payments {
        if let Err(error) = finish(shop, providers, &payment).await {
            log::error!("{}: {error}", payment.id);
        }
    }
    for refund in refunds {
        if let Err(error) = finish_refund(shop, providers, refund.id).await {
            log::error!("{}: {error}", refund.id);
        }
    }
    shop.db.write(move |conn| Ok(idempotency::forget_all_expired(conn, now)?)).await?;
    Ok(())
}

/// What the provider knows is booked as it says; what it does not know is voided there, so that it never will be.
async fn finish(shop: &Shop, providers: &Providers, payment: &PaymentRow) -> Result<()> {
    let provider = providers.named(&payment.provider).ok_or_else(|| unknown(payment))?.as_ref();
    let outcome = match in_time(provider.look_up(payment.id)).await {
        Ok(outcome) => outcome,
        Err(error) => {
            log::warn!("{}: the provider cannot be asked: {error:?}", payment.id);
            return Ok(());
        }
    };
    let (now, order_id) = (shop.clock.now(), payment.order_id);
    let expired =
        shop.db.read(move |conn| Ok(order_store::find(conn, order_id)?)).await?.deadline.is_none_or(|it| it <= now);
    match outcome {
        Outcome::NotKnown => void(shop, provider, payment).await.map(drop),
        Outcome::Processing | Outcome::RequiresAction { .. } if expired => {
            void(shop, provider, payment).await.map(drop)
        }
        outcome => {
            let (context, id) = (shop.clone(), payment.id);
            shop.db.write(move |conn| settle(conn, &context, id, outcome.clone(), now).map(drop)).await
        }
    }
}
