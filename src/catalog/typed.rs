//! Products by what the staff type: words of their names, or how one of their codes begins. Unlike the search index it
//! knows products of every state.

use std::collections::HashSet;

use diesel::prelude::*;

use super::{
    condition::{Condition, told},
    list::{self, ProductFilter},
    model::ProductStatus,
};
use crate::{
    db::{
        Conn,
        schema::{products, variants},
    },
    ids::ProductId,
    money::Currency,
    text::fold,
};

/// The most products that a text finds, and each of its looks into an index.
pub const MOST: usize = 1000;
/// Words of a text that are looked for.
const WORDS: usize = 10;
/// Stands behind all that begins with what it follows.
const LAST: char = '\u{10ffff}';

/// Those products of a filter that a text may mean: whose name has each of its words, be it within another, or of which
/// the external id, or a variant's SKU, barcode or external id, begins with it as it stands or in capitals. Where they are
/// too many, those by a code come first, then those that are published, then drafts, by name.
///
/// Eleven statements at most, each of which reads one index.
///
/// # Errors
/// A database error.
pub fn products_meant(
    conn: &mut Conn,
    text: &str,
    filter: &ProductFilter,
    currency: Currency,
) -> QueryResult<Vec<ProductId>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = by_code(conn, text, filter, currency)?;
    for state in filter.states() {
        found.extend(by_name(conn, text, state, filter, currency)?);
    }
    let mut seen = HashSet::new();
    found.retain(|id| seen.insert(*id));
    found.truncate(MOST);
    Ok(found)
}

/// One state at a time, so that names are read in the order of their index, and no product beside it.
fn by_name(
    conn: &mut Conn,
    text: &str,
    state: ProductStatus,
    filter: &ProductFilter,
    currency: Currency,
) -> QueryResult<Vec<ProductId>> {
    let mut query = products::table
        .filter(products::status.eq(state))
        .order((products::name_folded.asc(), products::id.asc()))
        .limit(MOST as i64)
        .select(products::id)
        .into_boxed();
    for word in fold(text).split_whitespace().take(WORDS) {
        query = query.filter(products::name_folded.like(within(word)).escape('\\'));
    }
    let others = ProductFilter { statuses: None, ..filter.clone() };
    for condition in list::conditions_beside_order(&others, currency) {
        query = query.filter(condition);
    }
    query.load(conn)
}

/// The pattern of texts that a word stands in.
fn within(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// One way to write it at a time, so that codes are read in the order of their index: of two ranges SQLite would sort all
/// that lies in them.
fn by_code(conn: &mut Conn, text: &str, filter: &ProductFilter, currency: Currency) -> QueryResult<Vec<ProductId>> {
    let mut ways = vec![text.to_owned(), text.to_uppercase()];
    ways.dedup();
    // Told of each product that a code leads to: asked by it, databases may look for what it admits first.
    let is_admitted = || told(Condition::all(list::conditions_beside_order(filter, currency).collect())).eq(true);
    let mut found = Vec::new();
    for begun in &ways {
        let behind = format!("{begun}{LAST}");
        macro_rules! beginning {
            ($query:expr, $column:expr) => {
                let codes = $query.filter($column.ge(begun)).filter($column.lt(&behind)).filter(is_admitted());
                let codes = codes.order($column.asc()).limit(MOST as i64);
                found.extend(codes.select(products::id).load::<ProductId>(conn)?);
            };
        }
        let of_variants = variants::table.inner_join(products::table);
        beginning!(products::table, products::external_id);
        beginning!(of_variants, variants::sku);
        beginning!(of_variants, variants::barcode);
        beginning!(of_variants, variants::external_id);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_pattern_elsewhere_is_a_letter_here() {
        assert_eq!(within("100%_a\\"), "%100\\%\\_a\\\\%");
    }
}
