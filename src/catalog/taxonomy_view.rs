//! How categories, brands and attributes look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    attribute_definition::{AttributeKind, Definition},
    model::Slug,
    store::{BrandRow, CategoryRow},
    tree::CategoryTree,
};
use crate::{
    ids::{BrandId, CategoryId},
    time::UtcTime,
};

/// A category with all below it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Kitchen")]
    pub name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "kitchen")]
    pub slug: String,
    /// Slugs from the root down to it.
    #[schema(value_type = Vec<Slug>, max_items = 100)]
    pub path: Vec<String>,
    /// The category that it lies in.
    #[schema(required)]
    pub parent_id: Option<CategoryId>,
    /// Its place among its siblings.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// The categories in it, in the order to show them.
    #[schema(max_items = 10000, no_recursion)]
    pub children: Vec<Category>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A brand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Brand {
    /// Its id.
    pub id: BrandId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Fjordlight")]
    pub name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "fjordlight")]
    pub slug: String,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// What the shop says of an attribute, or of an option of that name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShownAttribute {
    /// The key that products have it under. An option's name becomes a key by lower case, and `_` for all but letters
    /// and digits.
    #[schema(pattern = "^[a-z0-9][a-z0-9_]{0,79}$", min_length = 1, max_length = 80, example = "seat_height_cm")]
    pub key: String,
    /// What shoppers call it.
    #[schema(min_length = 1, max_length = 200, example = "Seat height")]
    pub label: String,
    /// What values it has.
    pub kind: AttributeKind,
    /// The unit of its numbers.
    #[schema(required, min_length = 1, max_length = 20, example = "cm")]
    pub unit: Option<String>,
    /// Whether products are filtered and counted by it.
    pub filterable: bool,
}

impl From<Definition> for ShownAttribute {
    fn from(row: Definition) -> Self {
        let Definition { key, label, kind, unit, filterable, .. } = row;
        Self { key, label, kind, unit, filterable }
    }
}

/// A category with all below it.
pub fn category(tree: &CategoryTree, row: &CategoryRow) -> Category {
    let CategoryRow { id, external_id, slug, name, parent_id, position, version, created_at, updated_at } = row.clone();
    Category {
        path: tree.path(id).iter().map(|it| it.as_str().to_owned()).collect(),
        children: tree.children(Some(id)).map(|child| category(tree, child)).collect(),
        slug: slug.as_str().to_owned(),
        id,
        external_id,
        name,
        parent_id,
        position,
        version,
        created_at,
        updated_at,
    }
}

impl From<BrandRow> for Brand {
    fn from(row: BrandRow) -> Self {
        let BrandRow { id, external_id, slug, name, name_folded: _, version, created_at, updated_at } = row;
        Self { id, external_id, name, slug: slug.as_str().to_owned(), version, created_at, updated_at }
    }
}
