//! What stock amounts to for shoppers: kept on variants and products, and changed only when a threshold is crossed.
//!
//! The columns belong to the catalogue; this asks it to change them.

use diesel::prelude::*;

use super::store::load_levels;
use crate::{
    catalog::{availability as shown, model::Availability},
    db::Conn,
    ids::VariantId,
    time::UtcTime,
};

/// Brings the shown availability of these variants in line with their stock.
///
/// # Errors
/// A database error.
pub fn refresh(conn: &mut Conn, variant_ids: &[VariantId], low_stock: i64, now: UtcTime) -> QueryResult<()> {
    let levels = load_levels(conn, variant_ids)?;
    let now_shown = variant_ids.iter().map(|&variant_id| {
        let units = levels.iter().filter(|it| it.variant_id == variant_id).map(|it| it.available().max(0)).sum();
        (variant_id, Availability::of_units(units, low_stock))
    });
    shown::show(conn, &now_shown.collect::<Vec<_>>(), now)
}
