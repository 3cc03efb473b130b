//! What requests to make and to change a variant hold.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    catalog::{
        documented::{OptionValues, OptionValuesPatch},
        draft::{NewVariant, Price, VariantChange},
        model::{OrderQuantities, VariantOptions},
    },
    ids::ImageId,
    money::Currency,
    patch::Patch,
};

/// A variant to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVariant {
    /// The shop's own key for it; no other variant may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Stock keeping unit; no other variant may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: String,
    /// Its name; that of the product with its options behind it where none is given.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Enamel mug, blue")]
    name: Option<String>,
    /// A value of each of the product's options.
    #[schema(value_type = Option<OptionValues>)]
    options: Option<VariantOptions>,
    /// What it costs, once in each currency in which it is to be sold.
    #[schema(max_items = 200)]
    prices: Option<Vec<VariantPriceInput>>,
    /// Units on the shelf.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 25)]
    stock: Option<i64>,
    /// GTIN or another barcode.
    #[schema(min_length = 1, max_length = 100, example = "2000000000015")]
    barcode: Option<String>,
    /// Weight in grams.
    #[schema(minimum = 0, maximum = 2_147_483_647, example = 320)]
    weight_grams: Option<i32>,
    /// How many a cart must hold at least to be bought; 1 where it is not given.
    #[schema(minimum = 1, maximum = 999, example = 2)]
    min_order_quantity: Option<i32>,
    /// How many a cart may hold at most to be bought.
    #[schema(minimum = 1, maximum = 999, example = 12)]
    max_order_quantity: Option<i32>,
}

/// What a variant is to cost in one currency.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPriceInput {
    /// Integer minor units of the currency.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1290)]
    amount: i64,
    /// One that the shop offers.
    currency: Currency,
    /// What it cost before, in minor units of the currency, to show beside the price; more than that.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1590)]
    compare_at: Option<i64>,
}

/// What is to change of a variant.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateVariant {
    /// The shop's own key for it; no other variant may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Patch<String>,
    /// Stock keeping unit; no other variant may have it.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: Option<String>,
    /// Its name; null makes it that of the product with its options behind it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 500, example = "Enamel mug, blue")]
    name: Patch<String>,
    /// Values of the product's options, merged with those that there are.
    #[schema(nullable = false, value_type = Option<OptionValuesPatch>)]
    options: Option<BTreeMap<String, Option<String>>>,
    /// All its prices.
    #[serde(default)]
    #[schema(value_type = Option<Vec<VariantPriceInput>>, max_items = 200)]
    prices: Patch<Vec<VariantPriceInput>>,
    /// GTIN or another barcode.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "2000000000015")]
    barcode: Patch<String>,
    /// Weight in grams.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 2_147_483_647, example = 320)]
    weight_grams: Patch<i32>,
    /// How many a cart must hold at least to be bought.
    #[schema(nullable = false, minimum = 1, maximum = 999, example = 2)]
    min_order_quantity: Option<i32>,
    /// How many a cart may hold at most to be bought; null for as many as it can hold.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 999, example = 12)]
    max_order_quantity: Patch<i32>,
    /// The image of the product that shows it best.
    #[serde(default)]
    #[schema(value_type = Option<ImageId>)]
    image_id: Patch<ImageId>,
    /// Its place among the product's variants, from 0; the others make room. Behind the last one, it becomes the last.
    #[schema(nullable = false, minimum = 0, maximum = 2_147_483_647)]
    position: Option<usize>,
}

impl From<VariantPriceInput> for Price {
    fn from(input: VariantPriceInput) -> Self {
        let VariantPriceInput { amount, currency, compare_at } = input;
        Self { amount, currency, compare_at }
    }
}

impl From<CreateVariant> for NewVariant {
    fn from(body: CreateVariant) -> Self {
        let CreateVariant {
            external_id,
            sku,
            name,
            options,
            prices,
            stock,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
        } = body;
        Self {
            external_id,
            sku,
            name,
            options: options.unwrap_or_default(),
            prices: prices.unwrap_or_default().into_iter().map(Price::from).collect(),
            stock: stock.unwrap_or_default(),
            barcode,
            weight_grams,
            order_quantities: OrderQuantities { min: min_order_quantity.unwrap_or(1), max: max_order_quantity },
            image_id: None,
        }
    }
}

impl From<UpdateVariant> for VariantChange {
    fn from(body: UpdateVariant) -> Self {
        let UpdateVariant {
            external_id,
            sku,
            name,
            options,
            prices,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            image_id,
            position,
        } = body;
        let prices = match prices {
            Patch::Absent => None,
            Patch::Null => Some(Vec::new()),
            Patch::Value(prices) => Some(prices.into_iter().map(Price::from).collect()),
        };
        Self {
            external_id,
            sku,
            name,
            options,
            prices,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            image_id,
            position,
        }
    }
}
