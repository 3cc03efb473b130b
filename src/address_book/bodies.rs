//! What requests about address books hold.

use serde::Deserialize;
use utoipa::ToSchema;

use super::model::Content;
use crate::{address::AddressInput, country::Country, patch::Patch};

/// An address for one's book.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "label": "Home", "name": "Ada Park", "company": "Park & Co.", "line1": "Seestrasse 7", "line2": "Second floor",
    "city": "Berlin", "region": "Berlin", "postal_code": "10115", "country": "DE", "phone": "+49 30 5550100",
    "default_shipping": true, "default_billing": true,
}))]
pub struct CreateAddress {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100, example = "Home")]
    label: Option<String>,
    /// Who lives there.
    #[schema(min_length = 1, max_length = 200, example = "Ada Park")]
    name: String,
    /// The company, where it is one.
    #[schema(min_length = 1, max_length = 200, example = "Park & Co.")]
    company: Option<String>,
    /// Street and number, or what stands for them.
    #[schema(min_length = 1, max_length = 200, example = "Seestrasse 7")]
    line1: String,
    /// More of it.
    #[schema(min_length = 1, max_length = 200, example = "Second floor")]
    line2: Option<String>,
    /// City, town or village.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    city: String,
    /// State, province or the like. Where the country's are known it is one of them, by code or name, and kept by its code.
    #[schema(min_length = 1, max_length = 200, example = "Berlin")]
    region: Option<String>,
    /// Postal code, as the country writes them.
    #[schema(min_length = 1, max_length = 20, example = "10115")]
    postal_code: Option<String>,
    /// The country. `GET /countries/{code}/address-rules` tells its rules.
    country: Country,
    /// A telephone number for the carrier.
    #[schema(min_length = 3, max_length = 40, example = "+49 30 5550100")]
    phone: Option<String>,
    /// Whether goods go there unless the customer says otherwise. True takes it from the address that had it; the first
    /// address has it whatever it says.
    #[schema(nullable = false)]
    pub(super) default_shipping: Option<bool>,
    /// The same for bills.
    #[schema(nullable = false)]
    pub(super) default_billing: Option<bool>,
}

impl CreateAddress {
    /// The label, and the address that is still to be checked.
    pub(super) fn into_parts(self) -> (Option<String>, AddressInput) {
        let Self { label, name, company, line1, line2, city, region, postal_code, country, phone, .. } = self;
        (label, AddressInput { name, company, line1, line2, city, region, postal_code, country, phone })
    }
}

/// Changes to an address: what is absent stays, null clears. The whole must keep the rules of its country.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAddress {
    /// What to call it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Home")]
    label: Patch<String>,
    /// Who lives there.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Ada Park")]
    name: Option<String>,
    /// The company, where it is one.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Park & Co.")]
    company: Patch<String>,
    /// Street and number, or what stands for them.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Seestrasse 7")]
    line1: Option<String>,
    /// More of it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Second floor")]
    line2: Patch<String>,
    /// City, town or village.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Berlin")]
    city: Option<String>,
    /// State, province or the like. Where the country's are known it is one of them, by code or name, and kept by its code.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Berlin")]
    region: Patch<String>,
    /// Postal code, as the country writes them.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20, example = "10115")]
    postal_code: Patch<String>,
    /// The country. `GET /countries/{code}/address-rules` tells its rules.
    #[schema(nullable = false)]
    country: Option<Country>,
    /// A telephone number for the carrier.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 40, example = "+49 30 5550100")]
    phone: Patch<String>,
    /// Whether goods go there unless the customer says otherwise. True takes it from the address that had it.
    #[schema(nullable = false)]
    pub(super) default_shipping: Option<bool>,
    /// The same for bills.
    #[schema(nullable = false)]
    pub(super) default_billing: Option<bool>,
}

impl ChangeAddress {
    /// What the label and the address would be, still to be checked. `country` is where the address lies so far.
    pub(super) fn apply(self, before: Content, country: Country) -> (Option<String>, AddressInput) {
        let Content { label, address } = before;
        let input = AddressInput {
            name: self.name.unwrap_or(address.name),
            company: self.company.apply(address.company),
            line1: self.line1.unwrap_or(address.line1),
            line2: self.line2.apply(address.line2),
            city: self.city.unwrap_or(address.city),
            region: self.region.apply(address.region),
            postal_code: self.postal_code.apply(address.postal_code),
            country: self.country.unwrap_or(country),
            phone: self.phone.apply(address.phone),
        };
        (self.label.apply(label), input)
    }
}
