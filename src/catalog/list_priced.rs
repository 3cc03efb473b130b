//! Lists by price: the priced products in the order of the index of prices, and behind them those without a price.

use diesel::prelude::*;

use super::{
    list::{Key, ListedProduct, ProductFilter, beyond, load_by_id, load_in_two_parts, narrow, narrow_in_order_of_ids},
    store::SummaryRow,
};
use crate::{
    db::{
        Conn,
        schema::{product_price_ranges as ranges, products},
    },
    ids::ProductId,
    money::Currency,
};

/// A page, in reading order, with the prices of its products.
pub(super) fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    descending: bool,
    limit: i64,
    key: Option<Key>,
    backwards: bool,
) -> QueryResult<Vec<ListedProduct>> {
    let falling = descending != backwards;
    let priced = |conn: &mut Conn, left, from| load_priced(conn, filter, currency, falling, backwards, left, from);
    let unpriced = |conn: &mut Conn, left, from| load_unpriced(conn, filter, currency, backwards, left, from);
    load_in_two_parts(conn, limit, key, backwards, priced, unpriced)
}

/// Priced products behind `from`, by falling or rising prices.
fn load_priced(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    falling: bool,
    backwards: bool,
    limit: i64,
    from: Option<(i64, ProductId)>,
) -> QueryResult<Vec<ListedProduct>> {
    let (amount, id) = (ranges::min_amount, ranges::product_id);
    let mut query = products::table
        .inner_join(ranges::table.on(ranges::product_id.eq(products::id).and(ranges::currency.eq(currency))))
        .select((SummaryRow::as_select(), amount.nullable()))
        .limit(limit)
        .into_boxed();
    narrow!(query, filter);
    query = match (from, falling, backwards) {
        (None, ..) => query,
        (Some((price, own)), false, false) => query.filter(beyond!(amount, gt or ge price, id, gt own)),
        (Some((price, own)), true, false) => query.filter(beyond!(amount, lt or le price, id, gt own)),
        (Some((price, own)), false, true) => query.filter(beyond!(amount, gt or ge price, id, lt own)),
        (Some((price, own)), true, true) => query.filter(beyond!(amount, lt or le price, id, lt own)),
    };
    let query = match (falling, backwards) {
        (false, false) => query.order((amount.asc(), id.asc())),
        (true, false) => query.order((amount.desc(), id.asc())),
        (false, true) => query.order((amount.asc(), id.desc())),
        (true, true) => query.order((amount.desc(), id.desc())),
    };
    query.load(conn)
}

/// Products without a price in the currency, behind `from`. No bound of prices admits any.
fn load_unpriced(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    backwards: bool,
    limit: i64,
    from: Option<ProductId>,
) -> QueryResult<Vec<ListedProduct>> {
    if filter.price_min.is_some() || filter.price_max.is_some() {
        return Ok(Vec::new());
    }
    let mut query = products::table
        .left_join(ranges::table.on(ranges::product_id.eq(products::id).and(ranges::currency.eq(currency))))
        .filter(ranges::min_amount.is_null())
        .select((SummaryRow::as_select(), ranges::min_amount.nullable()))
        .limit(limit)
        .into_boxed();
    narrow_in_order_of_ids!(query, filter);
    load_by_id!(conn, query, from, backwards)
}
