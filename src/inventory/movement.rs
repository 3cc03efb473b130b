//! What counts and adjustments share: the lock, the guarded change of a level, the ledger row, the version, the event.

use diesel::prelude::*;
use serde_json::json;

use super::{
    ledger::{Cause, Movement, write_movement},
    store::{self, StockItem, StockLevel},
};
use crate::{
    db::{
        Conn,
        schema::{stock_items, stock_levels},
    },
    error::{Code, Error, Problem, Result},
    events::{EventType, record},
    ids::{LocationId, VariantId},
    lock_rows,
    time::UtcTime,
};

/// A change of stock on hand that somebody asks for.
pub(super) struct Change {
    pub(super) location_id: LocationId,
    pub(super) delta: i64,
    pub(super) cause: Cause,
    pub(super) reason: Option<String>,
    pub(super) actor_id: Option<String>,
}

/// Locks a variant's stock, its levels included: nothing is reserved or shipped meanwhile.
pub(super) fn lock(conn: &mut Conn, variant_id: VariantId) -> Result<StockItem> {
    let own = stock_levels::table.filter(stock_levels::variant_id.eq(variant_id));
    lock_rows!(conn, own.order(stock_levels::location_id.asc()).select(stock_levels::location_id))?;
    lock_rows!(conn, stock_items::table.find(variant_id).select(stock_items::variant_id))?;
    store::find_item(conn, variant_id)?.ok_or_else(Error::not_found)
}

/// Makes the change, with all that hangs on it.
pub(super) fn book(conn: &mut Conn, item: &StockItem, change: &Change, now: UtcTime) -> Result<()> {
    let StockItem { variant_id, version, updated_at: _ } = *item;
    change_level(conn, variant_id, change)?;
    let Change { location_id, delta, cause, reason, actor_id } = change;
    let movement = Movement {
        variant_id,
        location_id: *location_id,
        delta: *delta,
        cause: *cause,
        reason: reason.clone(),
        order_id: None,
        actor_id: actor_id.clone(),
    };
    write_movement(conn, now, &movement)?;
    diesel::update(stock_items::table.find(variant_id).filter(stock_items::version.eq(version)))
        .set((stock_items::version.eq(version + 1), stock_items::updated_at.eq(now)))
        .execute(conn)?;
    let data = json!({"location_id": location_id, "delta": delta, "cause": cause});
    Ok(record(conn, now, EventType::InventoryChanged, variant_id.as_str(), version + 1, data)?)
}

/// Never below what is reserved. A variant that has never been at the location begins there with nothing.
fn change_level(conn: &mut Conn, variant_id: VariantId, change: &Change) -> Result<()> {
    let Change { location_id, delta, .. } = change;
    let level = stock_levels::table.find((variant_id, *location_id));
    let left = stock_levels::on_hand + *delta;
    let changed = diesel::update(level.filter(left.ge(stock_levels::reserved)))
        .set(stock_levels::on_hand.eq(stock_levels::on_hand + *delta))
        .execute(conn)?;
    if changed == 1 {
        return Ok(());
    }
    let present: Option<StockLevel> = level.select(StockLevel::as_select()).first(conn).optional()?;
    match present {
        None if *delta > 0 => {
            let level = StockLevel {
                variant_id,
                location_id: *location_id,
                on_hand: *delta,
                reserved: 0,
                backordered: 0,
                safety_stock: 0,
            };
            diesel::insert_into(stock_levels::table).values(&level).execute(conn)?;
            Ok(())
        }
        present => {
            let (on_hand, reserved) = present.map_or((0, 0), |it| (it.on_hand, it.reserved));
            let detail = "Less would be left on the shelf than is reserved for orders.";
            let problem = Problem::new(Code::InsufficientStock, detail);
            Err(problem.with("on_hand", on_hand).with("reserved", reserved).into())
        }
    }
}
