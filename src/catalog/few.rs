//! Pages of lists whose products are known by their ids: a handful that was asked for, or what stands in a manual
//! collection.
//!
//! Which of them the filter admits is asked first; sorted and cut into pages they are here. The database, asked for ids
//! together with an order, walks through all products in that order instead: SQLite knows nothing of how many there are.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    collections::membership::Membership,
    list::{self, ListedProduct, ProductFilter, ProductSort},
    popularity,
    store::SummaryRow,
};
use crate::{
    db::{
        Conn,
        schema::{product_price_ranges as ranges, products},
    },
    error::{Code, Result, Violation},
    http::cursor::{PageRequest, Position},
    ids::ProductId,
    money::Currency,
    page::Direction,
    time::UtcTime,
};

/// What a product is sorted by: whether it stands behind all that have a number, its number, its name, its id.
pub(super) type Place = (bool, i64, String, ProductId);

/// One page in reading order, each product with the price, the rank or the place that it is sorted by. Three statements
/// at most, however many products there are.
///
/// # Errors
/// 400 `invalid_cursor`, and 400 for the order of a collection where the list is not of one manual collection.
pub fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    sort: ProductSort,
    page: &PageRequest<'_>,
) -> Result<Vec<ListedProduct>> {
    let key = page.position.as_ref().map(|position| place_of_cursor(sort, position)).transpose()?;
    let in_order = match sort {
        ProductSort::Position => Membership::in_order(filter.members.as_ref())?,
        _ => &[],
    };
    let admitted = list::admitted(conn, filter, currency)?;
    let numbers: HashMap<ProductId, i64> = match sort {
        ProductSort::Position => in_order.iter().map(|(place, id)| (*id, i64::from(*place))).collect(),
        ProductSort::Popularity => popularity::ranks_of(conn, &ids_of(&admitted))?,
        ProductSort::Price | ProductSort::PriceDescending => prices(conn, &admitted, currency)?,
        ProductSort::NewestFirst | ProductSort::Name => HashMap::new(),
    };
    let place = |(id, created_at, name): (ProductId, UtcTime, String)| {
        place(sort, id, created_at, name, numbers.get(&id).copied())
    };
    let mut places: Vec<Place> = admitted.into_iter().map(place).collect();
    places.sort_unstable();
    let most = usize::try_from(page.limit + 1).unwrap_or_default();
    let ids: Vec<ProductId> = match page.direction() {
        Direction::Next => {
            let behind = places.iter().filter(|place| key.as_ref().is_none_or(|key| *place > key));
            behind.take(most).map(|place| place.3).collect()
        }
        Direction::Prev => {
            let before = places.iter().rev().filter(|place| key.as_ref().is_none_or(|key| *place < key));
            before.take(most).map(|place| place.3).collect()
        }
    };
    let rows = products::table.filter(products::id.eq_any(&ids)).select(SummaryRow::as_select());
    let rows: Vec<SummaryRow> = rows.load(conn)?;
    let mut rows: HashMap<ProductId, SummaryRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.into_iter().filter_map(|id| Some((rows.remove(&id)?, numbers.get(&id).copied()))).collect())
}

fn ids_of(admitted: &[(ProductId, UtcTime, String)]) -> Vec<ProductId> {
    admitted.iter().map(|(id, ..)| *id).collect()
}

fn prices(
    conn: &mut Conn,
    of: &[(ProductId, UtcTime, String)],
    currency: Currency,
) -> QueryResult<HashMap<ProductId, i64>> {
    let own = ranges::table.filter(ranges::product_id.eq_any(ids_of(of)));
    let rows: Vec<(ProductId, Currency, i64)> =
        own.select((ranges::product_id, ranges::currency, ranges::min_amount)).load(conn)?;
    // The currency is looked at here: asked for it, SQLite reads the prices of all products.
    Ok(rows.into_iter().filter(|(_, of, _)| *of == currency).map(|(id, _, amount)| (id, amount)).collect())
}

/// Where a product stands in a list, by its number where it has one.
pub(super) fn place(sort: ProductSort, id: ProductId, created_at: UtcTime, name: String, number: Option<i64>) -> Place {
    match sort {
        ProductSort::NewestFirst => (false, -created_at.micros(), String::new(), id),
        ProductSort::Name => (false, 0, name, id),
        ProductSort::Price | ProductSort::Position => (number.is_none(), number.unwrap_or_default(), String::new(), id),
        ProductSort::PriceDescending | ProductSort::Popularity => {
            (number.is_none(), -number.unwrap_or_default(), String::new(), id)
        }
    }
}

/// The place that [`list::key_of`] has written down.
fn place_of_cursor(sort: ProductSort, position: &Position) -> Result<Place> {
    let read = || {
        let [value, id] = position.key.as_slice() else { return None };
        let id = id.as_str()?.parse().ok()?;
        let (created_at, name) = match sort {
            ProductSort::NewestFirst => (value.as_i64()?, String::new()),
            ProductSort::Name => (0, value.as_str()?.to_owned()),
            _ => (0, String::new()),
        };
        Some(place(sort, id, UtcTime::from_micros(created_at), name, value.as_i64()))
    };
    read().ok_or_else(|| Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into())
}
