//! What the products have in common, for a form that says it once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::read::page;
use crate::{
    db::{Conn, schema::prices},
    money::Currency,
};

/// The most attributes that are told.
const TOLD: usize = 250;
/// The most attributes that are counted: what the first products do not have is rare.
const COUNTED: usize = 20_000;

/// What occurs in the products.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The keys of the attributes that the most products have, in the order of keys: 250 at most.
    pub attributes: BTreeSet<String>,
    /// All currencies in which something has a price.
    pub currencies: BTreeSet<Currency>,
    /// The most options of a product.
    pub options: usize,
}

/// Reads every product once.
///
/// # Errors
/// A database error.
pub fn summary(conn: &mut Conn) -> QueryResult<Summary> {
    let currencies: Vec<Currency> = prices::table.select(prices::currency).distinct().load(conn)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let (mut options, mut last) = (0, None);
    loop {
        let rows = page(conn, last)?;
        let Some(end) = rows.last().map(|row| row.id) else { break };
        last = Some(end);
        for row in rows {
            options = options.max(row.options.len());
            for key in row.attributes.keys() {
                if let Some(count) = counts.get_mut(key) {
                    *count += 1;
                } else if counts.len() < COUNTED {
                    counts.insert(key.clone(), 1);
                }
            }
        }
    }
    let mut by_count: Vec<(u64, String)> = counts.into_iter().map(|(key, count)| (count, key)).collect();
    by_count.sort_by(|(count, key), (other, other_key)| other.cmp(count).then_with(|| key.cmp(other_key)));
    let attributes = by_count.into_iter().take(TOLD).map(|(_, key)| key).collect();
    Ok(Summary { attributes, currencies: currencies.into_iter().collect(), options })
}
