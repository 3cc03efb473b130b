//! How API keys look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{api_keys::ApiKeyRow, rights::RightName, secret::OpaqueToken},
    ids::{KeyId, StaffId},
    time::UtcTime,
};

/// What another system comes in by.
// Without `Debug`, so that no log can hold the key.
#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, example = "Warehouse")]
    pub name: String,
    /// The key itself, once: in the answer to its making.
    #[schema(
        required,
        pattern = "^sk_[A-Za-z0-9_-]{43}$",
        min_length = 46,
        max_length = 46,
        example = "sk_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U"
    )]
    pub key: Option<String>,
    /// What it was made for. It may do less where whoever made it no longer holds all of that.
    #[schema(max_items = 100)]
    pub rights: Vec<RightName>,
    /// Who made it, and answers for it.
    pub created_by: StaffId,
    /// From when on it is no good; null where it does not end by itself.
    #[schema(required)]
    pub expires_at: Option<UtcTime>,
    /// When it was last used, to the minute; null where it never was.
    #[schema(required)]
    pub last_used_at: Option<UtcTime>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

impl ApiKey {
    pub(super) fn new(row: ApiKeyRow, key: Option<&OpaqueToken>) -> Self {
        let rights = row.rights().names();
        let ApiKeyRow { id, name, created_by, expires_at, last_used_at, version, created_at, updated_at, .. } = row;
        let key = key.map(|it| it.expose().to_owned());
        Self { id, name, key, rights, created_by, expires_at, last_used_at, version, created_at, updated_at }
    }
}
