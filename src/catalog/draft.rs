//! Products and variants as they are to be: what the administration and imports ask the catalogue to write.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::{
    Attributes, FocalPoint, OrderQuantities, ProductOption, ProductStatus, RenditionSizes, Slug, VariantOptions,
};
use crate::{
    config::Config,
    ids::{BrandId, CategoryId, ImageId, VariantId},
    media::{ContentHash, Rendered, RenditionName},
    money::Currency,
    patch::Patch,
    time::UtcTime,
};

/// What the shop's settings say of products.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The currencies in which prices may be.
    pub currencies: &'a [Currency],
    /// Up to this many available units a variant is low in stock.
    pub low_stock: i64,
}

impl<'a> Terms<'a> {
    /// Those of these settings.
    pub fn of(config: &'a Config) -> Self {
        Self { currencies: &config.store.currencies, low_stock: config.low_stock }
    }
}

/// A product to be made, with its variants.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProduct {
    /// The shop's own key for it.
    pub external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether shoppers see it.
    pub status: ProductStatus,
    /// When it is to be published.
    pub publish_at: Option<UtcTime>,
    /// When it is to be archived.
    pub unpublish_at: Option<UtcTime>,
    /// Who makes it.
    pub brand_id: Option<BrandId>,
    /// Where it stands in the shop, in the order to show it.
    pub category_ids: Vec<CategoryId>,
    /// What its variants differ in.
    pub options: Vec<ProductOption>,
    /// Texts, numbers and truths by key.
    pub attributes: Attributes,
    /// In the order to show them.
    pub variants: Vec<NewVariant>,
    /// In the order to show them.
    pub images: Vec<NewImage>,
}

/// An image to hang on a product. Its files are in the media storage already, under this id and hash.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImage {
    /// Its id.
    pub id: ImageId,
    /// Of the bytes that came in.
    pub hash: ContentHash,
    /// What it shows, in words.
    pub alt: String,
    /// Width of the original in pixels.
    pub width: i32,
    /// Height of the original in pixels.
    pub height: i32,
    /// ThumbHash in base64.
    pub placeholder: String,
    /// The sizes of its renditions.
    pub renditions: RenditionSizes,
    /// The point that stays in sight where it is cropped.
    pub focal_point: Option<FocalPoint>,
}

impl NewImage {
    /// An image that has been drawn and kept.
    pub fn of(id: ImageId, alt: &str, rendered: &Rendered) -> Self {
        let size = |name| {
            let rendition = rendered.renditions.iter().find(|it| it.name == name);
            rendition.map_or((1, 1), |it| (it.width, it.height))
        };
        // No side is longer than 12,000 pixels.
        let pixels = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
        Self {
            id,
            hash: rendered.hash,
            alt: alt.to_owned(),
            width: pixels(rendered.width),
            height: pixels(rendered.height),
            placeholder: rendered.placeholder.clone(),
            renditions: RenditionSizes {
                thumb: size(RenditionName::Thumb),
                medium: size(RenditionName::Medium),
                large: size(RenditionName::Large),
            },
            focal_point: None,
        }
    }
}

/// What is to change of an image; what is `None` or absent stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImageChange {
    /// What it shows, in words.
    pub alt: Option<String>,
    /// The point that stays in sight where the image is cropped.
    pub focal_point: Patch<FocalPoint>,
    /// Its place among the product's images, from 0; the others make room.
    pub position: Option<usize>,
}

/// A variant to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVariant {
    /// The shop's own key for it.
    pub external_id: Option<String>,
    /// Stock keeping unit.
    pub sku: String,
    /// Its name; that of the product with its options behind it where none is given.
    pub name: Option<String>,
    /// Its value of each option of the product.
    pub options: VariantOptions,
    /// At most one in each currency.
    pub prices: Vec<Price>,
    /// Units on the shelf.
    pub stock: i64,
    /// GTIN or another barcode.
    pub barcode: Option<String>,
    /// Weight in grams.
    pub weight_grams: Option<i32>,
    /// How many of it a cart may hold.
    pub order_quantities: OrderQuantities,
    /// The image of the product that shows it best.
    pub image_id: Option<ImageId>,
}

/// A price in one currency, in its minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// What it costs.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
    /// What it cost before, where the shop says so.
    pub compare_at: Option<i64>,
}

/// What is to change of a product; what is `None` or absent stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductChange {
    /// The shop's own key for it.
    pub external_id: Patch<String>,
    /// Its name in addresses; the one before still leads to it.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Whether shoppers see it.
    pub status: Option<ProductStatus>,
    /// When it is to be published.
    pub publish_at: Patch<UtcTime>,
    /// When it is to be archived.
    pub unpublish_at: Patch<UtcTime>,
    /// Who makes it.
    pub brand_id: Patch<BrandId>,
    /// All categories, in the order to show them.
    pub category_ids: Option<Vec<CategoryId>>,
    /// All options. One that goes is taken from the variants too, and one of a single value is given to those that lack it.
    pub options: Option<Vec<ProductOption>>,
    /// What single variants have of the options then.
    pub variant_options: BTreeMap<VariantId, ChosenOptions>,
    /// Values by key; `None` takes the key away, and a null patch all of them.
    pub attributes: Patch<BTreeMap<String, Option<Value>>>,
}

/// Values of options for a variant, over those that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenOptions {
    /// Where the request says so.
    pub at: String,
    /// By option.
    pub values: VariantOptions,
}

/// What is to change of a variant; what is `None` or absent stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VariantChange {
    /// The shop's own key for it.
    pub external_id: Patch<String>,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// Its name; null makes it that of the product with its options behind it.
    pub name: Patch<String>,
    /// Values by option; `None` takes an option away, which only goes where the product has it no more.
    pub options: Option<BTreeMap<String, Option<String>>>,
    /// All prices.
    pub prices: Option<Vec<Price>>,
    /// GTIN or another barcode.
    pub barcode: Patch<String>,
    /// Weight in grams.
    pub weight_grams: Patch<i32>,
    /// How many a cart must hold at least.
    pub min_order_quantity: Option<i32>,
    /// How many a cart may hold at most.
    pub max_order_quantity: Patch<i32>,
    /// The image of the product that shows it best.
    pub image_id: Patch<ImageId>,
    /// Its place among the product's variants, from 0; the others make room.
    pub position: Option<usize>,
}
