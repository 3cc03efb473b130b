//! Holds an address against the rules of its country.

use super::{Address, AddressField, AddressInput, CountryRules};
use crate::error::{Code, Violation, member};

impl AddressInput {
    /// The address, its region by its code. `pointer` is where it stands in the body: `#`, `#/shipping_address`.
    ///
    /// # Errors
    /// Every rule that it breaks, each at its member: `required`, `blank`, `invalid_character`, `invalid_postal_code`,
    /// `unknown_region`.
    pub fn check(self, pointer: &str) -> Result<Address, Vec<Violation>> {
        let Self { name, company, line1, line2, city, region, postal_code, country, phone } = self;
        let rules = CountryRules::of(country);
        let mut check = Check { pointer, rules, violations: Vec::new() };
        check.text("name", Some(&name));
        check.text("company", company.as_deref());
        check.text("line1", Some(&line1));
        check.text("line2", line2.as_deref());
        check.text("city", Some(&city));
        check.text("phone", phone.as_deref());
        let region = check.region(region);
        check.postal_code(postal_code.as_deref());
        if !check.violations.is_empty() {
            return Err(check.violations);
        }
        let country = country.to_string();
        Ok(Address { name, company, line1, line2, city, region, postal_code, country, phone })
    }
}

/// That a name or a line of an address is one, where it is given.
///
/// # Errors
/// 422 `invalid_character`, `blank`.
pub fn require_text(pointer: &str, text: Option<&str>) -> Result<(), Violation> {
    text.and_then(|it| check_text(pointer, it)).map_or(Ok(()), Err)
}

/// What is wrong with a name or a line of an address, wherever it stands: `invalid_character`, `blank`.
pub fn check_text(pointer: &str, text: &str) -> Option<Violation> {
    if text.chars().any(char::is_control) {
        let detail = "Control characters, line breaks included, have no place here.";
        return Some(Violation::at(pointer, Code::InvalidCharacter, detail));
    }
    let is_blank = text.chars().all(char::is_whitespace);
    is_blank.then(|| Violation::at(pointer, Code::Blank, "This has nothing but white space."))
}

struct Check<'a> {
    pointer: &'a str,
    rules: &'static CountryRules,
    violations: Vec<Violation>,
}

impl Check<'_> {
    fn refuse(&mut self, name: &str, code: Code, detail: &'static str) {
        self.violations.push(Violation::at(member(self.pointer, name), code, detail));
    }

    /// Refuses what no text of an address may be; says whether there is one to look at more closely.
    fn text(&mut self, name: &str, text: Option<&str>) -> bool {
        let Some(text) = text else { return false };
        let broken = check_text(&member(self.pointer, name), text);
        let is_sound = broken.is_none();
        self.violations.extend(broken);
        is_sound
    }

    fn region(&mut self, text: Option<String>) -> Option<String> {
        if text.is_none() && self.rules.requires(AddressField::Region) {
            self.refuse("region", Code::Required, "An address in this country has a region.");
        }
        if !self.text("region", text.as_deref()) || self.rules.regions.is_empty() {
            return text;
        }
        let known = text.as_deref().and_then(|it| self.rules.region(it));
        if known.is_none() {
            self.refuse("region", Code::UnknownRegion, "The country has no region of this code or name.");
        }
        known.map(|it| it.code.clone())
    }

    fn postal_code(&mut self, text: Option<&str>) {
        if text.is_none() && self.rules.requires(AddressField::PostalCode) {
            self.refuse("postal_code", Code::Required, "An address in this country has a postal code.");
        }
        if self.text("postal_code", text) && !text.is_some_and(|it| self.rules.is_postal_code(it)) {
            self.refuse("postal_code", Code::InvalidPostalCode, "The country does not write postal codes like this.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::Place;

    fn checked(members: &Value) -> Result<Address, Vec<String>> {
        let input: AddressInput = serde_json::from_value(members.clone()).unwrap();
        let told = |it: Violation| match it.place {
            Place::Pointer(pointer) => format!("{pointer} {}", it.code.as_str()),
            other => panic!("{other:?}"),
        };
        input.check("#/shipping_address").map_err(|it| it.into_iter().map(told).collect())
    }

    #[test]
    fn an_address_that_keeps_the_rules_stays_as_it_is_but_for_the_region() {
        let texts = json!({
            "name": " Ada  Park", "line1": "1 Infinite Loop ", "city": "Cupertino", "region": "california",
            "postal_code": "95014", "country": "US",
        });
        let address = checked(&texts).unwrap();
        assert_eq!((address.name.as_str(), address.line1.as_str()), (" Ada  Park", "1 Infinite Loop "));
        assert_eq!((address.region.as_deref(), address.country.as_str()), (Some("CA"), "US"));
        let erased = checked(
            &json!({"name": "A", "line1": "B", "city": "C", "region": "Any", "postal_code": "10115", "country": "DE"}),
        );
        assert_eq!(erased.unwrap().region.as_deref(), Some("Any"));
        checked(&json!({"name": "A", "line1": "B", "city": "C", "country": "IE"})).unwrap();
        checked(
            &json!({"name": "A", "line1": "B", "city": "C", "country": "AE", "region": "Dubai", "postal_code": "0"}),
        )
        .unwrap();
    }

    #[test]
    fn all_broken_rules_are_told_at_once() {
        let texts = json!({
            "name": " ", "company": "\t", "line1": "a\nb", "line2": "\u{a0}", "city": "\u{85}", "region": "Atlantis",
            "postal_code": "1", "country": "US", "phone": "   ",
        });
        let expected = [
            "#/shipping_address/name blank",
            "#/shipping_address/company invalid_character",
            "#/shipping_address/line1 invalid_character",
            "#/shipping_address/line2 blank",
            "#/shipping_address/city invalid_character",
            "#/shipping_address/phone blank",
            "#/shipping_address/region unknown_region",
            "#/shipping_address/postal_code invalid_postal_code",
        ];
        assert_eq!(checked(&texts).unwrap_err(), expected);
    }

    #[test]
    fn what_the_country_needs_must_be_there_once_over() {
        let bare = |country: &str| checked(&json!({"name": "A", "line1": "B", "city": "C", "country": country}));
        let (region, code) = ("#/shipping_address/region required", "#/shipping_address/postal_code required");
        for country in ["US", "JP", "BR"] {
            assert_eq!(bare(country).unwrap_err(), [region, code], "{country}");
        }
        assert_eq!(bare("GB").unwrap_err(), [code]);
        assert_eq!(bare("HK").unwrap_err(), [region]);
        let blank = json!({"name": "A", "line1": "B", "city": "C", "country": "GB", "postal_code": " "});
        assert_eq!(checked(&blank).unwrap_err(), ["#/shipping_address/postal_code blank"]);
    }
}
