//! Moves an order from one standing to the next: once, by the table, with one event.

use diesel::prelude::*;
use serde_json::json;

use super::{
    model::OrderRow,
    standing::{OrderStatus, Standing},
    store,
};
use crate::{
    db::{
        Conn,
        schema::{order_numbers, orders},
    },
    error::{Error, Result},
    events::{self, EventType},
    ids::OrderId,
    time::UtcTime,
};

/// Makes this transaction the only one that moves the order, and reads it.
///
/// # Errors
/// 404 where there is none.
pub fn lock(conn: &mut Conn, id: OrderId) -> Result<OrderRow> {
    // An update that changes nothing takes the row's lock on both databases.
    let locked = diesel::update(orders::table.find(id)).set(orders::version.eq(orders::version)).execute(conn)?;
    if locked == 0 {
        return Err(Error::not_found());
    }
    Ok(store::find(conn, id)?)
}

/// Writes the event of an order that was just made.
///
/// # Errors
/// A database error.
pub fn placed(conn: &mut Conn, order: &OrderRow, now: UtcTime) -> Result<()> {
    tell(conn, EventType::OrderPlaced, order, now)
}

/// Moves a locked order to `to`, gives it its number where it stands for the first time, and tells of it.
///
/// # Errors
/// [`Error::Internal`] where the table of states does not allow it: the callers look first.
pub fn transition(conn: &mut Conn, order: &OrderRow, to: Standing, now: UtcTime) -> Result<OrderRow> {
    let from = order.standing();
    if !from.may_become(to) {
        return Err(Error::Internal(format!("{}: {from:?} may not become {to:?}", order.id)));
    }
    let accepted = from.status == OrderStatus::Pending && to.status == OrderStatus::Open;
    let number = if accepted { Some(next_number(conn)?) } else { order.number };
    let deadline = order.deadline.filter(|_| to.status == OrderStatus::Pending);
    diesel::update(orders::table.find(order.id))
        .set((
            orders::status.eq(to.status),
            orders::payment_status.eq(to.payment_status),
            orders::fulfillment_status.eq(to.fulfillment_status),
            orders::number.eq(number),
            orders::deadline.eq(deadline),
            orders::version.eq(orders::version + 1),
            orders::updated_at.eq(now),
        ))
        .execute(conn)?;
    let moved = store::find(conn, order.id)?;
    tell(conn, from.event_to(to), &moved, now)?;
    Ok(moved)
}

fn tell(conn: &mut Conn, type_: EventType, order: &OrderRow, now: UtcTime) -> Result<()> {
    let data = json!(order.standing());
    Ok(events::record(conn, now, type_, order.id.as_str(), order.version, data)?)
}

/// Unique and rising; a transaction that fails leaves no gap, but none may rely on that.
fn next_number(conn: &mut Conn) -> QueryResult<i64> {
    diesel::update(order_numbers::table).set(order_numbers::last.eq(order_numbers::last + 1)).execute(conn)?;
    order_numbers::table.select(order_numbers::last).first(conn)
}
