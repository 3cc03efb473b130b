//! The availability that shoppers see, on variants and products. A change is an event, but no new version: a sale never
//! makes an editor's write stale.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde_json::json;

use super::model::Availability;
use crate::{
    db::{
        Conn,
        schema::{products, variants},
    },
    events::{EventType, record},
    ids::{ProductId, VariantId},
    inventory, lock_rows,
    time::UtcTime,
};

/// Brings the shown availability of these variants in line with their stock. Called in the transaction that changed it.
///
/// # Errors
/// A database error.
pub fn refresh(conn: &mut Conn, variant_ids: &[VariantId], low_stock: i64, now: UtcTime) -> QueryResult<()> {
    let units = inventory::available_units(conn, variant_ids)?;
    let now_shown = variant_ids.iter().map(|id| {
        let units = units.get(id).copied().unwrap_or_default();
        (*id, Availability::of_units(units, low_stock))
    });
    show(conn, &now_shown.collect::<Vec<_>>(), now)
}

/// Shows these availabilities. Only rows that differ are written.
///
/// # Errors
/// A database error.
fn show(conn: &mut Conn, now_shown: &[(VariantId, Availability)], now: UtcTime) -> QueryResult<()> {
    let mut touched = BTreeSet::new();
    let ids: Vec<VariantId> = now_shown.iter().map(|(id, _)| *id).collect();
    let before: Vec<(VariantId, ProductId, Availability)> = variants::table
        .filter(variants::id.eq_any(&ids))
        .select((variants::id, variants::product_id, variants::availability))
        .load(conn)?;
    let mut changes = Vec::new();
    for &(id, product_id, old) in &before {
        let new = now_shown.iter().find(|(it, _)| *it == id).map_or(old, |(_, new)| *new);
        if new != old {
            changes.push((id, new));
            touched.insert(product_id);
        }
    }
    // Products before their variants, as an editor does, so that the two cannot wait for each other.
    let theirs = products::table.filter(products::id.eq_any(&touched)).order(products::id.asc()).select(products::id);
    lock_rows!(conn, theirs)?;
    for (id, new) in changes {
        diesel::update(variants::table.find(id)).set(variants::availability.eq(new)).execute(conn)?;
    }
    for product_id in touched {
        refresh_product(conn, product_id, now)?;
    }
    Ok(())
}

/// Brings a product's availability in line with its variants'.
///
/// # Errors
/// A database error.
fn refresh_product(conn: &mut Conn, product_id: ProductId, now: UtcTime) -> QueryResult<()> {
    let of_variants: Vec<Availability> =
        variants::table.filter(variants::product_id.eq(product_id)).select(variants::availability).load(conn)?;
    let best = Availability::best(of_variants);
    diesel::update(products::table.find(product_id)).set(products::availability.eq(best)).execute(conn)?;
    let version: i64 = products::table.find(product_id).select(products::version).first(conn)?;
    let data = json!({"availability": best});
    record(conn, now, EventType::AvailabilityChanged, product_id.as_str(), version, data)
}
