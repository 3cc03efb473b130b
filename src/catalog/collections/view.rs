//! How collections look to shoppers and to the staff.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    rules::CollectionRules,
    store::{CollectionRow, CollectionType},
};
use crate::{
    catalog::model::Slug,
    ids::{CollectionId, ProductId},
    time::UtcTime,
};

/// A collection, as shoppers see it. `GET /api/v1/products?collection=…` lists what is in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductCollection {
    /// Its id.
    pub id: CollectionId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Summer in the garden")]
    pub name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", min_length = 1, max_length = 100, example = "summer-in-the-garden")]
    pub slug: String,
    /// What it is: text, or HTML that was cleaned when it was written.
    #[schema(max_length = 20000)]
    pub description: String,
    /// How it comes by its products.
    pub kind: CollectionType,
    /// Its place among the collections.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A collection in a list of the staff's: without its products.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminCollectionSummary {
    /// What shoppers see.
    #[serde(flatten)]
    pub collection: ProductCollection,
    /// Whether shoppers see it.
    pub published: bool,
    /// What brings products into it; null where they are put in one by one.
    #[schema(required)]
    pub rules: Option<CollectionRules>,
}

/// A collection with everything that the staff may know of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminCollection {
    /// What lists show of it.
    #[serde(flatten)]
    pub summary: AdminCollectionSummary,
    /// What was put into it, in the order to show it; empty where rules bring its products.
    #[schema(max_items = 1000)]
    pub product_ids: Vec<ProductId>,
    /// Slugs that it had: they still lead to it, and no other collection may take them.
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
}

impl From<CollectionRow> for AdminCollectionSummary {
    fn from(row: CollectionRow) -> Self {
        let CollectionRow {
            id,
            external_id,
            slug,
            name,
            name_folded: _,
            description,
            kind,
            rules,
            published,
            position,
            version,
            created_at,
            updated_at,
        } = row;
        let slug = slug.as_str().to_owned();
        let collection = ProductCollection {
            id,
            external_id,
            name,
            slug,
            description,
            kind,
            position,
            version,
            created_at,
            updated_at,
        };
        Self { collection, published, rules: rules.map(|it| it.into_inner()) }
    }
}

impl From<CollectionRow> for ProductCollection {
    fn from(row: CollectionRow) -> Self {
        AdminCollectionSummary::from(row).collection
    }
}

impl AdminCollection {
    /// Of a row, what was put into it, and the slugs that it had.
    pub fn new(row: CollectionRow, product_ids: Vec<ProductId>, former_slugs: Vec<Slug>) -> Self {
        Self { summary: row.into(), product_ids, former_slugs }
    }

    /// Its version.
    pub fn version(&self) -> i64 {
        self.summary.collection.version
    }
}
