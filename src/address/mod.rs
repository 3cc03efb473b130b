//! Postal addresses, as shoppers give them and as orders keep them, and the rules of each country.

mod check;
mod rules;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use check::{check_text, require_text};
pub use rules::{AddressField, CityLabel, CountryRules, Labels, PostalCodeLabel, Region, RegionLabel};

use crate::country::Country;

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
}

/// An address in a request: what may be missing may also be null.
// Only `check` makes an `Address` of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Ada Park", "company": "Park & Co.", "line1": "Seestrasse 7", "line2": "Second floor", "city": "Berlin",
    "region": "Berlin", "postal_code": "10115", "country": "DE", "phone": "+49 30 5550100",
}))]
pub struct AddressInput {
    /// Who lives there.
    #[schema(min_length = 1, max_length = 200, example = "Ada Park")]
    pub name: String,
    /// The company, where it is one.
    #[schema(min_length = 1, max_length = 200, example = "Park & Co.")]
    pub company: Option<String>,
    /// Street and number, or what stands for them.
    #[schema(min_length = 1, max_length = 200, example = "Seestrasse 7")]
    pub line1: String,
    /// More of it.
    #[schema(min_length = 1, max_length = 200, example = "Second floor")]
    pub line2: Option<String>,
    /// City, town or village.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    pub city: String,
    /// State, province or the like. Where the country's are known it is one of them, by code or name, and kept by its code.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    pub region: Option<String>,
    /// Postal code, as the country writes them.
    #[schema(min_length = 1, max_length = 20, example = "10115")]
    pub postal_code: Option<String>,
    /// The country. `GET /countries/{code}/address-rules` tells its rules.
    pub country: Country,
    /// A telephone number for the carrier.
    #[schema(min_length = 3, max_length = 40, example = "+49 30 5550100")]
    pub phone: Option<String>,
}
