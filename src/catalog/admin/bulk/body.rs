//! What a request for many changes holds, and what its answer tells.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    catalog::{
        admin::products::body::{CreateProduct, UpdateProduct},
        draft::{NewProduct, ProductChange},
    },
    error::{Code, Result, Violation},
    http::{etag::IfMatch, json::bulk, openapi::ProblemDocument},
    ids::ProductId,
};

/// Changes to products.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "stands for what `http::json::bulk` takes apart")]
pub struct BulkProducts {
    /// Made one after the other.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<BulkItem>,
}

/// A change to one product.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "op", mapping(
    ("create" = "#/components/schemas/BulkCreate"),
    ("update" = "#/components/schemas/BulkUpdate"),
    ("delete" = "#/components/schemas/BulkDelete")
)))]
#[allow(dead_code, reason = "stands for what `Asked::read` reads")]
pub enum BulkItem {
    /// Makes a product.
    Create(BulkCreate),
    /// Changes a product.
    Update(BulkUpdate),
    /// Deletes a product.
    Delete(BulkDelete),
}

/// Makes a product, as `POST /admin/products` does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkCreate {
    /// What to do.
    #[serde(rename = "op")]
    _op: CreateOp,
    /// The product.
    data: CreateProduct,
}

/// Changes a product, as `PATCH /admin/products/{product_id}` does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkUpdate {
    /// What to do.
    #[serde(rename = "op")]
    _op: UpdateOp,
    /// The product.
    id: ProductId,
    /// The version to change; without one the item is answered with 428.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    version: i64,
    /// What is to change.
    data: UpdateProduct,
}

/// Deletes a product, as `DELETE /admin/products/{product_id}` does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkDelete {
    /// What to do.
    #[serde(rename = "op")]
    _op: DeleteOp,
    /// The product.
    id: ProductId,
    /// The version to delete; without one the item is answered with 428.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    version: i64,
}

/// Makes a product.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CreateOp {
    Create,
}

/// Changes a product.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum UpdateOp {
    Update,
}

/// Deletes a product.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeleteOp {
    Delete,
}

/// What is looked at first.
#[derive(Deserialize, ToSchema)]
struct Kind {
    op: Op,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Op {
    Create,
    Update,
    Delete,
}

/// What an item asks for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// A product.
    Create(Box<NewProduct>),
    /// Another state of one.
    Update(ProductId, IfMatch, Box<ProductChange>),
    /// That one goes.
    Delete(ProductId, IfMatch),
}

impl Asked {
    /// Reads an item.
    ///
    /// # Errors
    /// 428 without a version, 422 with every violation.
    pub fn read(item: &bulk::BulkItem) -> Result<Self> {
        let Kind { op } = item.read()?;
        let needs_version = !matches!(op, Op::Create);
        if needs_version && item.member("version").is_none() {
            let detail = "Name the `version` that you have seen.";
            let pointer = format!("{}/version", item.pointer());
            return Err(Violation::at(pointer, Code::PreconditionRequired, detail).into());
        }
        let seen = |version| IfMatch::Versions(vec![version]);
        Ok(match op {
            Op::Create => {
                let BulkCreate { _op, data } = item.read()?;
                Self::Create(Box::new(data.into()))
            }
            Op::Update => {
                let BulkUpdate { _op, id, version, data } = item.read()?;
                Self::Update(id, seen(version), Box::new(data.into()))
            }
            Op::Delete => {
                let BulkDelete { _op, id, version } = item.read()?;
                Self::Delete(id, seen(version))
            }
        })
    }
}

/// What became of the items.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkOutcomes {
    /// In the order of the request.
    #[schema(max_items = 100)]
    pub items: Vec<BulkOutcome>,
}

/// What became of an item.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkOutcome {
    /// The status that the request for this item alone would have been answered with: 201, 200, 204, or that of `problem`.
    #[schema(minimum = 200, maximum = 599, example = 200)]
    pub status: u16,
    /// The product; null where none was made.
    #[schema(required)]
    pub id: Option<ProductId>,
    /// The version that the product now has; null where it is gone, and where nothing was changed.
    #[schema(required, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 4)]
    pub version: Option<i64>,
    /// Why nothing was changed: the problem document of this item, with pointers into the whole body.
    #[schema(required, value_type = Option<ProblemDocument>)]
    pub problem: Option<Value>,
}
