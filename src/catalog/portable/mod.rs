//! The catalogue as it goes from one shop to another: everything that can be written, named by slugs and SKUs, without
//! ids and versions.
//!
//! What is read here and written into an empty shop reads the same there. A member that comes later is one that may be
//! absent, so that a file of today can be read for ever.

mod change_product;
mod collections;
mod read;
mod summary;
mod write;
mod write_product;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    attribute_definition::AttributeKind,
    documented::{OptionValues, ProductAttributes},
    model::{Attributes, FocalPoint, ProductOption, ProductStatus, Slug, VariantOptions},
};
use crate::{media::ContentHash, money::Currency, time::UtcTime};

pub use collections::{PortableCollection, for_each_collection, write_collection};
pub use read::{attributes, brands, categories, for_each_product};
pub use summary::{Summary, summary};
pub use write::{Written, write_attribute, write_brand, write_category};
pub use write_product::{known_images, write_product};

/// One thing of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// What the shop says of attributes of one key.
    Attribute(PortableAttribute),
    /// A brand.
    Brand(PortableBrand),
    /// A category; those above it come before.
    Category(PortableCategory),
    /// A product; its brand and its categories come before.
    Product(Box<PortableProduct>),
    /// A collection; what it names comes before.
    Collection(PortableCollection),
}

/// The definition of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as in the definition")]
pub struct PortableAttribute {
    #[schema(pattern = "^[a-z0-9][a-z0-9_]{0,79}$", min_length = 1, max_length = 80)]
    pub key: String,
    #[schema(min_length = 1, max_length = 200)]
    pub label: String,
    pub kind: AttributeKind,
    #[schema(required, min_length = 1, max_length = 20)]
    pub unit: Option<String>,
    pub filterable: bool,
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
}

/// A brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableBrand {
    /// Its name in addresses, by which it is found again.
    pub slug: Slug,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// Slugs that it had and that still lead to it.
    #[serde(default)]
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableCategory {
    /// Its name in addresses, by which it is found again where it has no external id.
    pub slug: Slug,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// The slug of the category that it lies in.
    #[schema(required)]
    pub parent: Option<Slug>,
    /// Its place among its siblings.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// Slugs that it had and that still lead to it.
    #[serde(default)]
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
}

/// A product with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableProduct {
    /// Its name in addresses, by which it is found again where it has no external id.
    pub slug: Slug,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// What it is.
    #[schema(max_length = 20000)]
    pub description: String,
    /// Whether shoppers see it.
    pub status: ProductStatus,
    /// When it is to be published.
    #[schema(required)]
    pub publish_at: Option<UtcTime>,
    /// When it is to be archived.
    #[schema(required)]
    pub unpublish_at: Option<UtcTime>,
    /// When it was made; now, where a file does not say it.
    pub created_at: Option<UtcTime>,
    /// Slugs that it had and that still lead to it.
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
    /// The slug of its brand.
    #[schema(required)]
    pub brand: Option<Slug>,
    /// Slugs of its categories, in the order to show it.
    #[schema(max_items = 1000)]
    pub categories: Vec<Slug>,
    /// What its variants differ in.
    #[schema(value_type = Vec<PortableOption>, max_items = 10)]
    pub options: Vec<ProductOption>,
    /// Texts, numbers and truths by key.
    #[schema(value_type = ProductAttributes)]
    pub attributes: Attributes,
    /// In the order to show them.
    #[schema(max_items = 100)]
    pub images: Vec<PortableImage>,
    /// In the order to show them.
    #[schema(max_items = 1000)]
    pub variants: Vec<PortableVariant>,
}

/// What variants differ in. An import makes as many values as there are variants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, missing_docs, reason = "stands for the option's schema")]
pub struct PortableOption {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(value_type = Vec<super::documented::OptionValue>, min_items = 1, max_items = 1000)]
    pub values: Vec<String>,
}

/// An image. Its renditions are files beside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableImage {
    /// Names its files: the hash of them all.
    #[schema(value_type = String, pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    pub files: ContentHash,
    /// The hash of what the renditions were drawn from, by which the product's image is found again.
    #[schema(value_type = String, pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    pub hash: ContentHash,
    /// What it shows, in words.
    #[schema(max_length = 500)]
    pub alt: String,
    /// Width of the original in pixels.
    #[schema(minimum = 1, maximum = 12000)]
    pub width: u32,
    /// Height of the original in pixels.
    #[schema(minimum = 1, maximum = 12000)]
    pub height: u32,
    /// ThumbHash in base64.
    #[schema(min_length = 1, max_length = 100)]
    pub placeholder: String,
    /// The point that stays in sight where the image is cropped.
    #[schema(required)]
    pub focal_point: Option<FocalPoint>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableVariant {
    /// Stock keeping unit, by which it is found again.
    #[schema(min_length = 1, max_length = 100)]
    pub sku: String,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name, where it is not the product's with its options behind it.
    #[schema(required, min_length = 1, max_length = 500)]
    pub name: Option<String>,
    /// Its value of each option of the product.
    #[schema(value_type = OptionValues)]
    pub options: VariantOptions,
    /// GTIN or another barcode.
    #[schema(required, min_length = 1, max_length = 100)]
    pub barcode: Option<String>,
    /// Weight in grams.
    #[schema(required, minimum = 0, maximum = 2_147_483_647)]
    pub weight_grams: Option<i32>,
    /// How many of it a cart must hold at least.
    #[schema(minimum = 1, maximum = 999)]
    pub min_order_quantity: i32,
    /// How many of it a cart may hold at most.
    #[schema(required, minimum = 1, maximum = 999)]
    pub max_order_quantity: Option<i32>,
    /// The place of the image that shows it best among the product's, from 0.
    #[schema(required, minimum = 0, maximum = 99)]
    pub image: Option<usize>,
    /// Units on the shelf; for a new variant alone.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub stock: i64,
    /// By currency.
    #[schema(max_items = 200)]
    pub prices: Vec<PortablePrice>,
}

/// A price, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortablePrice {
    /// In which currency.
    pub currency: Currency,
    /// What it costs.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub amount: i64,
    /// What it cost before, where the shop says so.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub compare_at: Option<i64>,
}
