//! Lists of products: filters, sorts and pages by key.

use diesel::{dsl::exists, prelude::*};
use serde_json::{Value, json};

use super::{
    filterable::AttributeFilter,
    model::{Availability, ProductStatus, Slug},
    store::{self, ProductRow},
    tree::CategoryTree,
    view::{Lens, ProductSummary},
};
use crate::{
    db::{
        Conn,
        schema::{product_attribute_values as values, product_categories, product_price_ranges as ranges, products},
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
}

/// Adds the filter's conditions to a boxed query over products and price ranges, whatever it selects.
macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let ProductFilter {
            statuses,
            ids,
            categories,
            brands,
            price_min,
            price_max,
            in_stock,
            created_from,
            created_before,
            attributes,
        } = $filter;
        if let Some(statuses) = statuses {
            $query = $query.filter(products::status.eq_any(statuses.clone()));
        }
        if let Some(ids) = ids {
            $query = $query.filter(products::id.eq_any(ids.clone()));
        }
        if let Some(categories) = categories {
            let placed = product_categories::table
                .filter(product_categories::product_id.eq(products::id))
                .filter(product_categories::category_id.eq_any(categories.clone()));
            $query = $query.filter(exists(placed));
        }
        if let Some(brands) = brands {
            $query = $query.filter(products::brand_id.eq_any(brands.clone()));
        }
        if let Some(least) = price_min {
            // The cheapest variant decides, as it does where products are sorted by price.
            $query = $query.filter(ranges::min_amount.ge(*least));
        }
        if let Some(most) = price_max {
            $query = $query.filter(ranges::min_amount.le(*most));
        }
        if let Some(in_stock) = in_stock {
            let on_the_shelf = vec![Availability::InStock, Availability::LowStock];
            $query = match in_stock {
                true => $query.filter(products::availability.eq_any(on_the_shelf)),
                false => $query.filter(products::availability.ne_all(on_the_shelf)),
            };
        }
        if let Some(from) = created_from {
            $query = $query.filter(products::created_at.ge(*from));
        }
        if let Some(before) = created_before {
            $query = $query.filter(products::created_at.lt(*before));
        }
        for attribute in attributes {
            let of_product = values::table.filter(values::product_id.eq(products::id));
            $query = match attribute.clone() {
                AttributeFilter::AnyOf { key, slugs } => {
                    $query.filter(exists(of_product.filter(values::key.eq(key)).filter(values::slug.eq_any(slugs))))
                }
                AttributeFilter::Range { key, min, max } => {
                    let of_key = of_product.filter(values::key.eq(key));
                    let above = of_key.filter(values::number.ge(min.unwrap_or(f64::MIN)));
                    $query.filter(exists(above.filter(values::number.le(max.unwrap_or(f64::MAX)))))
                }
            };
        }
    };
}

/// Rows on one side of a row: by the sort value, or by the id where that is the same.
macro_rules! beyond {
    ($column:expr, $side:ident $value:expr, $side_of_id:ident $id:expr) => {
        $column.$side($value).or($column.eq($value).and(products::id.$side_of_id($id)))
    };
}

/// A row of a list, with the price that it is sorted by.
pub type ListedProduct = (ProductRow, Option<i64>);

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
    let key = page.position.as_ref().map(|position| Key::read(sort, position)).transpose()?;
    let mut query = products::table
        .left_join(ranges::table.on(ranges::product_id.eq(products::id).and(ranges::currency.eq(currency))))
        .select((ProductRow::as_select(), ranges::min_amount.nullable()))
        .limit(page.limit + 1)
        .into_boxed();
    narrow!(query, filter);
    let backwards = page.direction() == Direction::Prev;
    let unpriced = ranges::min_amount.is_null();
    query = match (&key, backwards) {
        (None, _) => query,
        (Some(Key::Created(at, id)), false) => query.filter(beyond!(products::created_at, lt *at, gt id)),
        (Some(Key::Created(at, id)), true) => query.filter(beyond!(products::created_at, gt *at, lt id)),
        (Some(Key::Name(name, id)), false) => query.filter(beyond!(products::name_folded, gt name.as_str(), gt id)),
        (Some(Key::Name(name, id)), true) => query.filter(beyond!(products::name_folded, lt name.as_str(), lt id)),
        (Some(Key::Price(None, id)), false) => query.filter(unpriced.and(products::id.gt(id))),
        (Some(Key::Price(None, id)), true) => {
            query.filter(ranges::min_amount.is_not_null().or(unpriced.and(products::id.lt(id))))
        }
        (Some(Key::Price(Some(amount), id)), _) => match (sort == ProductSort::PriceDescending, backwards) {
            (false, false) => query.filter(beyond!(ranges::min_amount, gt *amount, gt id).or(unpriced)),
            (false, true) => query.filter(beyond!(ranges::min_amount, lt *amount, lt id)),
            (true, false) => query.filter(beyond!(ranges::min_amount, lt *amount, gt id).or(unpriced)),
            (true, true) => query.filter(beyond!(ranges::min_amount, gt *amount, lt id)),
        },
    };
    let query = match (sort, backwards) {
        (ProductSort::NewestFirst, false) => query.order((products::created_at.desc(), products::id.asc())),
        (ProductSort::NewestFirst, true) => query.order((products::created_at.asc(), products::id.desc())),
        (ProductSort::Name, false) => query.order((products::name_folded.asc(), products::id.asc())),
        (ProductSort::Name, true) => query.order((products::name_folded.desc(), products::id.desc())),
        (ProductSort::Price, false) => {
            query.order((ranges::min_amount.is_null().asc(), ranges::min_amount.asc(), products::id.asc()))
        }
        (ProductSort::Price, true) => {
            query.order((ranges::min_amount.is_null().desc(), ranges::min_amount.desc(), products::id.desc()))
        }
        (ProductSort::PriceDescending, false) => {
            query.order((ranges::min_amount.is_null().asc(), ranges::min_amount.desc(), products::id.asc()))
        }
        (ProductSort::PriceDescending, true) => {
            query.order((ranges::min_amount.is_null().desc(), ranges::min_amount.asc(), products::id.desc()))
        }
    };
    Ok(query.load(conn)?)
}

/// How many products the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &ProductFilter, currency: Currency) -> QueryResult<i64> {
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
    /// The same filter, with ids only of products in its states: as in [`published_of`], the database is not asked for
    /// both at once.
    ///
    /// # Errors
    /// A database error.
    pub fn with_states_settled(mut self, conn: &mut Conn) -> QueryResult<Self> {
        if let (Some(ids), Some(statuses)) = (&self.ids, &self.statuses) {
            let found: Vec<(ProductId, ProductStatus)> =
                products::table.filter(products::id.eq_any(ids)).select((products::id, products::status)).load(conn)?;
            let fitting = found.into_iter().filter(|(_, status)| statuses.contains(status));
            self.ids = Some(fitting.map(|(id, _)| id).collect());
            self.statuses = None;
        }
        Ok(self)
    }
}

/// The products that are named by their ids, by a slug that one has or had, and by an external id, where more than one
/// is given by all of them; `None` where none is. What names nothing leaves nothing.
///
/// # Errors
/// A database error.
pub fn ids_named(
    conn: &mut Conn,
    ids: Option<&[String]>,
    slug: Option<&str>,
    external_id: Option<&str>,
) -> QueryResult<Option<Vec<ProductId>>> {
    let mut left: Option<Vec<ProductId>> = ids.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let of_slug = slug.map(|slug| id_of_slug(conn, slug)).transpose()?;
    let of_external_id = external_id.map(|key| id_of_external_id(conn, key)).transpose()?;
    for found in [of_slug, of_external_id].into_iter().flatten() {
        let fits = |id: &ProductId| left.as_ref().is_none_or(|left| left.contains(id));
        left = Some(found.into_iter().filter(fits).collect());
    }
    Ok(left)
}

fn id_of_slug(conn: &mut Conn, slug: &str) -> QueryResult<Option<ProductId>> {
    let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
    Ok(store::find_product_by_slug(conn, &slug)?.map(|row| row.id))
}

fn id_of_external_id(conn: &mut Conn, external_id: &str) -> QueryResult<Option<ProductId>> {
    products::table.filter(products::external_id.eq(external_id)).select(products::id).first(conn).optional()
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
    public_url: &str,
) -> QueryResult<Vec<(ProductSummary, String)>> {
    let rows = published_of(conn, ids)?;
    let parts = store::load_parts(conn, &rows)?;
    let lens = Lens { tree, currency, public_url };
    let in_order = ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id));
    Ok(in_order.map(|row| (lens.summary(row.clone(), &parts), row.description.clone())).collect())
}

/// The place of a row in its list.
enum Key {
    Created(UtcTime, ProductId),
    Name(String, ProductId),
    Price(Option<i64>, ProductId),
}

impl Key {
    fn read(sort: ProductSort, position: &Position) -> Result<Self> {
        let read = || {
            let [value, id] = position.key.as_slice() else { return None };
            let id = id.as_str()?.parse().ok()?;
            Some(match sort {
                ProductSort::NewestFirst => Self::Created(UtcTime::from_micros(value.as_i64()?), id),
                ProductSort::Name => Self::Name(value.as_str()?.to_owned(), id),
                ProductSort::Price | ProductSort::PriceDescending => Self::Price(value.as_i64(), id),
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
        ProductSort::Price | ProductSort::PriceDescending => json!(price),
    };
    vec![value, json!(row.id)]
}
