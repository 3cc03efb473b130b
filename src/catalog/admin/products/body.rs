//! What requests to make and to change a product hold.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    catalog::{
        admin::variants::body::CreateVariant,
        documented::{OptionsOfVariants, ProductAttributes, ProductAttributesPatch},
        draft::{ChosenOptions, NewProduct, NewVariant, ProductChange},
        model::{Attributes, ProductOption, ProductStatus, Slug, VariantOptions},
    },
    ids::{BrandId, CategoryId, VariantId},
    patch::Patch,
    time::UtcTime,
};

/// A product to be made, with its variants.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    /// The shop's own key for it; no other product may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200, example = "ERP-4711")]
    external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    slug: Option<Slug>,
    /// Its name.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Enamel mug")]
    name: String,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[schema(max_length = 20000, example = "Enamelled steel, holds 350 ml.")]
    description: Option<String>,
    /// Whether shoppers see it; a draft where it is not given.
    status: Option<ProductStatus>,
    /// When it becomes `published` by itself; it cannot lie ahead of what is published already.
    publish_at: Option<UtcTime>,
    /// When it becomes `archived` by itself, which lies behind `publish_at`.
    unpublish_at: Option<UtcTime>,
    /// Who makes it.
    brand_id: Option<BrandId>,
    /// Where it stands in the shop, in the order to show it.
    #[schema(max_items = 100)]
    category_ids: Option<Vec<CategoryId>>,
    /// What its variants differ in.
    #[schema(max_items = 10)]
    options: Option<Vec<ProductOption>>,
    /// Texts, numbers and truths by key.
    #[schema(value_type = Option<ProductAttributes>)]
    attributes: Option<Attributes>,
    /// The forms in which it is sold, in the order to show them.
    #[schema(max_items = 1000)]
    variants: Option<Vec<CreateVariant>>,
}

impl From<CreateProduct> for NewProduct {
    fn from(body: CreateProduct) -> Self {
        let CreateProduct {
            external_id,
            slug,
            name,
            description,
            status,
            publish_at,
            unpublish_at,
            brand_id,
            category_ids,
            options,
            attributes,
            variants,
        } = body;
        Self {
            external_id,
            slug,
            name,
            description: description.unwrap_or_default(),
            status: status.unwrap_or(ProductStatus::Draft),
            publish_at,
            unpublish_at,
            brand_id,
            category_ids: category_ids.unwrap_or_default(),
            options: options.unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
            variants: variants.unwrap_or_default().into_iter().map(NewVariant::from).collect(),
            images: Vec::new(),
        }
    }
}

/// What is to change of a product.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProduct {
    /// The shop's own key for it; no other product may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 200, example = "ERP-4711")]
    external_id: Patch<String>,
    /// Its name in addresses. The one before still leads to it.
    #[schema(nullable = false)]
    slug: Option<Slug>,
    /// Its name.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 500, example = "Enamel mug")]
    name: Option<String>,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000, example = "Enamelled steel, holds 350 ml.")]
    description: Patch<String>,
    /// Whether shoppers see it.
    #[schema(nullable = false)]
    status: Option<ProductStatus>,
    /// When it becomes `published` by itself; null, where that has been put off. It cannot lie ahead of what is published
    /// already, and goes where the state becomes `published` by hand.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    publish_at: Patch<UtcTime>,
    /// When it becomes `archived` by itself, which lies behind `publish_at`; null, where that has been put off.
    #[serde(default)]
    #[schema(value_type = Option<UtcTime>)]
    unpublish_at: Patch<UtcTime>,
    /// Who makes it.
    #[serde(default)]
    #[schema(value_type = Option<BrandId>)]
    brand_id: Patch<BrandId>,
    /// All places in the shop, in the order to show it.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CategoryId>>, max_items = 100)]
    category_ids: Patch<Vec<CategoryId>>,
    /// All that its variants differ in. An option that goes is taken from the variants too; one of a single value is given
    /// to all variants that lack it. Each variant must have one of the values of each option then, and no two the same:
    /// where that does not come by itself, `variant_options` says what they have.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ProductOption>>, max_items = 10)]
    options: Patch<Vec<ProductOption>>,
    /// What variants have of the options then, by their ids, over what they have now.
    #[schema(nullable = false, value_type = Option<OptionsOfVariants>)]
    variant_options: Option<BTreeMap<VariantId, VariantOptions>>,
    /// Texts, numbers and truths by key, merged with those that there are.
    #[serde(default)]
    #[schema(value_type = Option<ProductAttributesPatch>)]
    attributes: Patch<BTreeMap<String, Option<Value>>>,
}

impl From<UpdateProduct> for ProductChange {
    fn from(body: UpdateProduct) -> Self {
        let UpdateProduct {
            external_id,
            slug,
            name,
            description,
            status,
            publish_at,
            unpublish_at,
            brand_id,
            category_ids,
            options,
            variant_options,
            attributes,
        } = body;
        let chosen = |(id, values)| (id, ChosenOptions { at: format!("#/variant_options/{id}"), values });
        Self {
            external_id,
            slug,
            name,
            description: or_empty(description),
            status,
            publish_at,
            unpublish_at,
            brand_id,
            category_ids: or_empty(category_ids),
            options: or_empty(options),
            variant_options: variant_options.into_iter().flatten().map(chosen).collect(),
            attributes,
        }
    }
}

/// Null empties what is never null.
fn or_empty<T: Default>(patch: Patch<T>) -> Option<T> {
    match patch {
        Patch::Absent => None,
        Patch::Null => Some(T::default()),
        Patch::Value(value) => Some(value),
    }
}
