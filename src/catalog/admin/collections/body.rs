//! What requests to make and to change a collection hold.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    catalog::{
        collections::{
            rules::CollectionRules,
            store::CollectionType,
            write_collection::{CollectionChange, NewCollection},
        },
        model::Slug,
    },
    ids::ProductId,
    patch::Patch,
};

/// A collection to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "rules",
    "name": "Small presents",
    "rules": {"match": "all", "conditions": [{"price": {"currency": "EUR", "max": 2000}}, {"in_stock": true}]}
}))]
pub struct CreateCollection {
    /// The shop's own key for it; no other collection may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    slug: Option<Slug>,
    /// Its name.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Small presents")]
    name: String,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[schema(max_length = 20000)]
    description: Option<String>,
    /// How it comes by its products, for good.
    kind: CollectionType,
    /// What brings products into it; a collection by rules needs them, a manual one takes none.
    rules: Option<CollectionRules>,
    /// What is put into a manual collection, in the order to show it.
    #[schema(max_items = 1000)]
    product_ids: Option<Vec<ProductId>>,
    /// Whether shoppers see it; yes where it is not given.
    published: Option<bool>,
    /// Its place among the collections; behind them where it is not given.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

impl From<CreateCollection> for NewCollection {
    fn from(body: CreateCollection) -> Self {
        let CreateCollection { external_id, slug, name, description, kind, rules, product_ids, published, position } =
            body;
        Self {
            external_id,
            slug,
            name,
            description: description.unwrap_or_default(),
            kind,
            rules,
            product_ids,
            published: published.unwrap_or(true),
            position,
        }
    }
}

/// What is to change of a collection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Summer in the garden", "published": true}))]
pub struct UpdateCollection {
    /// The shop's own key for it; no other collection may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Patch<String>,
    /// Its name in addresses.
    #[schema(nullable = false)]
    slug: Option<Slug>,
    /// Its name.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 500, example = "Small presents")]
    name: Option<String>,
    /// What it is: text, or HTML that is cleaned when it is written.
    #[schema(nullable = false, max_length = 20000)]
    description: Option<String>,
    /// What brings products into it, in the place of the rules before.
    #[schema(nullable = false)]
    rules: Option<CollectionRules>,
    /// What is in a manual collection, in the order to show it, in the place of what was in it before.
    #[schema(nullable = false, max_items = 1000)]
    product_ids: Option<Vec<ProductId>>,
    /// Whether shoppers see it.
    #[schema(nullable = false)]
    published: Option<bool>,
    /// Its place among the collections.
    #[schema(nullable = false, minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

impl From<UpdateCollection> for CollectionChange {
    fn from(body: UpdateCollection) -> Self {
        let UpdateCollection { external_id, slug, name, description, rules, product_ids, published, position } = body;
        Self { external_id, slug, name, description, rules, product_ids, published, position }
    }
}
