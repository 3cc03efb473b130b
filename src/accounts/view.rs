//! How accounts and sessions look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{CustomerRow, Person};
use crate::{
    carts::merge::CartMerge,
    ids::{CustomerId, SessionId},
    staff::StaffMember,
    time::UtcTime,
};

/// A session that has just begun or goes on: an access token to call with, and a refresh token to get the next ones.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Goes into `Authorization: Bearer …`. A JWT, which the client need not look into.
    #[schema(
        pattern = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
        max_length = 2048,
        example = "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJjdXN0In0.c2lnbmF0dXJl"
    )]
    pub access_token: String,
    /// How the access token is sent.
    pub token_type: TokenType,
    /// Seconds for which the access token is good.
    #[schema(minimum = 1, maximum = 900, example = 900)]
    pub expires_in: i64,
    /// Is exchanged for the next session answer, once.
    #[schema(
        required,
        pattern = "^rt_[A-Za-z0-9_-]{43}$",
        min_length = 46,
        max_length = 46,
        example = "rt_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U"
    )]
    pub refresh_token: Option<String>,
    /// Seconds for which the refresh token is good.
    #[schema(minimum = 0, maximum = 2_592_000, example = 2_592_000)]
    pub refresh_expires_in: i64,
    /// The session.
    pub session_id: SessionId,
    /// Who has logged in, where it is a customer.
    #[schema(required)]
    pub customer: Option<CustomerProfile>,
    /// Who has logged in, where it is a member of the staff.
    #[schema(required)]
    pub staff: Option<StaffMember>,
    /// What became of the guest's cart that came along; null where none did, or where it was not theirs.
    #[schema(required)]
    pub cart_merge: Option<CartMerge>,
}

/// How an access token is sent (RFC 6750).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum TokenType {
    /// In the header `Authorization`, behind this word.
    Bearer,
}

/// A customer, as they see themself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerProfile {
    /// Their id.
    pub id: CustomerId,
    /// The address that they log in by.
    #[schema(format = "email", min_length = 3, max_length = 254, example = "ann@example.com")]
    pub email: String,
    /// What they want to be called.
    #[schema(required, min_length = 1, max_length = 200, example = "Ann Berg")]
    pub name: Option<String>,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
    /// When they registered.
    pub created_at: UtcTime,
}

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// The customer's id.
    pub id: CustomerId,
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
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When they registered.
    pub created_at: UtcTime,
    /// When the account last changed.
    pub updated_at: UtcTime,
}

impl CustomerProfile {
    pub(super) fn new(row: &CustomerRow, person: Person) -> Self {
        let Person { email, name } = person;
        Self { id: row.id, email, name, email_verified: row.email_verified, created_at: row.created_at }
    }
}

impl Me {
    pub(super) fn new(row: &CustomerRow, person: Person, second_factor: bool) -> Self {
        let CustomerProfile { id, email, name, email_verified, created_at } = CustomerProfile::new(row, person);
        let CustomerRow { version, updated_at, .. } = *row;
        Self { id, email, name, email_verified, second_factor, version, created_at, updated_at }
    }
}
