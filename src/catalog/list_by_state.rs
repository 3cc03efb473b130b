//! Lists by date and by name: the products of each state in the order of its index, put together. Asked for several states
//! at once, databases sort all that have one of them.

use diesel::prelude::*;

use super::{
    few::place,
    list::{Key, ListedProduct, ProductFilter, ProductSort, beyond, conditions_beside_order},
    store::SummaryRow,
};
use crate::{
    db::{Conn, schema::products},
    money::Currency,
};

/// A page, in reading order. One statement for each state that the filter admits.
pub(super) fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    sort: ProductSort,
    limit: i64,
    key: Option<Key>,
    backwards: bool,
) -> QueryResult<Vec<ListedProduct>> {
    let mut rows = Vec::new();
    for state in filter.states() {
        let of_state = ProductFilter { statuses: Some(vec![state]), ..filter.clone() };
        rows.extend(load(conn, &of_state, currency, sort, limit, key.as_ref(), backwards)?);
    }
    rows.sort_by_cached_key(|row| place(sort, row.id, row.created_at, row.name_folded.clone(), None));
    if backwards {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(rows.into_iter().map(|row| (row, None)).collect())
}

fn load(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    sort: ProductSort,
    limit: i64,
    key: Option<&Key>,
    backwards: bool,
) -> QueryResult<Vec<SummaryRow>> {
    let mut query = products::table.select(SummaryRow::as_select()).limit(limit).into_boxed();
    for condition in conditions_beside_order(filter, currency) {
        query = query.filter(condition);
    }
    let (created_at, name, id) = (products::created_at, products::name_folded, products::id);
    query = match (key, backwards) {
        (None | Some(Key::Number(..)), _) => query,
        (Some(Key::Created(at, own)), false) => query.filter(beyond!(created_at, lt or le *at, id, gt own)),
        (Some(Key::Created(at, own)), true) => query.filter(beyond!(created_at, gt or ge *at, id, lt own)),
        (Some(Key::Name(text, own)), false) => query.filter(beyond!(name, gt or ge text.as_str(), id, gt own)),
        (Some(Key::Name(text, own)), true) => query.filter(beyond!(name, lt or le text.as_str(), id, lt own)),
    };
    match (sort, backwards) {
        (ProductSort::Name, false) => query.order((name.asc(), id.asc())).load(conn),
        (ProductSort::Name, true) => query.order((name.desc(), id.desc())).load(conn),
        (_, false) => query.order((created_at.desc(), id.asc())).load(conn),
        (_, true) => query.order((created_at.asc(), id.desc())).load(conn),
    }
}
