//! The stock ledger: append-only, one row for each change of what stands on the shelf.

use diesel::prelude::*;

use crate::{
    db::{Conn, schema::stock_movements},
    ids::{LocationId, MovementId, OrderId, VariantId},
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// Why stock on hand has changed.
    Cause {
        /// The variant came with it.
        Initial = "initial",
        /// The shelf was counted.
        Count = "count",
        /// Another system booked it, or somebody corrected it.
        Adjustment = "adjustment",
        /// It was shipped to a buyer.
        Sale = "sale",
        /// A buyer's goods came back.
        Restock = "restock",
    }
}

/// A change of stock on hand.
#[derive(Debug, Clone)]
pub struct Movement {
    /// Of which variant.
    pub variant_id: VariantId,
    /// Where.
    pub location_id: LocationId,
    /// By how many units; not 0.
    pub delta: i64,
    /// Why.
    pub cause: Cause,
    /// Why, in somebody's words.
    pub reason: Option<String>,
    /// For which order.
    pub order_id: Option<OrderId>,
    /// Which staff member or API key did it.
    pub actor_id: Option<String>,
}

/// Writes a movement.
///
/// # Errors
/// A database error.
pub fn write_movement(conn: &mut Conn, now: UtcTime, movement: &Movement) -> QueryResult<()> {
    let Movement { variant_id, location_id, delta, cause, reason, order_id, actor_id } = movement;
    let row = (
        stock_movements::id.eq(MovementId::new()),
        stock_movements::variant_id.eq(variant_id),
        stock_movements::location_id.eq(location_id),
        stock_movements::delta.eq(delta),
        stock_movements::cause.eq(cause),
        stock_movements::reason.eq(reason),
        stock_movements::order_id.eq(order_id),
        stock_movements::actor_id.eq(actor_id),
        stock_movements::occurred_at.eq(now),
    );
    diesel::insert_into(stock_movements::table).values(row).execute(conn).map(drop)
}
