//! How products, categories and brands look from outside.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    documented::{OptionValues, ProductAttributes},
    model::{Availability, ProductOption, ProductStatus, RenditionSizes, Slug},
    parts::{ListedParts, Parts},
    store::{CategoryRow, ImageRow, ProductRow, SummaryRow, VariantRow},
    tree::CategoryTree,
};
pub use super::{
    image_view::{Image, Rendition, Renditions},
    taxonomy_view::{Brand, Category, ShownAttribute, category},
};
use crate::{
    ids::{BrandId, CategoryId, ImageId, ProductId, VariantId},
    money::{Currency, Money},
    time::UtcTime,
};

/// What a product page shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200, example = "ERP-4711")]
    pub external_id: Option<String>,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "enamel-mug")]
    pub slug: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Enamel mug")]
    pub name: String,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[schema(max_length = 20000)]
    pub description: String,
    /// Whether shoppers see it.
    pub status: ProductStatus,
    /// Who makes it.
    #[schema(required)]
    pub brand: Option<BrandRef>,
    /// Where it stands in the shop.
    #[schema(max_items = 100)]
    pub categories: Vec<CategoryRef>,
    /// What its variants differ in.
    #[schema(max_items = 10)]
    pub options: Vec<ProductOption>,
    /// The forms in which it is sold, in the order to show them.
    #[schema(max_items = 1000)]
    pub variants: Vec<Variant>,
    /// The variant to put into a cart where the shopper has not chosen: the first that has a price in the currency and can
    /// be had, else the first that has a price, else the first; null for a product without variants.
    #[schema(required)]
    pub default_variant_id: Option<VariantId>,
    /// From the cheapest to the dearest variant; null where none has a price in the currency.
    #[schema(required)]
    pub price_range: Option<PriceRange>,
    /// The best of its variants' availabilities.
    pub availability: Availability,
    /// Its images, in the order to show them.
    #[schema(max_items = 100)]
    pub images: Vec<Image>,
    /// Texts, numbers and truths by key.
    #[schema(value_type = ProductAttributes)]
    pub attributes: BTreeMap<String, Value>,
    /// What buyers think of it; null while nobody has said.
    #[schema(required, minimum = 0, maximum = 5)]
    pub rating: Option<f64>,
    /// Rises with each change by the shop.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When the shop last changed it.
    pub updated_at: UtcTime,
}

/// A product in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductSummary {
    /// Its id.
    pub id: ProductId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200, example = "ERP-4711")]
    pub external_id: Option<String>,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "enamel-mug")]
    pub slug: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Enamel mug")]
    pub name: String,
    /// Whether shoppers see it.
    pub status: ProductStatus,
    /// Who makes it.
    #[schema(required)]
    pub brand: Option<BrandRef>,
    /// Where it stands in the shop.
    #[schema(max_items = 100)]
    pub categories: Vec<CategoryRef>,
    /// What its variants differ in.
    #[schema(max_items = 10)]
    pub options: Vec<ProductOption>,
    /// The variant to put into a cart where the shopper has not chosen: the first that has a price in the currency and can
    /// be had, else the first that has a price, else the first; null for a product without variants.
    #[schema(required)]
    pub default_variant_id: Option<VariantId>,
    /// That variant's SKU.
    #[schema(required, min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    pub default_sku: Option<String>,
    /// From the cheapest to the dearest variant; null where none has a price in the currency.
    #[schema(required)]
    pub price_range: Option<PriceRange>,
    /// What the cheapest variant cost before, where the shop says so; of several that are as cheap, the lowest of what it
    /// says, and null unless it says so of all.
    #[schema(required)]
    pub compare_at_price: Option<Money>,
    /// The best of its variants' availabilities.
    pub availability: Availability,
    /// Its images, in the order to show them.
    #[schema(max_items = 100)]
    pub images: Vec<Image>,
    /// What buyers think of it; null while nobody has said.
    #[schema(required, minimum = 0, maximum = 5)]
    pub rating: Option<f64>,
    /// Rises with each change by the shop.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When the shop last changed it.
    pub updated_at: UtcTime,
}

/// A form in which a product is sold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
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
    /// In the currency asked for; null where it has none.
    #[schema(required)]
    pub price: Option<Money>,
    /// What it cost before, where the shop says so.
    #[schema(required)]
    pub compare_at_price: Option<Money>,
    /// While the price is reduced, the lowest of the 30 days before the reduction (Directive 98/6/EC, Art. 6a).
    #[schema(required)]
    pub lowest_price_30d: Option<Money>,
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
}

/// The cheapest and the dearest variant.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PriceRange {
    /// The cheapest.
    pub min: Money,
    /// The dearest.
    pub max: Money,
}

/// A brand, as a product names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrandRef {
    /// Its id.
    pub id: BrandId,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Fjordlight")]
    pub name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "fjordlight")]
    pub slug: String,
}

/// A category of the tree, as a product names it.
pub fn category_ref(tree: &CategoryTree, row: &CategoryRow) -> CategoryRef {
    let path = tree.path(row.id).iter().map(|it| it.as_str().to_owned()).collect();
    CategoryRef { id: row.id, name: row.name.clone(), slug: row.slug.as_str().to_owned(), path }
}

/// A category, as a product names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CategoryRef {
    /// Its id.
    pub id: CategoryId,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Kitchen")]
    pub name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "kitchen")]
    pub slug: String,
    /// Slugs from the root down to it.
    #[schema(value_type = Vec<Slug>, max_items = 100)]
    pub path: Vec<String>,
}

/// What the views depend on beside the rows.
pub struct Lens<'a> {
    /// All categories.
    pub tree: &'a CategoryTree,
    /// The currency of prices.
    pub currency: Currency,
    /// The address that images lie below.
    pub media_url: &'a str,
}

impl Lens<'_> {
    /// A product as its page shows it.
    pub fn product(&self, row: ProductRow, parts: &Parts) -> Product {
        let ProductSummary {
            id,
            external_id,
            slug,
            name,
            status,
            brand,
            categories,
            options,
            price_range,
            availability,
            images,
            rating,
            version,
            created_at,
            updated_at,
            default_variant_id: _,
            default_sku: _,
            compare_at_price: _,
        } = self.summary(SummaryRow::from(&row), &parts.listed);
        let own = parts.variants.iter().filter(|it| it.product_id == id);
        Product {
            description: row.description,
            variants: own.map(|it| self.variant(it, parts)).collect(),
            default_variant_id: parts.default_of(id, self.currency),
            attributes: row.attributes.into_inner(),
            id,
            external_id,
            slug,
            name,
            status,
            brand,
            categories,
            options,
            price_range,
            availability,
            images,
            rating,
            version,
            created_at,
            updated_at,
        }
    }

    /// A product as a list shows it.
    pub fn summary(&self, row: SummaryRow, parts: &ListedParts) -> ProductSummary {
        let default = parts.defaults.iter().find(|it| it.product_id == row.id);
        let range = parts.price_ranges.iter().find(|it| it.product_id == row.id && it.currency == self.currency);
        let brand = row.brand_id.and_then(|id| parts.brands.iter().find(|it| it.id == id));
        let categories = parts.categories.iter().filter(|it| it.product_id == row.id);
        let images = parts.images.iter().filter(|it| it.product_id == row.id);
        ProductSummary {
            id: row.id,
            external_id: row.external_id,
            slug: row.slug.as_str().to_owned(),
            name: row.name,
            status: row.status,
            brand: brand.map(|it| BrandRef { id: it.id, name: it.name.clone(), slug: it.slug.as_str().to_owned() }),
            categories: categories
                .filter_map(|it| self.tree.get(it.category_id))
                .map(|row| category_ref(self.tree, row))
                .collect(),
            options: row.options.into_inner(),
            default_variant_id: default.map(|it| it.id),
            default_sku: default.map(|it| it.sku.clone()),
            price_range: range.map(|it| PriceRange { min: self.money(it.min_amount), max: self.money(it.max_amount) }),
            compare_at_price: range.and_then(|it| it.min_compare_at).map(|it| self.money(it)),
            availability: row.availability,
            images: images.map(|it| image_at(self.media_url, it)).collect(),
            rating: None,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// A variant.
    pub fn variant(&self, row: &VariantRow, parts: &Parts) -> Variant {
        let price = parts.prices.iter().find(|it| it.variant_id == row.id && it.currency == self.currency);
        Variant {
            id: row.id,
            external_id: row.external_id.clone(),
            sku: row.sku.clone(),
            name: row.name.clone(),
            options: (*row.options).clone(),
            price: price.map(|it| self.money(it.amount)),
            compare_at_price: price.and_then(|it| it.compare_at).map(|it| self.money(it)),
            lowest_price_30d: None,
            availability: row.availability,
            image_id: row.image_id,
            weight_grams: row.weight_grams,
            barcode: row.barcode.clone(),
            min_order_quantity: row.min_order_quantity,
            max_order_quantity: row.max_order_quantity,
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// An image with absolute addresses, which begin with `media_url`.
pub fn image_at(media_url: &str, row: &ImageRow) -> Image {
    let RenditionSizes { thumb, medium, large } = *row.renditions;
    let rendition = |name: &str, (width, height)| {
        let stem = format!("{media_url}/api/v1/images/{}/{}/{name}", row.id, row.hash);
        Rendition { webp: format!("{stem}.webp"), jpg: format!("{stem}.jpg"), width, height }
    };
    Image {
        id: row.id,
        alt: row.alt.clone(),
        width: row.width,
        height: row.height,
        placeholder: row.placeholder.clone(),
        focal_point: row.focal_point.as_ref().map(|it| **it),
        renditions: Renditions {
            thumb: rendition("thumb", thumb),
            medium: rendition("medium", medium),
            large: rendition("large", large),
        },
    }
}
