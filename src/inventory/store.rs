//! Rows of stock.

use std::collections::HashMap;

use diesel::prelude::*;

use super::ledger::{Cause, Movement, write_movement};
use crate::{
    db::{
        Conn,
        schema::{locations, stock_items, stock_levels},
    },
    ids::{LocationId, VariantId},
    time::UtcTime,
};

/// Stock of one variant at one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_levels)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct StockLevel {
    pub variant_id: VariantId,
    pub location_id: LocationId,
    pub on_hand: i64,
    pub reserved: i64,
    pub backordered: i64,
    pub safety_stock: i64,
}

impl StockLevel {
    /// Units that can still be sold; negative where more is reserved than may be.
    pub fn available(&self) -> i64 {
        self.on_hand - self.reserved - self.safety_stock
    }
}

/// What an editor sees as one resource.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_items)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct StockItem {
    pub variant_id: VariantId,
    pub version: i64,
    pub updated_at: UtcTime,
}

/// The location of a shop that has named none: made when it is first needed.
///
/// # Errors
/// A database error.
pub fn default_location(conn: &mut Conn, now: UtcTime) -> QueryResult<LocationId> {
    let first =
        |conn: &mut Conn| locations::table.order(locations::id.asc()).select(locations::id).first(conn).optional();
    if let Some(id) = first(conn)? {
        return Ok(id);
    }
    let row = (locations::id.eq(LocationId::new()), locations::name.eq("Main"), locations::created_at.eq(now));
    diesel::insert_into(locations::table).values(row).execute(conn)?;
    // Another transaction may have made one too; all take the first.
    Ok(first(conn)?.unwrap_or_default())
}

/// Gives new variants their units on the shelf.
///
/// # Errors
/// A database error.
pub fn create_stock(conn: &mut Conn, stock: &[(VariantId, i64)], now: UtcTime) -> QueryResult<()> {
    let location_id = default_location(conn, now)?;
    // Row by row: such a statement is kept prepared, one for several rows is not.
    for &(variant_id, on_hand) in stock {
        let item = StockItem { variant_id, version: 1, updated_at: now };
        diesel::insert_into(stock_items::table).values(&item).execute(conn)?;
        let level = StockLevel { variant_id, location_id, on_hand, reserved: 0, backordered: 0, safety_stock: 0 };
        diesel::insert_into(stock_levels::table).values(&level).execute(conn)?;
        if on_hand != 0 {
            let movement = Movement {
                variant_id,
                location_id,
                delta: on_hand,
                cause: Cause::Initial,
                reason: None,
                order_id: None,
                actor_id: None,
            };
            write_movement(conn, now, &movement)?;
        }
    }
    Ok(())
}

/// The levels of some variants, by variant and location.
///
/// # Errors
/// A database error.
pub fn load_levels(conn: &mut Conn, variant_ids: &[VariantId]) -> QueryResult<Vec<StockLevel>> {
    stock_levels::table
        .filter(stock_levels::variant_id.eq_any(variant_ids))
        .order((stock_levels::variant_id.asc(), stock_levels::location_id.asc()))
        .select(StockLevel::as_select())
        .load(conn)
}

/// The stock resource of a variant.
///
/// # Errors
/// A database error.
pub fn find_item(conn: &mut Conn, variant_id: VariantId) -> QueryResult<Option<StockItem>> {
    stock_items::table.find(variant_id).select(StockItem::as_select()).first(conn).optional()
}

/// Units of each variant that can be had, over all locations; a variant without stock is left out.
///
/// # Errors
/// A database error.
pub fn available_units(conn: &mut Conn, variant_ids: &[VariantId]) -> QueryResult<HashMap<VariantId, i64>> {
    let mut units = HashMap::new();
    for level in load_levels(conn, variant_ids)? {
        *units.entry(level.variant_id).or_insert(0) += level.available().max(0);
    }
    Ok(units)
}

/// Units of each variant on the shelf, reserved ones included, over all locations; a variant without stock is left out.
///
/// # Errors
/// A database error.
pub fn units_on_hand(conn: &mut Conn, variant_ids: &[VariantId]) -> QueryResult<HashMap<VariantId, i64>> {
    let mut units = HashMap::new();
    // SQLite takes no more than 32,766 parameters.
    for ids in variant_ids.chunks(10_000) {
        for level in load_levels(conn, ids)? {
            *units.entry(level.variant_id).or_insert(0) += level.on_hand;
        }
    }
    Ok(units)
}
