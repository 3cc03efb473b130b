//! Tax rates: exact decimals between 0 and 1.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::db::columns::TextColumn;

/// Digits behind the point that a rate may have.
const DECIMALS: usize = 6;
const LONGEST: usize = 2 + DECIMALS;

/// A rate from 0 to 1 with at most six decimals: `0.19` is 19 %.
///
/// It is written without trailing zeros, so that equal rates have equal texts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Rate {
    millionths: u32,
    text: ArrayString<LONGEST>,
}

/// The text is not a rate from 0 to 1 with at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARate;

impl Rate {
    /// What [`Rate::millionths`] is for a rate of 1.
    pub const ONE: u32 = 1_000_000;

    /// The rate times 1,000,000.
    pub fn millionths(self) -> u32 {
        self.millionths
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_millionths(millionths: u32) -> Result<Self, NotARate> {
        if millionths > Self::ONE {
            return Err(NotARate);
        }
        let mut text = ArrayString::new();
        write!(text, "{}.{:06}", millionths / Self::ONE, millionths % Self::ONE).map_err(|_| NotARate)?;
        let canonical = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(canonical);
        Ok(Self { millionths, text })
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_fraction =
            (1..=DECIMALS).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
        if !matches!(whole, "0" | "1") || !is_fraction {
            return Err(NotARate);
        }
        let millionths = format!("{whole}{fraction:0<DECIMALS$}").parse().map_err(|_| NotARate)?;
        Self::from_millionths(millionths)
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.millionths.cmp(&other.millionths)
    }
}

impl TextColumn for Rate {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}
crate::text_column!(Rate);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotARate| D::Error::custom("not a rate from 0 to 1 with at most six decimals"))
    }
}

impl PartialSchema for Rate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A decimal from 0 to 1 with at most six decimals; answers have no trailing zeros."))
            .pattern(Some(r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$"))
            .min_length(Some(1))
            .max_length(Some(LONGEST))
            .examples(["0.19"])
            .build()
            .into()
    }
}
impl ToSchema for Rate {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_rates_have_one_text() {
        let cases = [("0.19", "0.19"), ("0.190000", "0.19"), ("0", "0"), ("0.0", "0"), ("1", "1"), ("1.000", "1")];
        for (text, canonical) in cases {
            assert_eq!(text.parse::<Rate>().unwrap().as_str(), canonical, "{text}");
        }
        assert_eq!("0.1".parse::<Rate>(), "0.10".parse());
        assert!("0.07".parse::<Rate>().unwrap() < "0.19".parse().unwrap());
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in
            ["", ".", "0.", ".5", "00.5", "2", "1.000001", "0.1234567", "-0.1", "+0.1", "1e-1", " 0.1", "0,1", "٠.١"]
        {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn as_json_it_is_a_string() {
        let rate: Rate = serde_json::from_str("\"0.050\"").unwrap();
        assert_eq!(serde_json::to_string(&rate).unwrap(), "\"0.05\"");
        assert!(serde_json::from_str::<Rate>("0.05").is_err());
    }

    proptest! {
        #[test]
        fn a_rate_reads_back_from_its_text(millionths in 0..=Rate::ONE) {
            let rate = Rate::from_millionths(millionths).unwrap();
            prop_assert_eq!(rate.as_str().parse(), Ok(rate));
            prop_assert_eq!(rate.as_str().parse::<Rate>().unwrap().millionths(), millionths);
        }
    }
}
