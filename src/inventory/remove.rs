//! Takes the stock of variants that go out of the books.

use diesel::prelude::*;

use super::{
    ledger::{Cause, Movement, write_movement},
    store::load_levels,
};
use crate::{
    db::{
        Conn,
        schema::{stock_items, stock_levels},
    },
    error::{Code, Error, Result},
    ids::VariantId,
    lock_rows,
    time::UtcTime,
};

/// Removes all stock of these variants; what stood on the shelf leaves the ledger as an adjustment.
///
/// # Errors
/// 409 `in_use` while units of one are reserved or owed to an order.
pub fn remove(conn: &mut Conn, variant_ids: &[VariantId], actor_id: Option<&str>, now: UtcTime) -> Result<()> {
    let own = stock_levels::table.filter(stock_levels::variant_id.eq_any(variant_ids));
    let in_order = (stock_levels::variant_id.asc(), stock_levels::location_id.asc());
    lock_rows!(conn, own.select(stock_levels::variant_id).order(in_order))?;
    let levels = load_levels(conn, variant_ids)?;
    if levels.iter().any(|it| it.reserved > 0 || it.backordered > 0) {
        return Err(Error::problem(Code::InUse, "Units of it are reserved for orders that have not been shipped."));
    }
    for level in levels.iter().filter(|it| it.on_hand != 0) {
        let movement = Movement {
            variant_id: level.variant_id,
            location_id: level.location_id,
            delta: -level.on_hand,
            cause: Cause::Adjustment,
            reason: Some("The variant was deleted.".to_owned()),
            order_id: None,
            actor_id: actor_id.map(str::to_owned),
        };
        write_movement(conn, now, &movement)?;
    }
    // The levels go with the items.
    diesel::delete(stock_items::table.filter(stock_items::variant_id.eq_any(variant_ids))).execute(conn)?;
    Ok(())
}
