//! The catalogue's rows and queries.

use diesel::prelude::*;

use super::model::{
    Attributes, Availability, FocalPoint, OrderQuantities, ProductOption, ProductStatus, RenditionSizes, Slug,
    VariantOptions,
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{
            brands, categories, former_product_slugs, images, prices, product_categories, product_price_ranges,
            products, variants,
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

/// The cheapest and the dearest variant in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_price_ranges, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct PriceRangeRow {
    pub product_id: ProductId,
    pub currency: Currency,
    pub min_amount: i64,
    pub max_amount: i64,
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

/// What hangs on some products: one query for each kind of row, however many products there are.
pub struct Parts {
    /// In the order to show them.
    pub variants: Vec<VariantRow>,
    /// In all currencies.
    pub prices: Vec<PriceRow>,
    /// In all currencies.
    pub price_ranges: Vec<PriceRangeRow>,
    /// In the order to show them.
    pub images: Vec<ImageRow>,
    /// In the order to show them.
    pub categories: Vec<ProductCategoryRow>,
    /// Those of the products.
    pub brands: Vec<BrandRow>,
}

/// Loads what hangs on `rows`.
pub fn load_parts(conn: &mut Conn, rows: &[ProductRow]) -> QueryResult<Parts> {
    let ids: Vec<ProductId> = rows.iter().map(|it| it.id).collect();
    let brand_ids: Vec<BrandId> = rows.iter().filter_map(|it| it.brand_id).collect();
    Ok(Parts {
        variants: variants::table
            .filter(variants::product_id.eq_any(&ids))
            .order((variants::product_id.asc(), variants::position.asc(), variants::id.asc()))
            .select(VariantRow::as_select())
            .load(conn)?,
        prices: prices::table
            .inner_join(variants::table.on(variants::id.eq(prices::variant_id)))
            .filter(variants::product_id.eq_any(&ids))
            .select(PriceRow::as_select())
            .load(conn)?,
        price_ranges: product_price_ranges::table
            .filter(product_price_ranges::product_id.eq_any(&ids))
            .select(PriceRangeRow::as_select())
            .load(conn)?,
        images: images::table
            .filter(images::product_id.eq_any(&ids))
            .order((images::product_id.asc(), images::position.asc(), images::id.asc()))
            .select(ImageRow::as_select())
            .load(conn)?,
        categories: product_categories::table
            .filter(product_categories::product_id.eq_any(&ids))
            .order((
                product_categories::product_id.asc(),
                product_categories::position.asc(),
                product_categories::category_id.asc(),
            ))
            .select(ProductCategoryRow::as_select())
            .load(conn)?,
        brands: brands::table.filter(brands::id.eq_any(&brand_ids)).select(BrandRow::as_select()).load(conn)?,
    })
}

/// The ids of the brands that have one of these slugs.
pub fn brand_ids_of_slugs(conn: &mut Conn, slugs: &[Slug]) -> QueryResult<Vec<BrandId>> {
    brands::table.filter(brands::slug.eq_any(slugs)).select(brands::id).load(conn)
}

/// A brand by its id.
pub fn find_brand(conn: &mut Conn, id: BrandId) -> QueryResult<Option<BrandRow>> {
    brands::table.find(id).select(BrandRow::as_select()).first(conn).optional()
}
