//! Countries by their two-letter codes (ISO 3166-1 alpha-2).

use std::{fmt, str::FromStr};

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::db::columns::TextColumn;

/// The officially assigned codes, in order.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
                     BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES \
                     ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE \
                     IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY \
                     MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU \
                     NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
                     SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
                     VG VI VN VU WF WS YE YT ZA ZM ZW";

/// An officially assigned code of ISO 3166-1 alpha-2.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Country(ArrayString<2>);

/// The text is not an officially assigned code of ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACountry;

impl Country {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.split_ascii_whitespace().filter_map(|code| ArrayString::from(code).ok().map(Self))
    }
}

impl FromStr for Country {
    type Err = NotACountry;

    fn from_str(text: &str) -> Result<Self, NotACountry> {
        Self::all().find(|it| it.as_str() == text).ok_or(NotACountry)
    }
}

impl TextColumn for Country {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}
crate::text_column!(Country);

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotACountry| D::Error::custom("not a country of ISO 3166-1"))
    }
}

// An enumeration, not a pattern alone: the document then shows exactly what is taken, and a wrong code is named by its
// pointer like any other broken rule.
impl PartialSchema for Country {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("ISO 3166-1 alpha-2 code of a country."))
            .pattern(Some("^[A-Z]{2}$"))
            .min_length(Some(2))
            .max_length(Some(2))
            .enum_values(Some(CODES.split_ascii_whitespace()))
            .examples(["AT"])
            .build()
            .into()
    }
}
impl ToSchema for Country {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_249_codes_in_order_once_each() {
        let all: Vec<Country> = Country::all().collect();
        assert_eq!(all.len(), 249);
        assert!(all.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn only_assigned_codes_are_countries() {
        assert_eq!("AT".parse::<Country>().map(|it| it.to_string()), Ok("AT".to_owned()));
        for text in ["", "A", "at", "AUT", "XX", "UK", "EU", "A T", "AT "] {
            assert_eq!(text.parse::<Country>(), Err(NotACountry), "{text}");
        }
    }
}
