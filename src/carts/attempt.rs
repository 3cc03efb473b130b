//! A cart that is being paid for is opened again by giving the attempt up; how is the checkout's business.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{
    error::{Code, Error, Result},
    ids::OrderId,
};

/// Gives up an order's unfinished payment. An error says why the order stands.
#[derive(Clone)]
pub struct GiveUp(pub Arc<dyn Fn(OrderId) -> BoxFuture<'static, Result<()>> + Send + Sync>);

/// The order whose payment keeps the cart closed, where that is what the error says.
fn blocking_order(error: &Error) -> Option<OrderId> {
    match error {
        Error::Problem(problem) if problem.code == Code::CheckoutInProgress => {
            problem.members.get("order_id").and_then(Value::as_str)?.parse().ok()
        }
        _ => None,
    }
}

/// Runs a write to a cart; where a payment is in its way, gives that up and runs the write again.
///
/// # Errors
/// What the write returns, or why the payment could not be given up.
pub async fn write_giving_up<T, F: Future<Output = Result<T>>>(give_up: &GiveUp, write: impl Fn() -> F) -> Result<T> {
    match write().await {
        Err(error) => match blocking_order(&error) {
            Some(order_id) => {
                (give_up.0)(order_id).await?;
                write().await
            }
            None => Err(error),
        },
        done => done,
    }
}
