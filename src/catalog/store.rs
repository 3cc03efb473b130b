//! The catalogue's rows and queries.

use std::{cmp::Ordering, collections::BTreeMap};

use diesel::prelude::*;

use super::draft::Price;
use super::model::{
    Attributes, Availability, FocalPoint, OrderQuantities, ProductOption, ProductStatus, RenditionSizes, Slug,
    VariantOptions,
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{
            brands, categories, former_brand_slugs, former_product_slugs, images, prices, product_categories,
            product_price_ranges, products, variants,
        },
    },
    ids::{BrandId, CategoryId, ImageId, ProductId, VariantId},
    media::ContentHash,
    money::Currency,
    time::UtcTime,
};

/// A product.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = products, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ProductRow {
    pub id: ProductId,
    pub external_id: Option<String>,
    pub slug: Slug,
    pub name: String,
    pub name_folded: String,
    pub description: String,
    pub status: ProductStatus,
    pub brand_id: Option<BrandId>,
    pub options: Json<Vec<ProductOption>>,
    pub attributes: Json<Attributes>,
    pub availability: Availability,
    pub publish_at: Option<UtcTime>,
    pub unpublish_at: Option<UtcTime>,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// What lists show of a product's row: neither its text nor its attributes, which are the most of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = products)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct SummaryRow {
    pub id: ProductId,
    pub external_id: Option<String>,
    pub slug: Slug,
    pub name: String,
    pub name_folded: String,
    pub status: ProductStatus,
    pub brand_id: Option<BrandId>,
    pub options: Json<Vec<ProductOption>>,
    pub availability: Availability,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

impl From<&ProductRow> for SummaryRow {
    fn from(row: &ProductRow) -> Self {
        Self {
            id: row.id,
            external_id: row.external_id.clone(),
            slug: row.slug.clone(),
            name: row.name.clone(),
            name_folded: row.name_folded.clone(),
            status: row.status,
            brand_id: row.brand_id,
            options: row.options.clone(),
            availability: row.availability,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = variants, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct VariantRow {
    pub id: VariantId,
    pub product_id: ProductId,
    pub external_id: Option<String>,
    pub sku: String,
    pub name: String,
    pub options: Json<VariantOptions>,
    pub barcode: Option<String>,
    pub weight_grams: Option<i32>,
    pub image_id: Option<ImageId>,
    pub availability: Availability,
    pub position: i32,
    pub min_order_quantity: i32,
    pub max_order_quantity: Option<i32>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

impl VariantRow {
    /// How many of it one cart may hold.
    pub fn order_quantities(&self) -> OrderQuantities {
        OrderQuantities { min: self.min_order_quantity, max: self.max_order_quantity }
    }
}

/// A variant's price in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = prices, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct PriceRow {
    pub variant_id: VariantId,
    pub currency: Currency,
    pub amount: i64,
    pub compare_at: Option<i64>,
}

impl PriceRow {
    /// The price, to be written again. It was not always looked at whether what it cost before is more.
    pub fn price(&self) -> Price {
        let Self { variant_id: _, currency, amount, compare_at } = *self;
        Price { amount, currency, compare_at: compare_at.filter(|before| *before > amount) }
    }
}

/// The cheapest and the dearest variant in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_price_ranges, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct PriceRangeRow {
    pub product_id: ProductId,
    pub currency: Currency,
    pub min_amount: i64,
    pub max_amount: i64,
    pub min_compare_at: Option<i64>,
}

impl PriceRangeRow {
    /// The ranges of a product's prices, one for each currency, in the order of currencies.
    ///
    /// What the cheapest variant cost before is said where it holds whichever of the cheapest ones is meant.
    pub fn of(product_id: ProductId, prices: &[PriceRow]) -> Vec<Self> {
        let mut ranges: BTreeMap<Currency, Self> = BTreeMap::new();
        for &PriceRow { variant_id: _, currency, amount, compare_at } in prices {
            let alone =
                Self { product_id, currency, min_amount: amount, max_amount: amount, min_compare_at: compare_at };
            let range = ranges.entry(currency).or_insert(alone);
            range.min_compare_at = match amount.cmp(&range.min_amount) {
                Ordering::Less => compare_at,
                // Nothing said is less than any price.
                Ordering::Equal => compare_at.min(range.min_compare_at),
                Ordering::Greater => range.min_compare_at,
            };
            range.min_amount = amount.min(range.min_amount);
            range.max_amount = amount.max(range.max_amount);
        }
        ranges.into_values().collect()
    }
}

/// An image of a product.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = images)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ImageRow {
    pub id: ImageId,
    pub product_id: ProductId,
    pub hash: ContentHash,
    pub alt: String,
    pub width: i32,
    pub height: i32,
    pub placeholder: String,
    pub renditions: Json<RenditionSizes>,
    pub focal_point: Option<Json<FocalPoint>>,
    pub position: i32,
    pub created_at: UtcTime,
}

/// A brand.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = brands)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct BrandRow {
    pub id: BrandId,
    pub external_id: Option<String>,
    pub slug: Slug,
    pub name: String,
    pub name_folded: String,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = categories)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct CategoryRow {
    pub id: CategoryId,
    pub external_id: Option<String>,
    pub slug: Slug,
    pub name: String,
    pub parent_id: Option<CategoryId>,
    pub position: i32,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// A product's place in a category.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_categories, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct ProductCategoryRow {
    pub product_id: ProductId,
    pub category_id: CategoryId,
    pub position: i32,
}

/// All categories, siblings in the order to show them.
pub fn load_categories(conn: &mut Conn) -> QueryResult<Vec<CategoryRow>> {
    categories::table
        .order((categories::position.asc(), categories::id.asc()))
        .select(CategoryRow::as_select())
        .load(conn)
}

/// All brands, by name.
pub fn load_brands(conn: &mut Conn) -> QueryResult<Vec<BrandRow>> {
    brands::table.order((brands::name_folded.asc(), brands::id.asc())).select(BrandRow::as_select()).load(conn)
}

/// A product by its id.
pub fn find_product(conn: &mut Conn, id: ProductId) -> QueryResult<Option<ProductRow>> {
    products::table.find(id).select(ProductRow::as_select()).first(conn).optional()
}

/// A product by the slug that it has, or had.
pub fn find_product_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<ProductRow>> {
    let current =
        products::table.filter(products::slug.eq(slug)).select(ProductRow::as_select()).first(conn).optional()?;
    if current.is_some() {
        return Ok(current);
    }
    former_product_slugs::table
        .inner_join(products::table)
        .filter(former_product_slugs::slug.eq(slug))
        .select(ProductRow::as_select())
        .first(conn)
        .optional()
}

/// The ids of the brands that have, or had, one of these slugs.
pub fn brand_ids_of_slugs(conn: &mut Conn, slugs: &[Slug]) -> QueryResult<Vec<BrandId>> {
    let had = former_brand_slugs::table.filter(former_brand_slugs::slug.eq_any(slugs));
    let is_named = brands::slug.eq_any(slugs).or(brands::id.eq_any(had.select(former_brand_slugs::brand_id)));
    brands::table.filter(is_named).select(brands::id).load(conn)
}

/// A brand by the slug that it has, or had.
pub fn find_brand_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<BrandRow>> {
    let had = former_brand_slugs::table.filter(former_brand_slugs::slug.eq(slug));
    let is_named = brands::slug.eq(slug).or(brands::id.eq_any(had.select(former_brand_slugs::brand_id)));
    brands::table.filter(is_named).select(BrandRow::as_select()).first(conn).optional()
}

/// A brand by its id.
pub fn find_brand(conn: &mut Conn, id: BrandId) -> QueryResult<Option<BrandRow>> {
    brands::table.find(id).select(BrandRow::as_select()).first(conn).optional()
}
