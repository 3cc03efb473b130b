//! The catalogue's types and pure rules.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use deunicode::deunicode_char;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::documented::OptionValue;
use crate::{text_column, text_enum};

text_enum! {
    /// Whether shoppers see a product.
    ProductStatus {
        /// Not yet.
        Draft = "draft",
        /// Yes.
        Published = "published",
        /// No longer.
        Archived = "archived",
    }
}

text_enum! {
    /// How surely a variant can be had. Exact stock is never public.
    Availability {
        /// More than a few.
        InStock = "in_stock",
        /// The last few.
        LowStock = "low_stock",
        /// None now, but it may be ordered.
        Backorder = "backorder",
        /// None.
        OutOfStock = "out_of_stock",
    }
}

impl Availability {
    /// What `available` units amount to; up to `low_stock` are the last few.
    pub fn of_units(available: i64, low_stock: i64) -> Self {
        match available {
            ..=0 => Self::OutOfStock,
            few if few <= low_stock => Self::LowStock,
            _ => Self::InStock,
        }
    }

    /// The best of several: a product is as available as its most available variant.
    pub fn best(several: impl IntoIterator<Item = Self>) -> Self {
        // The variants are declared best first.
        several.into_iter().min().unwrap_or(Self::OutOfStock)
    }

    /// Whether it can be bought from the shelf.
    pub fn in_stock(self) -> bool {
        matches!(self, Self::InStock | Self::LowStock)
    }
}

/// The name of a thing in addresses: lower-case letters, digits and single hyphens.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Slug(String);

/// The pattern of a slug, as the OpenAPI document shows it.
pub const SLUG_PATTERN: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
/// The most characters of a slug.
pub const SLUG_LENGTH: usize = 100;

impl Slug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A slug made of a name: its letters and digits as ASCII writes them, hyphens between the words. What is written in
    /// other scripts is spelled in Latin letters.
    ///
    /// `None` where the name has no letter or digit.
    pub fn from_name(name: &str) -> Option<Self> {
        if name.is_ascii() {
            return Self::from_latin(name);
        }
        Self::from_latin(&name.nfc().map(in_latin).collect::<String>())
    }

    /// [`Slug::from_name`] of what is written in Latin letters. Those of other scripts part words.
    pub fn from_latin(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for character in name.nfkd().flat_map(char::to_lowercase) {
            match character {
                'a'..='z' | '0'..='9' => slug.push(character),
                'ß' => slug.push_str("ss"),
                'æ' => slug.push_str("ae"),
                'ø' => slug.push('o'),
                'ł' => slug.push('l'),
                // A mark that belongs to the letter before it, or an apostrophe, divides nothing.
                '\u{300}'..='\u{36f}' | '\'' | '’' => {}
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
            if slug.len() >= SLUG_LENGTH {
                break;
            }
        }
        slug.truncate(SLUG_LENGTH);
        slug.trim_end_matches('-').parse().ok()
    }

    /// This slug with `suffix` behind it, within the bound.
    pub fn with_suffix(&self, suffix: &str) -> Option<Self> {
        let suffix = Self::from_name(suffix)?;
        let kept = SLUG_LENGTH.checked_sub(suffix.0.len() + 1)?;
        let stem = self.0[..self.0.len().min(kept)].trim_end_matches('-');
        if stem.is_empty() { Some(suffix) } else { format!("{stem}-{}", suffix.0).parse().ok() }
    }
}

/// A letter or digit of another script in Latin letters; a syllable that is a word of its own has a space behind it.
fn in_latin(character: char) -> Cow<'static, str> {
    let is_latin = std::iter::once(character).nfkd().next().is_some_and(|it| it.is_ascii());
    match deunicode_char(character) {
        Some(spelled) if character.is_alphanumeric() && !is_latin => spelled.into(),
        // It belongs to the letter before it.
        _ if is_combining_mark(character) => "".into(),
        _ => character.to_string().into(),
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotASlug;

impl FromStr for Slug {
    type Err = NotASlug;

    fn from_str(text: &str) -> Result<Self, NotASlug> {
        let well_formed =
            |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        if text.len() <= SLUG_LENGTH && text.split('-').all(well_formed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotASlug)
        }
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotASlug| serde::de::Error::custom("not a slug"))
    }
}

impl PartialSchema for Slug {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Lower-case letters, digits and single hyphens."))
            .pattern(Some(SLUG_PATTERN))
            .min_length(Some(1))
            .max_length(Some(SLUG_LENGTH))
            .examples(["enamel-mug"])
            .build()
            .into()
    }
}
impl ToSchema for Slug {}

impl crate::db::columns::TextColumn for Slug {
    fn as_text(&self) -> &str {
        &self.0
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}
text_column!(Slug);

/// The values that an option of a product takes: color is natural or black.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductOption {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, example = "color")]
    pub name: String,
    /// The values that it takes, in the order to show them.
    #[schema(value_type = Vec<OptionValue>, min_items = 1, max_items = 100)]
    pub values: Vec<String>,
}

/// A product's attributes: texts, numbers and truths by key.
pub type Attributes = BTreeMap<String, Value>;

/// The value of each option that makes a variant what it is.
pub type VariantOptions = BTreeMap<String, String>;

/// How many of a variant a cart may hold, once it holds any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderQuantities {
    /// At least so many.
    pub min: i32,
    /// At most so many; as many as a cart's line takes where it is `None`.
    pub max: Option<i32>,
}

impl OrderQuantities {
    /// The most that may be said: units of one line of a cart.
    pub const MOST: i32 = 999;
}

impl Default for OrderQuantities {
    fn default() -> Self {
        Self { min: 1, max: None }
    }
}

/// A point of an image, from its upper left corner, in shares of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FocalPoint {
    /// From the left edge (0) to the right one (1).
    #[schema(minimum = 0, maximum = 1, example = 0.5)]
    pub x: f64,
    /// From the upper edge (0) to the lower one (1).
    #[schema(minimum = 0, maximum = 1, example = 0.25)]
    pub y: f64,
}

/// Width and height in pixels of each rendition of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named after the renditions")]
pub struct RenditionSizes {
    pub thumb: (u32, u32),
    pub medium: (u32, u32),
    pub large: (u32, u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_made_of_names() {
        for (name, slug) in [
            ("Oak chair", "oak-chair"),
            ("  Crème brûlée – 2×  ", "creme-brulee-2"),
            ("Hi-Top Shoe's", "hi-top-shoes"),
            ("Straße", "strasse"),
            ("Smørrebrød Łódź", "smorrebrod-lodz"),
            ("Ξύλινη καρέκλα", "ksuline-karekla"),
            ("Дубовый стул № 2", "dubovyi-stul-no-2"),
            ("橡木椅", "xiang-mu-yi"),
            ("كرسي خشبي", "krsy-khshby"),
            ("कुर्सी", "kursii"),
        ] {
            assert_eq!(Slug::from_name(name).unwrap().as_str(), slug, "{name}");
        }
        assert_eq!(Slug::from_name("🪑 – !"), None);
        assert_eq!(Slug::from_latin("日本語"), None);
        assert_eq!(Slug::from_name("a".repeat(300).as_str()).unwrap().as_str().len(), SLUG_LENGTH);
        assert_eq!(Slug::from_latin(&("a".repeat(99) + "ß")).unwrap().as_str().len(), SLUG_LENGTH);
    }

    #[test]
    fn what_is_not_a_slug_is_refused() {
        for text in ["", "-a", "a-", "a--b", "A", "a b", "ä", "a\0", &"a".repeat(101)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_product_is_as_available_as_its_best_variant() {
        use Availability::*;
        assert_eq!(Availability::best([OutOfStock, LowStock]), LowStock);
        assert_eq!(Availability::best([]), OutOfStock);
        assert_eq!(
            [-1, 0, 1, 5, 6].map(|units| Availability::of_units(units, 5)),
            [OutOfStock, OutOfStock, LowStock, LowStock, InStock]
        );
    }
}
