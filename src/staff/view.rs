//! How members of the staff look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::rights::RightName, ids::StaffId};

/// A member of the staff, as they see themself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// The address that they log in by.
    #[schema(format = "email", min_length = 3, max_length = 254, example = "kim@example.com")]
    pub email: String,
    /// Their name.
    #[schema(required, min_length = 1, max_length = 200, example = "Kim Lund")]
    pub name: Option<String>,
    /// What they may do.
    #[schema(max_items = 100)]
    pub rights: Vec<RightName>,
}
