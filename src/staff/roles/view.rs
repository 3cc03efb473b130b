//! How roles look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::RoleRow;
use crate::{auth::rights::RightName, ids::RoleId, time::UtcTime};

/// A role: rights under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleView {
    /// Its id.
    pub id: RoleId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Customer care")]
    pub name: String,
    /// Whether it comes with the shop: then it can be neither changed nor deleted.
    pub built_in: bool,
    /// What its holders may do.
    #[schema(max_items = 100)]
    pub rights: Vec<RightName>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

impl From<RoleRow> for RoleView {
    fn from(row: RoleRow) -> Self {
        let rights = row.all_rights().names();
        let RoleRow { id, built_in, name, version, created_at, updated_at, .. } = row;
        Self { id, name, built_in: built_in.is_some(), rights, version, created_at, updated_at }
    }
}
