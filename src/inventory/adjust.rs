//! Books a change of stock that another system, or a person, knows of.

use diesel::prelude::*;

use super::{
    ledger::Cause,
    movement::{self, Change},
    store,
};
use crate::{
    db::{Conn, schema::locations},
    error::{Code, Result, Violation},
    ids::{LocationId, VariantId},
    time::UtcTime,
};

/// The most units of a variant that are on the shelf, over all locations: no more can be counted there, nor imported.
const MOST_ON_HAND: i64 = 1_000_000_000;

/// A change to be booked.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// By how many units.
    pub delta: i64,
    /// Where; the shop's first location where it is not given.
    pub location_id: Option<LocationId>,
    /// Why, in somebody's words.
    pub reason: String,
}

/// Books an adjustment.
///
/// # Errors
/// 404, 422 for a delta of 0, for one that leaves too many, or an unknown location, 409 `insufficient_stock` where less would be left than is reserved.
pub fn adjust(
    conn: &mut Conn,
    variant_id: VariantId,
    adjustment: &Adjustment,
    actor_id: Option<&str>,
    now: UtcTime,
) -> Result<()> {
    let Adjustment { delta, location_id, reason } = adjustment.clone();
    if delta == 0 {
        return Err(Violation::at("#/delta", Code::ZeroAdjustment, "An adjustment changes stock: 0 does not.").into());
    }
    let item = movement::lock(conn, variant_id)?;
    let on_hand: i64 = store::load_levels(conn, &[variant_id])?.iter().map(|it| it.on_hand).sum();
    if on_hand + delta > MOST_ON_HAND {
        let detail = format!("More than {MOST_ON_HAND} would be on the shelf.");
        return Err(Violation::at("#/delta", Code::OutOfRange, detail).param("max", MOST_ON_HAND - on_hand).into());
    }
    let location_id = match location_id {
        Some(id) if is_location(conn, id)? => id,
        Some(_) => return Err(Violation::at("#/location_id", Code::NotFound, "There is no such location.").into()),
        None => store::default_location(conn, now)?,
    };
    let actor_id = actor_id.map(str::to_owned);
    let change = Change { location_id, delta, cause: Cause::Adjustment, reason: Some(reason), actor_id };
    movement::book(conn, &item, &change, now)
}

fn is_location(conn: &mut Conn, id: LocationId) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(locations::table.find(id))).get_result(conn)
}
