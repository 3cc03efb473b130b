//! Lists by popularity: the products that have sold, the most popular first, and behind them those that have not.

use diesel::prelude::*;

use super::{
    condition::{Condition, told},
    list::{
        Key, ListedProduct, ProductFilter, beyond, conditions, load_by_id, load_in_two_parts, narrow_by_price,
        narrow_in_order_of_ids,
    },
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
    let ranked = |conn: &mut Conn, left, from| load_ranked(conn, filter, currency, backwards, left, from);
    let unranked = |conn: &mut Conn, left, from| load_unranked(conn, filter, currency, backwards, left, from);
    load_in_two_parts(conn, limit, key, backwards, ranked, unranked)
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
    // The conditions are asked for, not asked by: SQLite would read all that are published, and sort them by their ranks.
    let is_admitted = told(Condition::all(conditions(filter))).eq(true);
    let ranked = with_ranks!(currency).filter(popularity::rank.is_not_null()).filter(is_admitted);
    let mut query = ranked.limit(limit).into_boxed();
    narrow_by_price!(query, filter);
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
    narrow_in_order_of_ids!(query, filter);
    load_by_id!(conn, query, from, backwards)
}
