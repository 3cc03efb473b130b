//! Sets stock to what was counted on the shelf.

use super::{
    ledger::Cause,
    movement::{self, Change},
    store,
};
use crate::{db::Conn, error::Result, http::etag::IfMatch, ids::VariantId, time::UtcTime};

/// What was counted.
#[derive(Debug, Clone)]
pub struct Count {
    /// Units on the shelf, whether reserved or not.
    pub on_hand: i64,
    /// In somebody's words.
    pub reason: Option<String>,
}

/// Makes `on_hand` what was counted. A count that finds what the books say makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `insufficient_stock` where less was counted than is reserved.
pub fn count(
    conn: &mut Conn,
    variant_id: VariantId,
    condition: &IfMatch,
    counted: &Count,
    actor_id: Option<&str>,
    now: UtcTime,
) -> Result<()> {
    let item = movement::lock(conn, variant_id)?;
    condition.require(item.version)?;
    let levels = store::load_levels(conn, &[variant_id])?;
    let on_hand: i64 = levels.iter().map(|it| it.on_hand).sum();
    let delta = counted.on_hand - on_hand;
    if delta == 0 {
        return Ok(());
    }
    // A shop with several locations adjusts each by itself; a count of the whole corrects the first.
    let location_id = match levels.first() {
        Some(level) => level.location_id,
        None => store::default_location(conn, now)?,
    };
    let reason = counted.reason.clone();
    let change = Change { location_id, delta, cause: Cause::Count, reason, actor_id: actor_id.map(str::to_owned) };
    movement::book(conn, &item, &change, now)
}
