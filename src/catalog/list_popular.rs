//! Lists by popularity: the products that have sold, the most popular first, and behind them those that have not.

use diesel::prelude::*;

use super::{
    list::{Key, ListedProduct, ProductFilter, beyond, narrow},
    store::SummaryRow,
};
use crate::{
    db::{
        Conn,
        schema::{product_popularity as popularity, product_price_ranges as ranges, products},
    },
    ids::ProductId,
    money::Currency,
};

/// A page, in reading order, with the ranks of its products.
pub(super) fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    limit: i64,
    key: Option<Key>,
    backwards: bool,
) -> QueryResult<Vec<ListedProduct>> {
    let (ranked_from, unranked_from) = match key {
        Some(Key::Price(None, id)) => (backwards.then_some(None), Some(Some(id))),
        Some(Key::Price(Some(rank), id)) => (Some(Some((rank, id))), (!backwards).then_some(None)),
        _ => (Some(None), Some(None)),
    };
    let mut rows = Vec::new();
    for of_ranked in if backwards { [false, true] } else { [true, false] } {
        // Also asked for no more rows: how often the database is asked must not depend on how many there are.
        let left = limit - rows.len() as i64;
        match (of_ranked, ranked_from, unranked_from) {
            (true, Some(from), _) => rows.extend(load_ranked(conn, filter, currency, backwards, left, from)?),
            (false, _, Some(from)) => rows.extend(load_unranked(conn, filter, currency, backwards, left, from)?),
            _ => {}
        }
    }
    Ok(rows)
}

/// Products with what they are sorted and filtered by.
macro_rules! with_ranks {
    ($currency:expr) => {
        products::table
            .left_join(popularity::table.on(popularity::product_id.eq(products::id)))
            .left_join(ranges::table.on(ranges::product_id.eq(products::id).and(ranges::currency.eq($currency))))
            .select((SummaryRow::as_select(), popularity::rank.nullable()))
    };
}

fn load_ranked(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    backwards: bool,
    limit: i64,
    from: Option<(i64, ProductId)>,
) -> QueryResult<Vec<ListedProduct>> {
    // The id of the index of ranks, so that databases may go through it in its order.
    let (rank, id) = (popularity::rank.assume_not_null(), popularity::product_id);
    let mut query = with_ranks!(currency).filter(popularity::rank.is_not_null()).limit(limit).into_boxed();
    narrow!(query, filter);
    query = match (from, backwards) {
        (None, _) => query,
        (Some((of_row, own)), false) => query.filter(beyond!(rank, lt or le of_row, id, gt own)),
        (Some((of_row, own)), true) => query.filter(beyond!(rank, gt or ge of_row, id, lt own)),
    };
    match backwards {
        false => query.order((popularity::rank.desc(), popularity::product_id.asc())).load(conn),
        true => query.order((popularity::rank.asc(), popularity::product_id.desc())).load(conn),
    }
}

fn load_unranked(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    backwards: bool,
    limit: i64,
    from: Option<ProductId>,
) -> QueryResult<Vec<ListedProduct>> {
    let mut query = with_ranks!(currency).filter(popularity::rank.is_null()).limit(limit).into_boxed();
    narrow!(query, filter);
    query = match (from, backwards) {
        (None, _) => query,
        (Some(id), false) => query.filter(products::id.gt(id)),
        (Some(id), true) => query.filter(products::id.lt(id)),
    };
    match backwards {
        false => query.order(products::id.asc()).load(conn),
        true => query.order(products::id.desc()).load(conn),
    }
}
