//! How addresses are written in each country: what must be there, and of what form.
//!
//! The facts lie in `countries.json`; `README.md` beside it says where they come from.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{country::Country, text::fold};

/// A member of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressField {
    /// Who lives there.
    Name,
    /// The company, where it is one.
    Company,
    /// Street and number.
    Line1,
    /// More of it.
    Line2,
    /// City, town or village.
    City,
    /// State, province or the like.
    Region,
    /// Postal code.
    PostalCode,
    /// The country.
    Country,
}

/// What a country's regions are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RegionLabel {
    Area,
    County,
    Department,
    District,
    DoSi,
    Emirate,
    Island,
    Oblast,
    Parish,
    Prefecture,
    Province,
    State,
}

/// What a country's cities are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum CityLabel {
    City,
    District,
    PostTown,
    Suburb,
}

/// What a country's postal codes are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum PostalCodeLabel {
    Eircode,
    Pin,
    Postal,
    Zip,
}

/// What a country calls the members of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AddressLabels)]
pub struct Labels {
    /// Of `region`; null where its addresses have none.
    #[schema(required)]
    pub region: Option<RegionLabel>,
    /// Of `city`.
    pub city: CityLabel,
    /// Of `postal_code`; null where its addresses have none.
    #[schema(required)]
    pub postal_code: Option<PostalCodeLabel>,
}

/// A state, province or the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Vec<String>")]
pub struct Region {
    /// What an address keeps.
    #[schema(min_length = 1, max_length = 100, example = "CA")]
    pub code: String,
    /// What people call it, in the country's own script.
    #[schema(min_length = 1, max_length = 100, example = "California")]
    pub name: String,
    /// The same in Latin letters, where the name is in others.
    #[schema(required, min_length = 1, max_length = 100, example = "Tokyo")]
    pub latin_name: Option<String>,
}

impl From<Vec<String>> for Region {
    fn from(parts: Vec<String>) -> Self {
        let mut parts = parts.into_iter();
        let code = parts.next().unwrap_or_default();
        Self { name: parts.next().unwrap_or_else(|| code.clone()), latin_name: parts.next(), code }
    }
}

/// The rules of one country.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryRules {
    /// Its name in English.
    pub name: String,
    /// The members that stand on each line of an address, from the first line to the last but the country's.
    pub format: Vec<Vec<AddressField>>,
    /// What must be there beside what every address has.
    pub required: Vec<AddressField>,
    /// What the country writes in capitals.
    pub uppercase: Vec<AddressField>,
    /// A regular expression for a whole postal code, where they have a form.
    pub postal_code_pattern: Option<String>,
    /// Postal codes that there are.
    pub postal_code_examples: Vec<String>,
    /// What it calls the members.
    pub labels: Labels,
    /// Its regions, where they are known; else any text is one.
    pub regions: Vec<Region>,
    #[serde(skip)]
    postal_code: OnceLock<Option<Regex>>,
}

static COUNTRIES: LazyLock<HashMap<Country, CountryRules>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test reads it")]
    serde_json::from_str(include_str!("countries.json")).expect("the rules of all countries")
});

impl CountryRules {
    /// The country's rules.
    pub fn of(country: Country) -> &'static Self {
        &COUNTRIES[&country]
    }

    /// Whether an address of the country must have the member.
    pub fn requires(&self, field: AddressField) -> bool {
        use AddressField::{City, Country, Line1, Name};
        matches!(field, Name | Line1 | City | Country) || self.required.contains(&field)
    }

    /// Whether the country writes its postal codes like this one.
    pub fn is_postal_code(&self, text: &str) -> bool {
        self.postal_code.get_or_init(|| self.compile()).as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    fn compile(&self) -> Option<Regex> {
        let pattern = self.postal_code_pattern.as_ref()?;
        #[expect(clippy::expect_used, reason = "the patterns are part of the program, and a test compiles each")]
        // People write `sw1a 1aa`. Postal codes are of ASCII letters: in any case must not take in the Kelvin sign for a K.
        let pattern = RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build().expect("a pattern");
        Some(pattern)
    }

    /// The region of this code or name, whatever its case.
    pub fn region(&self, text: &str) -> Option<&Region> {
        let wanted = fold(text);
        let is_named = |it: &&Region| {
            let names = [Some(&it.code), Some(&it.name), it.latin_name.as_ref()];
            // The counties of Ireland are called `Co. Cork`, and Cork by whoever lives there.
            names
                .into_iter()
                .flatten()
                .any(|name| [name, name.trim_start_matches("Co. ")].iter().any(|it| fold(it) == wanted))
        };
        self.regions.iter().find(is_named)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn rules(code: &str) -> &'static CountryRules {
        CountryRules::of(code.parse().unwrap())
    }

    #[test]
    fn every_country_has_its_rules_and_a_name_of_its_own() {
        let names: HashMap<&str, Country> =
            Country::all().map(|country| (CountryRules::of(country).name.as_str(), country)).collect();
        assert_eq!((names.len(), COUNTRIES.len()), (249, 249));
    }

    #[test]
    fn every_country_s_postal_code_examples_match_its_pattern() {
        let mut count = 0;
        for country in Country::all() {
            let rules = CountryRules::of(country);
            assert_eq!(rules.postal_code_pattern.is_some(), !rules.postal_code_examples.is_empty(), "{country}");
            for example in &rules.postal_code_examples {
                count += 1;
                assert!(rules.is_postal_code(example), "{country} {example}");
                assert!(example.len() <= 20, "{country} {example}");
                for longer in [format!("{example}0000000"), format!(" {example}"), format!("{example}\n")] {
                    let any = rules.postal_code_pattern.is_none();
                    assert_eq!(rules.is_postal_code(&longer), any, "{country} {longer:?}");
                }
            }
        }
        assert!(count > 400, "{count}");
    }

    #[test]
    fn a_postal_code_is_of_the_country_s_own_form() {
        for (country, good, bad) in [
            (
                "US",
                &["95014", "22162-1010", "22162 1010"][..],
                &["9501", "950144", "ABCDE", "95014-", "９５０１４"][..],
            ),
            ("GB", &["EC1Y 8SY", "ec1y 8sy", "GIR 0AA", "BFPO 61"], &["EC1Y", "8SY EC1Y", "XX1 1AA", "12345"]),
            ("DE", &["26133"], &["2613", "D-26133", "261333"]),
            ("JP", &["154-0023", "1540023"], &["154-002", "154 0023"]),
            ("IE", &["A65 F4E2", "A65F4E2", "a65 f4e2"], &["A65"]),
            ("BR", &["40301-110", "40301110"], &["40301", "4030-1110"]),
            ("IM", &["IM2 1AA", "im2 1aa"], &["IM2"]),
        ] {
            let rules = rules(country);
            good.iter().for_each(|it| assert!(rules.is_postal_code(it), "{country} {it}"));
            bad.iter().for_each(|it| assert!(!rules.is_postal_code(it), "{country} {it}"));
        }
    }

    #[test]
    fn a_country_without_postal_codes_needs_none_and_refuses_none() {
        for country in ["HK", "AE", "QA"] {
            let rules = rules(country);
            assert!(!rules.requires(AddressField::PostalCode), "{country}");
            assert!(!rules.format.iter().flatten().any(|it| *it == AddressField::PostalCode), "{country}");
            assert_eq!(rules.labels.postal_code, None);
            assert!(rules.is_postal_code("00000") && rules.is_postal_code("anything"), "{country}");
        }
    }

    #[test]
    fn what_must_be_there_differs() {
        use AddressField::{PostalCode, Region};
        let required = |code: &str| rules(code).required.clone();
        for code in ["US", "JP", "BR"] {
            assert_eq!(required(code), [Region, PostalCode], "{code}");
        }
        for code in ["GB", "DE"] {
            assert_eq!(required(code), [PostalCode], "{code}");
        }
        for code in ["HK", "AE"] {
            assert_eq!(required(code), [Region], "{code}");
        }
        assert_eq!(required("IE"), []);
    }

    #[test]
    fn a_region_is_known_by_its_code_and_its_names_in_any_case() {
        for (country, texts, code) in [
            ("US", &["CA", "ca", "California", "CALIFORNIA"][..], "CA"),
            ("JP", &["東京都", "Tokyo", "tokyo"], "東京都"),
            ("HK", &["Kowloon", "九龍"], "Kowloon"),
            ("BR", &["SP", "São Paulo", "SÃO PAULO"], "SP"),
            ("AE", &["Dubai", "دبي", "إمارة دبيّ"], "إمارة دبيّ"),
            ("IE", &["Co. Cork", "cork"], "Co. Cork"),
        ] {
            for text in texts {
                assert_eq!(rules(country).region(text).map(|it| it.code.as_str()), Some(code), "{country} {text}");
            }
            assert_eq!(rules(country).region("Atlantis"), None);
        }
        assert!(rules("DE").regions.is_empty() && rules("GB").regions.is_empty());
    }

    #[test]
    fn no_two_regions_of_a_country_share_a_code_or_a_name() {
        for country in Country::all() {
            let mut seen: HashMap<String, &str> = HashMap::new();
            for region in &CountryRules::of(country).regions {
                let names = [Some(&region.code), Some(&region.name), region.latin_name.as_ref()];
                for name in names.into_iter().flatten() {
                    let other = seen.insert(fold(name), &region.code);
                    assert!(other.is_none_or(|it| it == region.code), "{country} {name}");
                }
            }
        }
    }

    #[test]
    fn each_member_has_one_place_in_the_format() {
        use AddressField::{City, Company, Line1, Line2, Name};
        for country in Country::all() {
            let rules = CountryRules::of(country);
            let placed: Vec<AddressField> = rules.format.iter().flatten().copied().collect();
            for field in [Name, Company, Line1, Line2, City].iter().chain(&rules.required) {
                assert_eq!(placed.iter().filter(|it| *it == field).count(), 1, "{country} {field:?}");
            }
        }
        assert_eq!(rules("JP").format[1], [AddressField::Region]);
        assert_eq!(rules("DE").format[4], [AddressField::PostalCode, City]);
    }
}
