//! Lists of variants: filters, sorts and pages by key.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::store::{PriceRow, VariantRow};
use crate::{
    db::{
        Conn,
        schema::{prices, products, variants},
    },
    error::Result,
    http::cursor::PageRequest,
    ids::{ProductId, VariantId},
    load_page_by,
};

/// How a list of variants is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum VariantSort {
    /// In the order to show them.
    #[serde(rename = "position")]
    Position,
    /// By SKU.
    #[serde(rename = "sku")]
    Sku,
    /// By SKU, last first.
    #[serde(rename = "-sku")]
    SkuDescending,
    /// Oldest first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// How a list of variants of many products is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum AnyVariantSort {
    /// By SKU.
    #[serde(rename = "sku")]
    Sku,
    /// By SKU, last first.
    #[serde(rename = "-sku")]
    SkuDescending,
    /// Oldest first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

impl From<AnyVariantSort> for VariantSort {
    fn from(sort: AnyVariantSort) -> Self {
        match sort {
            AnyVariantSort::Sku => Self::Sku,
            AnyVariantSort::SkuDescending => Self::SkuDescending,
            AnyVariantSort::OldestFirst => Self::OldestFirst,
            AnyVariantSort::NewestFirst => Self::NewestFirst,
        }
    }
}

/// Which variants a list holds. `None` does not narrow; an empty list holds nothing.
#[derive(Debug, Clone, Default)]
pub struct VariantFilter {
    /// Those of this product.
    pub product_id: Option<ProductId>,
    /// Any of these.
    pub ids: Option<Vec<VariantId>>,
    /// The one with this SKU.
    pub sku: Option<String>,
    /// The one of this external id.
    pub external_id: Option<String>,
    /// Those with this barcode.
    pub barcode: Option<String>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let VariantFilter { product_id, ids, sku, external_id, barcode } = $filter;
        if let Some(product_id) = product_id {
            $query = $query.filter(variants::product_id.eq(*product_id));
        }
        if let Some(ids) = ids {
            $query = $query.filter(variants::id.eq_any(ids.clone()));
        }
        if let Some(sku) = sku {
            $query = $query.filter(variants::sku.eq(sku.clone()));
        }
        if let Some(external_id) = external_id {
            $query = $query.filter(variants::external_id.eq(external_id.clone()));
        }
        if let Some(barcode) = barcode {
            $query = $query.filter(variants::barcode.eq(barcode.clone()));
        }
    };
}

/// One page of variants, in reading order (see [`PageRequest::window`]).
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_page(
    conn: &mut Conn,
    filter: &VariantFilter,
    sort: VariantSort,
    page: &PageRequest<'_>,
) -> Result<Vec<VariantRow>> {
    let mut query = variants::table.select(VariantRow::as_select()).into_boxed();
    narrow!(query, filter);
    Ok(match sort {
        VariantSort::Sku | VariantSort::SkuDescending => {
            load_page_by!(conn, query, variants::sku => String, sort == VariantSort::Sku, page)?
        }
        // Ids rise with the time at which they were made.
        VariantSort::OldestFirst | VariantSort::NewestFirst => {
            load_page_by!(conn, query, variants::id => VariantId, sort == VariantSort::OldestFirst, page)?
        }
        VariantSort::Position => {
            load_page_by!(conn, query, variants::position => i32, variants::id => VariantId, true, page)?
        }
    })
}

/// The sort values of a row, for its cursor.
pub fn key_of(sort: VariantSort, row: &VariantRow) -> Vec<Value> {
    match sort {
        VariantSort::Position => vec![json!(row.position), json!(row.id)],
        VariantSort::Sku | VariantSort::SkuDescending => vec![json!(row.sku)],
        VariantSort::OldestFirst | VariantSort::NewestFirst => vec![json!(row.id)],
    }
}

/// How many variants the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &VariantFilter) -> QueryResult<i64> {
    let mut query = variants::table.count().into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// A variant by its id.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: VariantId) -> QueryResult<Option<VariantRow>> {
    variants::table.find(id).select(VariantRow::as_select()).first(conn).optional()
}

/// What variants take from elsewhere: their prices, and the versions of their products.
pub struct Surroundings {
    /// In all currencies.
    pub prices: Vec<PriceRow>,
    versions: HashMap<ProductId, i64>,
}

impl Surroundings {
    /// Loads those of `rows`: two statements, however many there are.
    ///
    /// # Errors
    /// A database error.
    pub fn load(conn: &mut Conn, rows: &[VariantRow]) -> QueryResult<Self> {
        let ids: Vec<VariantId> = rows.iter().map(|it| it.id).collect();
        let mut product_ids: Vec<ProductId> = rows.iter().map(|it| it.product_id).collect();
        product_ids.sort_unstable();
        product_ids.dedup();
        let versions: Vec<(ProductId, i64)> = products::table
            .filter(products::id.eq_any(product_ids))
            .select((products::id, products::version))
            .load(conn)?;
        Ok(Self {
            prices: prices::table.filter(prices::variant_id.eq_any(ids)).select(PriceRow::as_select()).load(conn)?,
            versions: versions.into_iter().collect(),
        })
    }

    /// The version of a variant's product.
    pub fn version(&self, row: &VariantRow) -> i64 {
        // A variant cannot be without its product, and both are read in one snapshot.
        self.versions.get(&row.product_id).copied().unwrap_or_default()
    }
}
