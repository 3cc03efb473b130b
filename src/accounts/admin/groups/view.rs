//! How customer groups look from outside.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{db::schema::customer_groups, ids::CustomerGroupId, time::UtcTime};

/// A group of customers.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = customer_groups)]
pub struct CustomerGroup {
    /// Its id.
    pub id: CustomerGroupId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Wholesale")]
    pub name: String,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}
