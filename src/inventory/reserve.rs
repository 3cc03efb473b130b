//! Takes stock for an order, gives it back, turns it into an allocation, ships it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::ledger::{Cause, Movement, write_movement};
use crate::{
    db::{
        Conn,
        schema::{reservations, stock_levels},
    },
    error::{Error, Result},
    ids::{LineId, LocationId, OrderId, VariantId},
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// What a reservation stands for.
    ReservationState {
        /// The payment runs.
        Held = "held",
        /// Paid, not yet shipped.
        Allocated = "allocated",
        /// Given back.
        Released = "released",
    }
}

/// Units wanted for one order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The order's line.
    pub line_id: LineId,
    /// What is wanted.
    pub variant_id: VariantId,
    /// How many.
    pub quantity: i64,
}

/// A variant of which there is less than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// The variant.
    pub variant_id: VariantId,
    /// Units that can be had.
    pub available: i64,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reservations)]
struct Reservation {
    line_id: LineId,
    variant_id: VariantId,
    location_id: LocationId,
    order_id: OrderId,
    state: ReservationState,
    quantity: i64,
    deadline: Option<UtcTime>,
    created_at: UtcTime,
}

/// Holds all that is wanted until `deadline`, or nothing and says what is short.
///
/// On a shortage the caller rolls the transaction back: what was taken before it was found is still marked.
///
/// # Errors
/// A database error.
pub fn reserve(
    conn: &mut Conn,
    order_id: OrderId,
    demands: &[Demand],
    deadline: UtcTime,
    now: UtcTime,
) -> QueryResult<Vec<Shortage>> {
    let mut by_variant: BTreeMap<VariantId, Vec<Demand>> = BTreeMap::new();
    for demand in demands {
        by_variant.entry(demand.variant_id).or_default().push(*demand);
    }
    let mut shortages = Vec::new();
    for (variant_id, demands) in by_variant {
        let wanted = demands.iter().map(|it| it.quantity).sum();
        match take(conn, variant_id, wanted)? {
            Some(location_id) => hold(conn, order_id, location_id, &demands, deadline, now)?,
            None => shortages.push(Shortage { variant_id, available: available(conn, variant_id)? }),
        }
    }
    Ok(shortages)
}

/// Marks `wanted` units at the first location that has them all.
fn take(conn: &mut Conn, variant_id: VariantId, wanted: i64) -> QueryResult<Option<LocationId>> {
    let places: Vec<LocationId> = stock_levels::table
        .filter(stock_levels::variant_id.eq(variant_id))
        .order(stock_levels::location_id.asc())
        .select(stock_levels::location_id)
        .load(conn)?;
    for location_id in places {
        let enough = (stock_levels::on_hand - stock_levels::reserved - stock_levels::safety_stock).ge(wanted);
        let taken = diesel::update(stock_levels::table.find((variant_id, location_id)).filter(enough))
            .set(stock_levels::reserved.eq(stock_levels::reserved + wanted))
            .execute(conn)?;
        if taken == 1 {
            return Ok(Some(location_id));
        }
    }
    Ok(None)
}

fn hold(
    conn: &mut Conn,
    order_id: OrderId,
    location_id: LocationId,
    demands: &[Demand],
    deadline: UtcTime,
    now: UtcTime,
) -> QueryResult<()> {
    for &Demand { line_id, variant_id, quantity } in demands {
        let state = ReservationState::Held;
        let deadline = Some(deadline);
        let row =
            Reservation { line_id, variant_id, location_id, order_id, state, quantity, deadline, created_at: now };
        diesel::insert_into(reservations::table).values(&row).execute(conn)?;
    }
    Ok(())
}

/// Units of a variant that can be had, over all locations.
pub(super) fn available(conn: &mut Conn, variant_id: VariantId) -> QueryResult<i64> {
    let levels = super::store::load_levels(conn, &[variant_id])?;
    Ok(levels.iter().map(|it| it.available().max(0)).sum())
}

/// Turns an order's holds into allocations: it is paid.
///
/// # Errors
/// A database error.
pub fn allocate(conn: &mut Conn, order_id: OrderId) -> QueryResult<()> {
    let held = reservations::table
        .filter(reservations::order_id.eq(order_id))
        .filter(reservations::state.eq(ReservationState::Held));
    diesel::update(held)
        .set((reservations::state.eq(ReservationState::Allocated), reservations::deadline.eq(None::<UtcTime>)))
        .execute(conn)
        .map(drop)
}

/// Gives back what an order still has reserved. Nothing moves in the ledger: nothing left the shelf.
///
/// Returns the variants that became more available.
///
/// # Errors
/// A database error.
pub fn release(conn: &mut Conn, order_id: OrderId) -> QueryResult<Vec<VariantId>> {
    let mut released = Vec::new();
    for row in standing(conn, order_id)? {
        diesel::update(stock_levels::table.find((row.variant_id, row.location_id)))
            .set(stock_levels::reserved.eq(stock_levels::reserved - row.quantity))
            .execute(conn)?;
        diesel::update(reservations::table.find((row.line_id, row.location_id)))
            .set((
                reservations::state.eq(ReservationState::Released),
                reservations::quantity.eq(0),
                reservations::deadline.eq(None::<UtcTime>),
            ))
            .execute(conn)?;
        released.push(row.variant_id);
    }
    Ok(released)
}

/// An order's reservations that still hold units, in the order in which rows are locked.
fn standing(conn: &mut Conn, order_id: OrderId) -> QueryResult<Vec<Reservation>> {
    reservations::table
        .filter(reservations::order_id.eq(order_id))
        .filter(reservations::quantity.gt(0))
        .order((reservations::variant_id.asc(), reservations::line_id.asc()))
        .select(Reservation::as_select())
        .load(conn)
}

/// Takes allocated units off the shelf: they are shipped.
///
/// # Errors
/// [`Error::Internal`] where less is allocated than is to be shipped, which the order's own counts rule out.
pub fn ship(
    conn: &mut Conn,
    order_id: OrderId,
    line_id: LineId,
    quantity: i64,
    actor_id: Option<&str>,
    now: UtcTime,
) -> Result<()> {
    let mut left = quantity;
    let rows = standing(conn, order_id)?;
    for row in rows.into_iter().filter(|it| it.line_id == line_id && it.state == ReservationState::Allocated) {
        let part = row.quantity.min(left);
        if part == 0 {
            break;
        }
        left -= part;
        diesel::update(stock_levels::table.find((row.variant_id, row.location_id)))
            .set((
                stock_levels::on_hand.eq(stock_levels::on_hand - part),
                stock_levels::reserved.eq(stock_levels::reserved - part),
            ))
            .execute(conn)?;
        diesel::update(reservations::table.find((row.line_id, row.location_id)))
            .set(reservations::quantity.eq(reservations::quantity - part))
            .execute(conn)?;
        let movement = Movement {
            variant_id: row.variant_id,
            location_id: row.location_id,
            delta: -part,
            cause: Cause::Sale,
            reason: None,
            order_id: Some(order_id),
            actor_id: actor_id.map(str::to_owned),
        };
        write_movement(conn, now, &movement)?;
    }
    if left > 0 {
        return Err(Error::Internal(format!("{order_id}: {left} units of {line_id} are not allocated")));
    }
    Ok(())
}
