//! How customers look to the staff.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    ids::{CustomerGroupId, CustomerId},
    time::UtcTime,
};

/// A customer, as the staff see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdminCustomer {
    /// Their id.
    pub id: CustomerId,
    /// The shop's own key for them.
    #[schema(required, min_length = 1, max_length = 200, example = "CRM-4711")]
    pub external_id: Option<String>,
    /// The address that they log in by.
    #[schema(format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    pub email: String,
    /// What they want to be called.
    #[schema(required, min_length = 1, max_length = 200, example = "Ann Berg")]
    pub name: Option<String>,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
    /// Whether logging in takes a code besides the password.
    pub second_factor: bool,
    /// Whether they may not come in.
    pub disabled: bool,
    /// Words by which they are found again.
    #[schema(max_items = 50)]
    pub tags: Vec<Tag>,
    /// The groups that they belong to, by name.
    #[schema(max_items = 50)]
    pub groups: Vec<GroupOfCustomer>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When they registered.
    pub created_at: UtcTime,
    /// When the account last changed.
    pub updated_at: UtcTime,
}

/// A group that a customer belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupOfCustomer {
    /// The group.
    pub id: CustomerGroupId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Wholesale")]
    pub name: String,
}

/// A word by which customers are found again: lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", min_length = 1, max_length = 50, example = "vip")]
pub struct Tag(pub(super) String);
