//! Lists of products: filters, sorts and pages by key.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{
    collections::membership::Membership,
    condition::{Condition, told},
    few,
    filterable::AttributeFilter,
    list_by_state, list_popular, list_priced,
    model::ProductStatus,
    parts,
    store::{ProductRow, SummaryRow},
    tree::CategoryTree,
    view::{Lens, ProductSummary},
};
use crate::{
    db::{
        Conn,
        schema::{product_price_ranges as ranges, products},
    },
    error::{Code, Error, Result, Violation},
    http::cursor::{PageRequest, Position},
    ids::{BrandId, CategoryId, ProductId},
    money::Currency,
    page::Direction,
    time::UtcTime,
};

/// How a list of products is sorted; the id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum ProductSort {
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
    /// By name.
    #[serde(rename = "name")]
    Name,
    /// Cheapest first.
    #[serde(rename = "price")]
    Price,
    /// Dearest first.
    #[serde(rename = "-price")]
    PriceDescending,
    /// In the order of the manual collection that the list is of.
    #[serde(rename = "position")]
    Position,
    /// What sells best first.
    #[serde(rename = "-popularity")]
    Popularity,
}

/// Which products a list holds. `None` does not narrow; an empty list holds nothing.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Any of these states.
    pub statuses: Option<Vec<ProductStatus>>,
    /// Any of these products.
    pub ids: Option<Vec<ProductId>>,
    /// Any of these categories (those below them have been added).
    pub categories: Option<Vec<CategoryId>>,
    /// Any of these brands.
    pub brands: Option<Vec<BrandId>>,
    /// The cheapest variant costs at least this, in minor units.
    pub price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units.
    pub price_max: Option<i64>,
    /// Whether it can be bought from the shelf.
    pub in_stock: Option<bool>,
    /// Made at or after this instant.
    pub created_from: Option<UtcTime>,
    /// Made before this instant.
    pub created_before: Option<UtcTime>,
    /// Filterable attributes and options, all of which must fit.
    pub attributes: Vec<AttributeFilter>,
    /// What is in any of some collections.
    pub members: Option<Membership>,
}

/// The conditions of a filter but those on prices.
pub(super) fn conditions(filter: &ProductFilter) -> Vec<Condition> {
    let ProductFilter {
        statuses,
        ids,
        categories,
        brands,
        price_min: _,
        price_max: _,
        in_stock,
        created_from,
        created_before,
        attributes,
        members,
    } = filter.clone();
    let made =
        (created_from.is_some() || created_before.is_some()).then(|| Condition::made(created_from, created_before));
    // What was put in one by one stands among the ids already.
    let members = members.filter(|it| !it.rules().is_empty());
    let given = [
        statuses.map(Condition::in_states),
        ids.map(Condition::one_of),
        categories.map(Condition::in_categories),
        brands.map(Condition::of_brands),
        in_stock.map(Condition::in_stock),
        made,
        members.map(|it| it.condition()),
    ];
    given.into_iter().flatten().chain(attributes.into_iter().map(Condition::has)).collect()
}

/// All conditions of a filter, where the list's order or ids say what is read. Joined with prices, SQLite would read all
/// between the bounds instead.
pub(super) fn conditions_beside_order(filter: &ProductFilter, currency: Currency) -> impl Iterator<Item = Condition> {
    let is_priced = filter.price_min.is_some() || filter.price_max.is_some();
    let priced = is_priced.then(|| Condition::costs(currency, filter.price_min, filter.price_max));
    conditions(filter).into_iter().chain(priced)
}

impl ProductFilter {
    /// The states that it admits: those that are published first, then drafts.
    pub(super) fn states(&self) -> impl Iterator<Item = ProductStatus> {
        let all = [ProductStatus::Published, ProductStatus::Draft, ProductStatus::Archived];
        all.into_iter().filter(|state| self.statuses.as_ref().is_none_or(|states| states.contains(state)))
    }
}

/// Adds the filter's conditions to a boxed query over products and price ranges, whatever it selects.
macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        for condition in $crate::catalog::list::conditions($filter) {
            $query = $query.filter(condition);
        }
        $crate::catalog::list::narrow_by_price!($query, $filter);
    };
}

pub(super) use narrow;

/// Adds the filter's bounds of prices to a boxed query over price ranges.
macro_rules! narrow_by_price {
    ($query:ident, $filter:expr) => {
        // The cheapest variant decides, as it does where products are sorted by price.
        if let Some(least) = $filter.price_min {
            $query = $query.filter(ranges::min_amount.ge(least));
        }
        if let Some(most) = $filter.price_max {
            $query = $query.filter(ranges::min_amount.le(most));
        }
    };
}

pub(super) use narrow_by_price;

/// Rows on one side of a row: by the sort value, or by the id where that is the same. The first condition follows from
/// the second; it is what databases look up in an index, instead of reading all rows before.
macro_rules! beyond {
    ($column:expr, $side:ident or $same:ident $value:expr, $id_column:expr, $side_of_id:ident $id:expr) => {
        $column.$same($value).and($column.$side($value).or($id_column.$side_of_id($id)))
    };
}

pub(super) use beyond;

/// As [`narrow!`], of a list in the order of ids: most products are published, and SQLite, asked for these, would read all
/// of them and sort them.
macro_rules! narrow_in_order_of_ids {
    ($query:ident, $filter:expr) => {
        let mut others = $filter.clone();
        let with_most = |states: &mut Vec<_>| states.contains(&$crate::catalog::model::ProductStatus::Published);
        if let Some(states) = others.statuses.take_if(with_most) {
            let is_in_state = $crate::catalog::condition::Condition::in_states(states);
            $query = $query.filter($crate::catalog::condition::told(is_in_state).eq(true));
        }
        $crate::catalog::list::narrow!($query, &others);
    };
}

pub(super) use narrow_in_order_of_ids;

/// Loads the rows of a query in the order of ids, from behind an id where one is given.
macro_rules! load_by_id {
    ($conn:expr, $query:expr, $from:expr, $backwards:expr) => {{
        let query = match ($from, $backwards) {
            (None, _) => $query,
            (Some(id), false) => $query.filter(products::id.gt(id)),
            (Some(id), true) => $query.filter(products::id.lt(id)),
        };
        match $backwards {
            false => query.order(products::id.asc()).load($conn),
            true => query.order(products::id.desc()).load($conn),
        }
    }};
}

pub(super) use load_by_id;

/// A row of a list, with the price, the rank or the place that it is sorted by.
pub type ListedProduct = (SummaryRow, Option<i64>);

/// One page of products, in reading order (see [`PageRequest::window`]).
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    sort: ProductSort,
    page: &PageRequest<'_>,
) -> Result<Vec<ListedProduct>> {
    if filter.ids.is_some() || sort == ProductSort::Position {
        return few::load_page(conn, filter, currency, sort, page);
    }
    let key = page.position.as_ref().map(|position| Key::read(sort, position)).transpose()?;
    let backwards = page.direction() == Direction::Prev;
    if matches!(sort, ProductSort::Price | ProductSort::PriceDescending) {
        let descending = sort == ProductSort::PriceDescending;
        return Ok(list_priced::load_page(conn, filter, currency, descending, page.limit + 1, key, backwards)?);
    }
    if sort == ProductSort::Popularity {
        return Ok(list_popular::load_page(conn, filter, currency, page.limit + 1, key, backwards)?);
    }
    Ok(list_by_state::load_page(conn, filter, currency, sort, page.limit + 1, key, backwards)?)
}

/// Those of the filter's products that it admits, with their times and names, in no order.
///
/// The conditions are asked for, not asked by: of some products, SQLite reads whatever fits one of these instead, be it
/// all that are published.
///
/// # Errors
/// A database error.
pub fn admitted(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
) -> QueryResult<Vec<(ProductId, UtcTime, String)>> {
    let ids = filter.ids.as_deref().unwrap_or_default();
    let others = ProductFilter { ids: None, ..filter.clone() };
    let is_admitted = told(Condition::all(conditions_beside_order(&others, currency).collect()));
    let of_these = products::table.filter(products::id.eq_any(ids));
    let rows: Vec<(ProductId, UtcTime, String, bool)> =
        of_these.select((products::id, products::created_at, products::name_folded, is_admitted)).load(conn)?;
    let admitted = rows.into_iter().filter(|(.., is_admitted)| *is_admitted);
    Ok(admitted.map(|(id, created_at, name, _)| (id, created_at, name)).collect())
}

/// A page of a list by a number that some products lack: those that have it come first. `numbered` and `others` load so
/// many of either, from behind a place in them or from where they begin.
pub(super) fn load_in_two_parts(
    conn: &mut Conn,
    limit: i64,
    key: Option<Key>,
    backwards: bool,
    numbered: impl Fn(&mut Conn, i64, Option<(i64, ProductId)>) -> QueryResult<Vec<ListedProduct>>,
    others: impl Fn(&mut Conn, i64, Option<ProductId>) -> QueryResult<Vec<ListedProduct>>,
) -> QueryResult<Vec<ListedProduct>> {
    let (numbered_from, others_from) = match key {
        Some(Key::Number(None, id)) => (backwards.then_some(None), Some(Some(id))),
        Some(Key::Number(Some(number), id)) => (Some(Some((number, id))), (!backwards).then_some(None)),
        _ => (Some(None), Some(None)),
    };
    let mut rows = Vec::new();
    for of_numbered in if backwards { [false, true] } else { [true, false] } {
        // Also asked for no more rows: how often the database is asked must not depend on how many there are.
        let left = limit - rows.len() as i64;
        match (of_numbered, numbered_from, others_from) {
            (true, Some(from), _) => rows.extend(numbered(conn, left, from)?),
            (false, _, Some(from)) => rows.extend(others(conn, left, from)?),
            _ => {}
        }
    }
    Ok(rows)
}

/// How many products the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &ProductFilter, currency: Currency) -> QueryResult<i64> {
    if filter.ids.is_some() {
        return Ok(admitted(conn, filter, currency)?.len() as i64);
    }
    let mut query = products::table
        .left_join(ranges::table.on(ranges::product_id.eq(products::id).and(ranges::currency.eq(currency))))
        .select(diesel::dsl::count_star())
        .into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// Those of these products that are published, in no order.
///
/// The state is looked at here: SQLite, asked for it together with the ids, walks through all published products.
///
/// # Errors
/// A database error.
pub fn published_of(conn: &mut Conn, ids: &[ProductId]) -> QueryResult<Vec<ProductRow>> {
    let mut rows: Vec<ProductRow> =
        products::table.filter(products::id.eq_any(ids)).select(ProductRow::as_select()).load(conn)?;
    rows.retain(|row| row.status == ProductStatus::Published);
    Ok(rows)
}

impl ProductFilter {
    /// The same filter, with what was put into its collections among its ids.
    pub fn with_members_among_ids(mut self) -> Self {
        if let Some(members) = self.members.as_ref().filter(|it| it.rules().is_empty()) {
            let fits = |id: &ProductId| self.ids.as_ref().is_none_or(|ids| ids.contains(id));
            self.ids = Some(members.products().filter(fits).collect());
        }
        self
    }
}

/// Those of these products that are published, as lists show them and with their descriptions, in the order of `ids`.
///
/// # Errors
/// A database error.
pub fn summaries(
    conn: &mut Conn,
    tree: &CategoryTree,
    ids: &[ProductId],
    currency: Currency,
    media_url: &str,
) -> QueryResult<Vec<(ProductSummary, String)>> {
    let rows = products::table.filter(products::id.eq_any(ids));
    let mut rows: Vec<(SummaryRow, String)> =
        rows.select((SummaryRow::as_select(), products::description)).load(conn)?;
    // As in `published_of`.
    rows.retain(|(row, _)| row.status == ProductStatus::Published);
    let place = |id: ProductId| ids.iter().position(|it| *it == id);
    rows.sort_by_cached_key(|(row, _)| place(row.id));
    let parts = parts::load_listed_parts(conn, rows.iter().map(|(row, _)| row), currency)?;
    let lens = Lens { tree, currency, media_url };
    Ok(rows.into_iter().map(|(row, description)| (lens.summary(row, &parts), description)).collect())
}

/// The place of a row in its list.
#[derive(Debug, Clone)]
pub enum Key {
    /// When it was made.
    Created(UtcTime, ProductId),
    /// Its name, folded.
    Name(String, ProductId),
    /// The price or the rank, where it has one.
    Number(Option<i64>, ProductId),
}

impl Key {
    /// Reads what [`key_of`] has written down.
    ///
    /// # Errors
    /// 400 `invalid_cursor` where it is not a key of this sort.
    pub fn read(sort: ProductSort, position: &Position) -> Result<Self> {
        let read = || {
            let [value, id] = position.key.as_slice() else { return None };
            let id = id.as_str()?.parse().ok()?;
            Some(match sort {
                ProductSort::NewestFirst => Self::Created(UtcTime::from_micros(value.as_i64()?), id),
                ProductSort::Name => Self::Name(value.as_str()?.to_owned(), id),
                // A place in a collection has a way of its own to be read.
                ProductSort::Price | ProductSort::PriceDescending | ProductSort::Position | ProductSort::Popularity => {
                    Self::Number(value.as_i64(), id)
                }
            })
        };
        read().ok_or_else(|| -> Error {
            Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into()
        })
    }
}

/// The sort values of a row, for its cursor.
pub fn key_of(sort: ProductSort, (row, price): &ListedProduct) -> Vec<Value> {
    let value = match sort {
        ProductSort::NewestFirst => json!(row.created_at.micros()),
        ProductSort::Name => json!(row.name_folded),
        ProductSort::Price | ProductSort::PriceDescending | ProductSort::Position | ProductSort::Popularity => {
            json!(price)
        }
    };
    vec![value, json!(row.id)]
}
