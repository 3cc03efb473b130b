//! The mapping file: which of their fields is which of ours.

use serde::{Deserialize, Deserializer, de::Error as _};

use super::path::{Path, Pattern};
use crate::money::Currency;

/// What a file's entries mean.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub(super) format: Format,
    /// Where the entries of a JSON file stand; the file itself is the list where it is not given.
    pub(super) items: Option<Path>,
    /// The currency of all prices.
    pub(super) currency: Option<Currency>,
    /// Where the file says the currency of all prices.
    pub(super) currency_from: Option<Path>,
    /// The folder of the images, beside the file where it is not absolute.
    pub(super) images_dir: Option<std::path::PathBuf>,
    pub(super) product: ProductFields,
    pub(super) variant: VariantFields,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// One document.
    Json,
    /// A document a line.
    Jsonl,
}

/// Where the fields of a product stand in an entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductFields {
    pub(super) external_id: Path,
    pub(super) name: Path,
    pub(super) slug: Option<Path>,
    pub(super) description: Option<Path>,
    pub(super) brand: Option<Path>,
    /// Names from the root down.
    pub(super) category_path: Option<Path>,
    /// Names of files in `images_dir`.
    pub(super) images: Option<Path>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub(super) attributes: Vec<Pattern>,
}

/// Where the fields of a variant stand in it, or in the entry where that is its own single variant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantFields {
    /// The list of variants in an entry.
    pub(super) items: Option<Path>,
    pub(super) sku: Path,
    pub(super) name: Option<Path>,
    pub(super) barcode: Option<Path>,
    pub(super) weight_grams: Option<Path>,
    pub(super) min_order_quantity: Option<Path>,
    pub(super) max_order_quantity: Option<Path>,
    pub(super) options: Option<Path>,
    pub(super) price: Option<Path>,
    pub(super) price_unit: Option<PriceUnit>,
    pub(super) stock: Option<Stock>,
}

/// What a price is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PriceUnit {
    /// Integer minor units: `1299` is 12.99.
    Minor,
    /// The currency itself: `"12.99"`.
    Decimal,
}

/// Units on the shelf of a new variant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Stock {
    /// The same for all.
    Constant(u32),
    /// As the entry says.
    At(Path),
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        Many(Vec<Pattern>),
        One(Pattern),
    }
    match OneOrMany::deserialize(deserializer) {
        Ok(OneOrMany::Many(patterns)) => Ok(patterns),
        Ok(OneOrMany::One(pattern)) => Ok(vec![pattern]),
        Err(_) => Err(D::Error::custom("attributes are a path, or a list of patterns such as `attr_*`")),
    }
}

impl Mapping {
    /// Reads a mapping file's text.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mapping: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if mapping.variant.price.is_some() {
            match (&mapping.currency, &mapping.currency_from) {
                (Some(_), Some(_)) => return Err("`currency` and `currency_from` are both given".to_owned()),
                (None, None) => return Err("prices need `currency` or `currency_from`".to_owned()),
                _ => {}
            }
            if mapping.variant.price_unit.is_none() {
                return Err("prices need `price_unit`: \"minor\" or \"decimal\"".to_owned());
            }
        }
        for (name, path) in [("items", &mapping.items), ("currency_from", &mapping.currency_from)] {
            if path.as_ref().is_some_and(|path| path.members().is_none()) {
                return Err(format!("`{name}` leads through members alone"));
            }
            if mapping.format == Format::Jsonl && path.is_some() {
                return Err(format!("`{name}` belongs to the format \"json\""));
            }
        }
        if mapping.product.images.is_some() && mapping.images_dir.is_none() {
            return Err("images need `images_dir`".to_owned());
        }
        Ok(mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mappings_of_the_tests_are_read() {
        let demo = Mapping::parse(include_str!("../../tests/data/demo.toml")).unwrap();
        assert_eq!(demo.product.attributes.len(), 1);
        assert!(matches!(demo.variant.stock, Some(Stock::At(_))));
        let icecat = Mapping::parse(include_str!("../../tests/data/icecat.toml")).unwrap();
        assert_eq!(icecat.product.attributes.len(), 3);
        assert_eq!(icecat.variant.stock, Some(Stock::Constant(10)));
    }

    #[test]
    fn a_mapping_that_cannot_be_meant_is_refused() {
        let whole = include_str!("../../tests/data/icecat.toml");
        for (part, instead) in [
            ("currency = \"USD\"", ""),
            ("currency = \"USD\"", "currency = \"USX\""),
            ("currency = \"USD\"", "currency = \"USD\"\ncurrency_from = \"x\""),
            ("price_unit = \"minor\"", ""),
            ("price_unit = \"minor\"", "price_unit = \"cents\""),
            ("stock = 10", "stock = -1"),
            ("sku = \"id\"", ""),
            ("name = \"title\"", "name = \"title\"\nimages = \"img\""),
            ("name = \"title\"", "title = \"title\""),
            ("\"attr_n_*\"", "\"*_n\""),
            ("format = \"jsonl\"", "format = \"csv\""),
        ] {
            assert!(whole.contains(part), "{part}");
            assert!(Mapping::parse(&whole.replace(part, instead)).is_err(), "{part} -> {instead}");
        }
    }
}
