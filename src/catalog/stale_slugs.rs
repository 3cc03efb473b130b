//! Writes the slugs of values anew, once after an upgrade that makes others of the same values.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::filterable::{self, AttributeValue, Filterable};
use crate::{
    db::{
        Conn, dialect,
        schema::{product_attribute_values as values, products},
        state,
    },
    error::Result,
    ids::ProductId,
    lock_rows,
    shop::Shop,
};

/// The row in `shop_state` by which a migration says that slugs are stale. It holds the last product that was written,
/// so that the next run goes on where one was interrupted.
pub const STALE: &str = "stale_attribute_slugs";

/// Writes anew what products are filtered by, where that is stale.
///
/// # Errors
/// A database error; what was written until then stays.
pub fn renew(shop: &Shop) -> Result<()> {
    if shop.db.read_blocking(|conn| Ok(state::get(conn, STALE)?))?.is_none() {
        return Ok(());
    }
    log::info!("the slugs of attribute values are written anew");
    while shop.db.write_blocking(|conn| Ok(renew_some(conn)?))? {}
    Ok(())
}

/// Writes those of some products; says whether there may be more.
fn renew_some(conn: &mut Conn) -> QueryResult<bool> {
    let Some(last) = state::get(conn, STALE)? else { return Ok(false) };
    dialect::hold_definitions(conn)?;
    let after = last.parse::<ProductId>().ok();
    let ids = filterable::ids_after(conn, after)?;
    let Some(end) = ids.last() else {
        state::forget(conn, STALE)?;
        return Ok(false);
    };
    lock_rows!(conn, products::table.filter(products::id.eq_any(&ids)).order(products::id.asc()).select(products::id))?;
    let filterable = Filterable::load(conn)?;
    let there: Vec<(ProductId, String, String)> = values::table
        .filter(values::product_id.eq_any(&ids))
        .select((values::product_id, values::key, values::slug))
        .load(conn)?;
    let mut slugs: HashMap<ProductId, BTreeSet<(String, String)>> = HashMap::new();
    for (id, key, slug) in there {
        slugs.entry(id).or_default().insert((key, slug));
    }
    for (id, found) in filterable::values_of_products(conn, &filterable, &ids)? {
        let slug_of = |(key, value): &(String, AttributeValue)| match value {
            AttributeValue::Text { slug, .. } => (key.clone(), slug.clone()),
            AttributeValue::Number(_) => (key.clone(), String::new()),
        };
        if slugs.remove(&id).unwrap_or_default() != found.iter().map(slug_of).collect() {
            diesel::delete(values::table.filter(values::product_id.eq(id))).execute(conn)?;
            filterable::insert(conn, id, found)?;
        }
    }
    state::change(conn, STALE, &end.to_string())?;
    Ok(true)
}
