//! How an address of the book looks from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{AddressRow, Content};
use crate::{address::Address, ids::AddressId, time::UtcTime};

/// An address in a customer's book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedAddress {
    /// Its id.
    pub id: AddressId,
    /// What the customer calls it.
    #[schema(required, min_length = 1, max_length = 100, example = "Home")]
    pub label: Option<String>,
    /// Who lives there.
    #[schema(min_length = 1, max_length = 200, example = "Ada Park")]
    pub name: String,
    /// The company, where it is one.
    #[schema(required, min_length = 1, max_length = 200)]
    pub company: Option<String>,
    /// Street and number, or what stands for them.
    #[schema(min_length = 1, max_length = 200, example = "Seestrasse 7")]
    pub line1: String,
    /// More of it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub line2: Option<String>,
    /// City, town or village.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    pub city: String,
    /// State, province or the like: where the country's are known, the code of one.
    #[schema(required, min_length = 1, max_length = 200)]
    pub region: Option<String>,
    /// Postal code.
    #[schema(required, min_length = 1, max_length = 20, example = "10115")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$", example = "DE")]
    pub country: String,
    /// A telephone number for the carrier.
    #[schema(required, min_length = 3, max_length = 40)]
    pub phone: Option<String>,
    /// Whether goods go there unless the customer says otherwise; true of one address at most.
    pub default_shipping: bool,
    /// Whether bills go there unless the customer says otherwise; true of one address at most.
    pub default_billing: bool,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

impl SavedAddress {
    pub(super) fn new(row: &AddressRow, content: Content) -> Self {
        let Content { label, address } = content;
        let Address { name, company, line1, line2, city, region, postal_code, country, phone } = address;
        let AddressRow { id, default_shipping, default_billing, version, created_at, updated_at, .. } = *row;
        Self {
            id,
            label,
            name,
            company,
            line1,
            line2,
            city,
            region,
            postal_code,
            country,
            phone,
            default_shipping,
            default_billing,
            version,
            created_at,
            updated_at,
        }
    }
}
