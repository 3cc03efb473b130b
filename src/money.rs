//! Money: integer minor units with a currency, checked arithmetic, one rounding rule.
//!
//! Rounding is half away from zero, at the line. Amounts that belong to several lines are split by largest remainder.

use std::fmt;

use arrayvec::ArrayString;
use iso_currency::IntoEnumIterator as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::db::columns::TextColumn;

/// The largest amount in either direction: 2^53 − 1, the largest integer that every JSON reader keeps exact.
pub const LARGEST: i64 = (1 << 53) - 1;

/// An ISO 4217 currency code.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Currency(ArrayString<3>);

/// The text is not a currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACurrency;

impl Currency {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decimal digits of the minor unit (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn digits(self) -> u32 {
        iso_currency::Currency::from_code(&self.0).and_then(|it| it.exponent()).map_or(2, u32::from)
    }
}

impl std::str::FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        iso_currency::Currency::from_code(text).ok_or(NotACurrency)?;
        ArrayString::from(text).map(Self).map_err(|_| NotACurrency)
    }
}

impl TextColumn for Currency {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}
crate::text_column!(Currency);

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotACurrency| D::Error::custom("not an ISO 4217 currency"))
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("ISO 4217 code of a currency that the shop offers."))
            .enum_values(Some(iso_currency::Currency::iter().map(|it| it.code())))
            .examples(["EUR"])
            .build()
            .into()
    }
}
impl ToSchema for Currency {}

/// An amount in minor units of a currency: EUR 12.99 is `{"amount": 1299, "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Integer minor units of the currency.
    #[serde(rename = "amount")]
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, example = 1290)]
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The amount as people write it, without its currency: 12.90 of 1290 cents.
    pub fn decimal(self) -> String {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let figures = format!("{:0width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, part) = figures.split_at(figures.len() - digits);
        if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

/// A sum or product beyond [`LARGEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// `value`, where it is within ±[`LARGEST`].
///
/// # Errors
/// [`Overflow`] outside.
pub fn in_range(value: i128) -> Result<i64, Overflow> {
    if value.unsigned_abs() <= LARGEST.unsigned_abs().into() {
        i64::try_from(value).map_err(|_| Overflow)
    } else {
        Err(Overflow)
    }
}

/// Sum of minor units.
///
/// # Errors
/// [`Overflow`] where the sum leaves the range of money.
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Overflow> {
    in_range(amounts.into_iter().map(i128::from).sum())
}

/// `numerator / denominator` rounded half away from zero; `denominator` is positive.
pub fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    let magnitude = numerator.abs();
    let rounded = if denominator % 2 == 0 {
        (magnitude + half) / denominator
    } else {
        (2 * magnitude + denominator) / (2 * denominator)
    };
    rounded * numerator.signum()
}

/// Splits `total` over `weights` (none negative) by largest remainder; ties go to the earlier weight.
///
/// The parts sum to `total` exactly. Where all weights are zero, the first part takes everything.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole == 0 {
        return weights.iter().enumerate().map(|(place, _)| if place == 0 { total } else { 0 }).collect();
    }
    let magnitude = i128::from(total).abs();
    let shares: Vec<(i128, i128)> = weights
        .iter()
        .map(|&weight| (magnitude * i128::from(weight) / whole, magnitude * i128::from(weight) % whole))
        .collect();
    let mut left = magnitude - shares.iter().map(|(share, _)| share).sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&place| (std::cmp::Reverse(shares[place].1), place));
    let mut parts: Vec<i128> = shares.into_iter().map(|(share, _)| share).collect();
    for place in by_remainder {
        if left == 0 {
            break;
        }
        parts[place] += 1;
        left -= 1;
    }
    // A part's magnitude is at most the total's, which is an i64.
    parts.into_iter().map(|part| (part as i64) * total.signum()).collect()
}

/// A decimal amount such as `"12.9"` in minor units of a currency with `digits` decimals.
///
/// `None` where it is not a plain decimal, has more decimals than the currency, or is out of range.
pub fn parse_decimal(text: &str, digits: u32) -> Option<i64> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || unsigned.ends_with('.') {
        return None;
    }
    let digits = digits as usize;
    let (kept, dropped) = fraction.split_at(fraction.len().min(digits));
    if dropped.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let minor: i128 = format!("{whole}{kept:0<digits$}").parse().ok()?;
    in_range(sign * minor).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_written_with_the_digits_of_its_currency() {
        for (minor, code, text) in [
            (1290, "EUR", "12.90"),
            (5, "EUR", "0.05"),
            (-5, "EUR", "-0.05"),
            (500, "JPY", "500"),
            (0, "JPY", "0"),
            (1234, "KWD", "1.234"),
        ] {
            assert_eq!(Money::new(minor, code.parse().unwrap()).decimal(), text);
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        let cases = [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (15, 10, 2), (-15, 10, -2), (1, 3, 0), (2, 3, 1), (3, 2, 2)];
        for (numerator, denominator, expected) in cases {
            assert_eq!(divide_rounded(numerator, denominator), expected, "{numerator}/{denominator}");
        }
    }

    #[test]
    fn decimals_are_read_in_the_currency_s_digits() {
        assert_eq!(parse_decimal("1299.00", 2), Some(129_900));
        assert_eq!(parse_decimal("12.9", 2), Some(1290));
        assert_eq!(parse_decimal("500", 0), Some(500));
        assert_eq!(parse_decimal("500.0", 0), Some(500));
        assert_eq!(parse_decimal("1.234", 3), Some(1234));
        assert_eq!(parse_decimal("-0.5", 2), Some(-50));
        for text in ["", ".5", "5.", "1.999", "1e3", "1,5", "+1", "90071992547409.92", "--1"] {
            assert_eq!(parse_decimal(text, 2), None, "{text}");
        }
    }

    #[test]
    fn currencies_have_the_digits_of_iso_4217() {
        let digits = |code: &str| code.parse::<Currency>().unwrap().digits();
        assert_eq!((digits("EUR"), digits("JPY"), digits("KWD")), (2, 0, 3));
        for code in ["eur", "EURO", "XX", "ZZZ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn parts_of_a_split_sum_to_the_whole_and_miss_their_share_by_less_than_one(
            total in -LARGEST..=LARGEST,
            weights in prop::collection::vec(0..=LARGEST / 200, 1..200),
        ) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().copied().map(i128::from).sum::<i128>(), i128::from(total));
            let whole: i128 = weights.iter().copied().map(i128::from).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                if whole > 0 {
                    let off = i128::from(*part) * whole - i128::from(total) * i128::from(*weight);
                    prop_assert!(off.abs() < whole);
                }
            }
        }
    }
}
