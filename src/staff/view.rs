//! How members of the staff look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::rights::RightName,
    ids::{RoleId, StaffId},
    time::UtcTime,
};

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

/// The account of a member of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffAccount {
    /// Their id.
    pub id: StaffId,
    /// The address that they log in by.
    #[schema(format = "email", min_length = 3, max_length = 254, example = "kim@example.com")]
    pub email: String,
    /// Their name.
    #[schema(required, min_length = 1, max_length = 200, example = "Kim Lund")]
    pub name: Option<String>,
    /// What they are there for.
    pub role: HeldRole,
    /// What they may do.
    #[schema(max_items = 100)]
    pub rights: Vec<RightName>,
    /// Whether logging in takes a code besides the password.
    pub second_factor: bool,
    /// Whether they may not come in.
    pub disabled: bool,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When they came.
    pub created_at: UtcTime,
    /// When the account last changed.
    pub updated_at: UtcTime,
}

/// The role that somebody has, or is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldRole {
    /// The role.
    pub id: RoleId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Order manager")]
    pub name: String,
}
