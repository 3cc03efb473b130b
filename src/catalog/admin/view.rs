//! How products, variants and prices look to the staff.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    catalog::{
        documented::{OptionValues, ProductAttributes},
        former_slugs,
        model::{Availability, ProductOption, ProductStatus, Slug},
        parts::{self, Parts},
        store::{self, PriceRow, ProductRow, SummaryRow, VariantRow},
        tree::CategoryTree,
        view::{BrandRef, CategoryRef, Image, Lens, PriceRange, ProductSummary},
    },
    config::Config,
    db::Conn,
    error::{Error, Result},
    ids::{BrandId, CategoryId, ImageId, ProductId, VariantId},
    money::{Currency, Money},
    time::UtcTime,
};

/// A product with everything that the staff may know of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminProduct {
    /// Its id.
    pub id: ProductId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200, example = "ERP-4711")]
    pub external_id: Option<String>,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", min_length = 1, max_length = 100, example = "enamel-mug")]
    pub slug: String,
    /// Slugs that it had: they still lead to it, and no other product may take them.
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Enamel mug")]
    pub name: String,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[schema(max_length = 20000)]
    pub description: String,
    /// Whether shoppers see it.
    pub status: ProductStatus,
    /// When it becomes `published` by itself; null where that is not planned, or has happened.
    #[schema(required)]
    pub publish_at: Option<UtcTime>,
    /// When it becomes `archived` by itself; null where that is not planned, or has happened.
    #[schema(required)]
    pub unpublish_at: Option<UtcTime>,
    /// Who makes it.
    #[schema(required)]
    pub brand_id: Option<BrandId>,
    /// Who makes it, by name.
    #[schema(required)]
    pub brand: Option<BrandRef>,
    /// Where it stands in the shop, in the order to show it.
    #[schema(max_items = 100)]
    pub category_ids: Vec<CategoryId>,
    /// Where it stands in the shop, by name.
    #[schema(max_items = 100)]
    pub categories: Vec<CategoryRef>,
    /// What its variants differ in.
    #[schema(max_items = 10)]
    pub options: Vec<ProductOption>,
    /// The forms in which it is sold, in the order to show them.
    #[schema(max_items = 1000)]
    pub variants: Vec<AdminVariant>,
    /// From the cheapest to the dearest variant, in each currency in which one has a price.
    #[schema(max_items = 200)]
    pub price_ranges: Vec<PriceRange>,
    /// The best of its variants' availabilities.
    pub availability: Availability,
    /// Its images, in the order to show them.
    #[schema(max_items = 100)]
    pub images: Vec<Image>,
    /// Texts, numbers and truths by key.
    #[schema(value_type = ProductAttributes)]
    pub attributes: BTreeMap<String, Value>,
    /// Rises with each change of the product, its variants, prices and images.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When the shop last changed it.
    pub updated_at: UtcTime,
}

/// A variant with everything that the staff may know of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminVariant {
    /// Its id.
    pub id: VariantId,
    /// The product that it is a form of.
    pub product_id: ProductId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Stock keeping unit.
    #[schema(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    pub sku: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Enamel mug")]
    pub name: String,
    /// Its value of each option.
    #[schema(value_type = OptionValues)]
    pub options: BTreeMap<String, String>,
    /// Its prices, by currency.
    #[schema(max_items = 200)]
    pub prices: Vec<VariantPrice>,
    /// How surely it can be had.
    pub availability: Availability,
    /// The image that shows it best.
    #[schema(required)]
    pub image_id: Option<ImageId>,
    /// Weight in grams.
    #[schema(required, minimum = 0, maximum = 2_147_483_647, example = 320)]
    pub weight_grams: Option<i32>,
    /// GTIN or another barcode.
    #[schema(required, min_length = 1, max_length = 100, example = "2000000000015")]
    pub barcode: Option<String>,
    /// How many a cart must hold at least to be bought.
    #[schema(minimum = 1, maximum = 999, example = 1)]
    pub min_order_quantity: i32,
    /// How many a cart may hold at most to be bought; null for as many as it can hold.
    #[schema(required, minimum = 1, maximum = 999, example = 12)]
    pub max_order_quantity: Option<i32>,
    /// Its place among the product's variants.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// The product's version, which rises with each change of a variant too.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When the shop last changed it.
    pub updated_at: UtcTime,
}

/// What a variant costs in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct VariantPrice {
    /// Integer minor units of the currency.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1290)]
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
    /// What it cost before, in minor units of the currency; null where the shop does not say.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1590)]
    pub compare_at: Option<i64>,
}

/// The prices of one variant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VariantPrices {
    /// The variant.
    pub variant_id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// Its SKU.
    #[schema(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    pub sku: String,
    /// Its prices, by currency.
    #[schema(max_items = 200)]
    pub prices: Vec<VariantPrice>,
    /// The product's version, which rises with each change of a price too.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
}

impl From<&PriceRow> for VariantPrice {
    fn from(row: &PriceRow) -> Self {
        let PriceRow { variant_id: _, currency, amount, compare_at } = *row;
        Self { amount, currency, compare_at }
    }
}

/// A product as the staff see it.
///
/// # Errors
/// 404.
pub fn load_product(conn: &mut Conn, id: ProductId, config: &Config) -> Result<AdminProduct> {
    let row = store::find_product(conn, id)?.ok_or_else(Error::not_found)?;
    let tree = CategoryTree::load(conn)?;
    let parts = parts::load_parts(conn, std::slice::from_ref(&row))?;
    let lens = Lens { tree: &tree, currency: config.store.default_currency(), media_url: &config.media_url };
    let former_slugs = former_slugs::of_products::of(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(product(&lens, row, former_slugs, &parts))
}

fn product(lens: &Lens<'_>, row: ProductRow, former_slugs: Vec<Slug>, parts: &Parts) -> AdminProduct {
    let ProductSummary {
        id,
        external_id,
        slug,
        name,
        status,
        brand,
        categories,
        options,
        default_variant_id: _,
        default_sku: _,
        price_range: _,
        compare_at_price: _,
        availability,
        images,
        rating: _,
        version,
        created_at,
        updated_at,
    } = lens.summary(SummaryRow::from(&row), &parts.listed);
    let mut price_ranges: Vec<PriceRange> = parts.listed.price_ranges.iter().map(price_range).collect();
    price_ranges.sort_by_key(|it| it.min.currency);
    AdminProduct {
        description: row.description.clone(),
        publish_at: row.publish_at,
        unpublish_at: row.unpublish_at,
        brand_id: row.brand_id,
        category_ids: parts.listed.categories.iter().map(|it| it.category_id).collect(),
        variants: parts.variants.iter().map(|it| variant(it, row.version, &parts.prices)).collect(),
        price_ranges,
        attributes: row.attributes.into_inner(),
        id,
        external_id,
        slug,
        former_slugs,
        name,
        status,
        brand,
        categories,
        options,
        availability,
        images,
        version,
        created_at,
        updated_at,
    }
}

fn price_range(row: &store::PriceRangeRow) -> PriceRange {
    PriceRange { min: Money::new(row.min_amount, row.currency), max: Money::new(row.max_amount, row.currency) }
}

/// A variant as the staff see it, with its product's version and those of `prices` that are its own.
pub fn variant(row: &VariantRow, version: i64, prices: &[PriceRow]) -> AdminVariant {
    let VariantRow {
        id,
        product_id,
        external_id,
        sku,
        name,
        options,
        barcode,
        weight_grams,
        image_id,
        availability,
        position,
        min_order_quantity,
        max_order_quantity,
        created_at,
        updated_at,
    } = row.clone();
    AdminVariant {
        id,
        product_id,
        external_id,
        sku,
        name,
        options: options.into_inner(),
        prices: prices_of(id, prices),
        availability,
        image_id,
        weight_grams,
        barcode,
        min_order_quantity,
        max_order_quantity,
        position,
        version,
        created_at,
        updated_at,
    }
}

/// Those of `prices` that are the variant's, by currency.
pub fn prices_of(id: VariantId, prices: &[PriceRow]) -> Vec<VariantPrice> {
    let mut own: Vec<VariantPrice> = prices.iter().filter(|it| it.variant_id == id).map(VariantPrice::from).collect();
    own.sort_by_key(|it| it.currency);
    own
}
