//! Postal addresses, as shoppers give them and as orders keep them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where goods or bills go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Address {
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
    /// State, province or the like.
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
}

/// An address in a request: what may be missing may also be null.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressInput {
    /// Who lives there.
    #[schema(min_length = 1, max_length = 200, example = "Ada Park")]
    name: String,
    /// The company, where it is one.
    #[schema(min_length = 1, max_length = 200)]
    company: Option<String>,
    /// Street and number, or what stands for them.
    #[schema(min_length = 1, max_length = 200, example = "Seestrasse 7")]
    line1: String,
    /// More of it.
    #[schema(min_length = 1, max_length = 200)]
    line2: Option<String>,
    /// City, town or village.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    city: String,
    /// State, province or the like.
    #[schema(min_length = 1, max_length = 200)]
    region: Option<String>,
    /// Postal code.
    #[schema(min_length = 1, max_length = 20, example = "10115")]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of a country that the shop ships to.
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$", example = "DE")]
    country: String,
    /// A telephone number for the carrier.
    #[schema(min_length = 3, max_length = 40)]
    phone: Option<String>,
}

impl From<AddressInput> for Address {
    fn from(input: AddressInput) -> Self {
        let AddressInput { name, company, line1, line2, city, region, postal_code, country, phone } = input;
        Self { name, company, line1, line2, city, region, postal_code, country, phone }
    }
}
