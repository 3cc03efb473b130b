//! How stock looks to the staff, and pages of it.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    ledger::Cause,
    store::{StockItem, StockLevel, load_levels},
};
use crate::{
    db::{
        Conn,
        schema::{stock_items, stock_movements, variants},
    },
    error::{Error, Result},
    http::cursor::PageRequest,
    ids::{LocationId, MovementId, OrderId, VariantId},
    load_page_by,
    time::UtcTime,
};

/// The stock of a variant, over all locations.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Inventory {
    /// The variant.
    pub variant_id: VariantId,
    /// Its SKU.
    #[schema(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    pub sku: String,
    /// Units on the shelf.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 25)]
    pub on_hand: i64,
    /// Units on the shelf that are held for a payment, or paid and not yet shipped.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub reserved: i64,
    /// Units sold beyond stock, and promised.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub backordered: i64,
    /// Units that can still be sold.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 23)]
    pub available: i64,
    /// Units that are never sold.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub safety_stock: i64,
    /// Rises with each count and adjustment; a sale leaves it as it is.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub version: i64,
    /// Location by location.
    #[schema(max_items = 1000)]
    pub levels: Vec<Level>,
    /// When it was last counted or adjusted.
    pub updated_at: UtcTime,
}

/// The stock of a variant at one location.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = InventoryLevel)]
pub struct Level {
    /// The location.
    pub location_id: LocationId,
    /// Units on the shelf.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 25)]
    pub on_hand: i64,
    /// Units on the shelf that are held for a payment, or paid and not yet shipped.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub reserved: i64,
    /// Units sold beyond stock, and promised.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub backordered: i64,
}

/// A change of stock on hand, as the ledger has it.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = stock_movements)]
pub struct InventoryMovement {
    /// Its id.
    pub id: MovementId,
    /// The variant.
    pub variant_id: VariantId,
    /// The location.
    pub location_id: LocationId,
    /// By how many units; never 0.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, example = -2)]
    pub delta: i64,
    /// Why.
    pub cause: Cause,
    /// Why, in somebody's words.
    #[schema(required, min_length = 1, max_length = 500, example = "Broken in the storeroom")]
    pub reason: Option<String>,
    /// For which order.
    #[schema(required)]
    pub order_id: Option<OrderId>,
    /// Which member of the staff did it.
    #[schema(required, min_length = 1, max_length = 100)]
    pub actor_id: Option<String>,
    /// When.
    pub occurred_at: UtcTime,
}

/// How a list of stock is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, ToSchema)]
pub enum InventorySort {
    /// By SKU.
    #[serde(rename = "sku")]
    Sku,
    /// By SKU, last first.
    #[serde(rename = "-sku")]
    SkuDescending,
    /// Oldest variant first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest variant first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// Whose stock a list holds. `None` does not narrow; an empty list holds nothing.
#[derive(Debug, Clone, Default)]
pub struct InventoryFilter {
    /// Any of these variants.
    pub variant_ids: Option<Vec<VariantId>>,
    /// The variant of this SKU.
    pub sku: Option<String>,
    /// Shown to shoppers as any of these.
    pub availability: Option<Vec<String>>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let InventoryFilter { variant_ids, sku, availability } = $filter;
        if let Some(ids) = variant_ids {
            $query = $query.filter(variants::id.eq_any(ids.clone()));
        }
        if let Some(sku) = sku {
            $query = $query.filter(variants::sku.eq(sku.clone()));
        }
        if let Some(availability) = availability {
            $query = $query.filter(variants::availability.eq_any(availability.clone()));
        }
    };
}

/// An entry of a list of stock, before its levels are known.
pub type InventoryRow = (StockItem, String);

/// A page of stock, in reading order.
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_page(
    conn: &mut Conn,
    filter: &InventoryFilter,
    sort: InventorySort,
    page: &PageRequest<'_>,
) -> Result<Vec<InventoryRow>> {
    let mut query =
        stock_items::table.inner_join(variants::table).select((StockItem::as_select(), variants::sku)).into_boxed();
    narrow!(query, filter);
    Ok(match sort {
        InventorySort::Sku | InventorySort::SkuDescending => {
            load_page_by!(conn, query, variants::sku => String, sort == InventorySort::Sku, page)?
        }
        // Ids rise with the time at which they were made.
        InventorySort::OldestFirst | InventorySort::NewestFirst => {
            load_page_by!(conn, query, variants::id => VariantId, sort == InventorySort::OldestFirst, page)?
        }
    })
}

/// The sort values of an entry, for its cursor.
pub fn key_of(sort: InventorySort, (item, sku): &InventoryRow) -> Vec<Value> {
    match sort {
        InventorySort::Sku | InventorySort::SkuDescending => vec![json!(sku)],
        InventorySort::OldestFirst | InventorySort::NewestFirst => vec![json!(item.variant_id)],
    }
}

/// How many variants the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &InventoryFilter) -> QueryResult<i64> {
    let mut query = stock_items::table.inner_join(variants::table).select(diesel::dsl::count_star()).into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// The levels of all these entries: one statement, however many there are.
///
/// # Errors
/// A database error.
pub fn levels_of(conn: &mut Conn, rows: &[InventoryRow]) -> QueryResult<Vec<StockLevel>> {
    let ids: Vec<VariantId> = rows.iter().map(|(item, _)| item.variant_id).collect();
    load_levels(conn, &ids)
}

/// The stock of one variant.
///
/// # Errors
/// 404.
pub fn load(conn: &mut Conn, variant_id: VariantId) -> Result<Inventory> {
    let found = stock_items::table
        .inner_join(variants::table)
        .filter(stock_items::variant_id.eq(variant_id))
        .select((StockItem::as_select(), variants::sku))
        .first(conn)
        .optional()?;
    let row: InventoryRow = found.ok_or_else(Error::not_found)?;
    let levels = load_levels(conn, &[variant_id])?;
    Ok(inventory(row, &levels))
}

/// An entry with those of `levels` that are its own.
pub fn inventory((item, sku): InventoryRow, levels: &[StockLevel]) -> Inventory {
    let StockItem { variant_id, version, updated_at } = item;
    let own: Vec<&StockLevel> = levels.iter().filter(|it| it.variant_id == variant_id).collect();
    let level = |it: &&StockLevel| {
        let StockLevel { variant_id: _, location_id, on_hand, reserved, backordered, safety_stock: _ } = **it;
        Level { location_id, on_hand, reserved, backordered }
    };
    Inventory {
        variant_id,
        sku,
        on_hand: own.iter().map(|it| it.on_hand).sum(),
        reserved: own.iter().map(|it| it.reserved).sum(),
        backordered: own.iter().map(|it| it.backordered).sum(),
        available: own.iter().map(|it| it.available().max(0)).sum(),
        safety_stock: own.iter().map(|it| it.safety_stock).sum(),
        version,
        levels: own.iter().map(level).collect(),
        updated_at,
    }
}

/// A page of a variant's movements, in reading order; of these causes where some are given.
///
/// # Errors
/// 404 where the variant has no stock, 400 `invalid_cursor`.
pub fn load_movements(
    conn: &mut Conn,
    variant_id: VariantId,
    causes: Option<&[Cause]>,
    rising: bool,
    page: &PageRequest<'_>,
) -> Result<Vec<InventoryMovement>> {
    super::store::find_item(conn, variant_id)?.ok_or_else(Error::not_found)?;
    let mut query = stock_movements::table
        .filter(stock_movements::variant_id.eq(variant_id))
        .select(InventoryMovement::as_select())
        .into_boxed();
    if let Some(causes) = causes {
        query = query.filter(stock_movements::cause.eq_any(causes.to_vec()));
    }
    Ok(load_page_by!(conn, query, stock_movements::id => MovementId, rising, page)?)
}

/// How many movements a variant has, of these causes where some are given.
///
/// # Errors
/// A database error.
pub fn count_movements(conn: &mut Conn, variant_id: VariantId, causes: Option<&[Cause]>) -> QueryResult<i64> {
    let mut query = stock_movements::table.filter(stock_movements::variant_id.eq(variant_id)).count().into_boxed();
    if let Some(causes) = causes {
        query = query.filter(stock_movements::cause.eq_any(causes.to_vec()));
    }
    query.get_result(conn)
}
