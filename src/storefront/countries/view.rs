//! How countries and their rules look from outside.

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, Ref, RefOr, Schema},
};

use crate::{
    address::{AddressField, CountryRules, Labels, Region},
    country::Country,
};

/// A country.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountryEntry {
    /// Its code.
    code: Country,
    /// Its name in English.
    #[schema(min_length = 1, max_length = 100, example = "Germany")]
    name: String,
    /// Whether the shop ships there.
    ships_to: bool,
}

impl CountryEntry {
    /// `served` are the codes of the countries that the shop ships to.
    pub(super) fn new(code: Country, served: &[String]) -> Self {
        let name = CountryRules::of(code).name.clone();
        Self { code, name, ships_to: served.iter().any(|it| it == code.as_str()) }
    }
}

/// How addresses are written in a country. Every country's addresses have a name, a line and a city.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddressRules {
    /// The country.
    country: Country,
    /// The members that stand on each line of a label, from its first line on; the country's own line comes last.
    #[schema(value_type = Vec<AddressLine>, min_items = 1, max_items = 10)]
    format: &'static [Vec<AddressField>],
    /// What must be there.
    #[schema(min_items = 4, max_items = 8)]
    required: Vec<AddressField>,
    /// What the country writes in capitals. A postal code among them matches the pattern in any case.
    #[schema(value_type = Vec<AddressField>, max_items = 8)]
    uppercase: &'static [AddressField],
    /// Regular expression for a whole postal code; null where any text may be one.
    #[schema(required, min_length = 1, max_length = 1000, example = "^(?:[0-9]{5})$")]
    postal_code_pattern: Option<&'static str>,
    /// Some of the country's postal codes.
    #[schema(value_type = Vec<PostalCodeExample>, max_items = 20)]
    postal_code_examples: &'static [String],
    /// What the country calls the members.
    labels: Labels,
    /// States, provinces or the like, where they are known: then `region` is one of them.
    #[schema(value_type = Vec<Region>, max_items = 200)]
    regions: &'static [Region],
}

impl AddressRules {
    pub(super) fn of(country: Country) -> Self {
        use AddressField::{City, Company, Country, Line1, Line2, Name, PostalCode, Region};
        let rules = CountryRules::of(country);
        let all = [Name, Company, Line1, Line2, City, Region, PostalCode, Country];
        Self {
            country,
            format: &rules.format,
            required: all.into_iter().filter(|it| rules.requires(*it)).collect(),
            uppercase: &rules.uppercase,
            postal_code_pattern: rules.postal_code_pattern.as_deref(),
            postal_code_examples: &rules.postal_code_examples,
            labels: rules.labels,
            regions: &rules.regions,
        }
    }
}

/// A postal code that there is.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 20, example = "10115")]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct PostalCodeExample(String);

/// The members on one line of an address.
pub struct AddressLine;

impl PartialSchema for AddressLine {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .description(Some("The members on one line of an address, from left to right."))
            .items(Ref::from_schema_name("AddressField"))
            .min_items(Some(1))
            .max_items(Some(4))
            .build()
            .into()
    }
}
impl ToSchema for AddressLine {}
