//! The mapping file: which of their fields is which of ours.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::path::{Path, Pattern};
use crate::{catalog::model::ProductStatus, money::Currency};

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
    /// What stands between the cells of a table.
    #[serde(default)]
    pub(super) delimiter: Delimiter,
    /// What stands before the fraction of a number in a table.
    #[serde(default)]
    pub(super) decimal: DecimalSign,
    /// What stands between the entries of a list that is in one cell.
    pub(super) list_separator: Option<String>,
    /// What stands between the names of a category's path that is in one cell; as in lists where it is not given.
    pub(super) category_separator: Option<String>,
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
    /// A table: a row for each variant, those of a product behind each other.
    Csv,
}

/// A character of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "char")]
pub(super) struct Delimiter(pub(super) u8);

impl Default for Delimiter {
    fn default() -> Self {
        Self(b',')
    }
}

impl TryFrom<char> for Delimiter {
    type Error = &'static str;

    fn try_from(letter: char) -> Result<Self, Self::Error> {
        match u8::try_from(letter) {
            Ok(byte) if letter.is_ascii() && !matches!(letter, '"' | '\r' | '\n') => Ok(Self(byte)),
            _ => Err("a delimiter is one character of ASCII, such as \";\" or \"\\t\""),
        }
    }
}

/// What parts a number's fraction from the rest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum DecimalSign {
    #[default]
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

impl DecimalSign {
    /// A number with a point, as everybody else writes it; none, where it has a point already.
    pub(super) fn with_point(self, number: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Point => Some(number.into()),
            Self::Comma => (!number.contains('.')).then(|| number.replace(',', ".").into()),
        }
    }
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
    pub(super) status: Option<Path>,
    /// What the file calls the states, where it has names of its own for them.
    #[serde(default)]
    pub(super) status_names: BTreeMap<String, ProductStatus>,
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
    pub(super) options: Option<OptionFields>,
    pub(super) price: Option<Path>,
    /// What it cost before.
    pub(super) compare_at: Option<Path>,
    pub(super) price_unit: Option<PriceUnit>,
    /// Prices in further currencies.
    #[serde(default)]
    pub(super) prices: Vec<FurtherPrice>,
    pub(super) stock: Option<Stock>,
}

/// Where a price in a further currency stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FurtherPrice {
    pub(super) currency: Currency,
    pub(super) price: Path,
    /// What it cost before.
    pub(super) compare_at: Option<Path>,
}

/// Where the values of options stand.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OptionFields {
    /// In an object, by name.
    At(Path),
    /// In columns of a table.
    Columns(Vec<OptionColumn>),
}

/// A column with the values of an option.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum OptionColumn {
    /// The column's name is that of the option.
    Named(Path),
    /// Another column has the option's name.
    Pair {
        /// Column of the name.
        name: Path,
        /// Column of the value.
        value: Path,
    },
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
        let mut mapping: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if mapping.format == Format::Csv {
            mapping.lead_to_columns()?;
        } else {
            mapping.lead_through_json()?;
        }
        mapping.check_prices()?;
        if mapping.product.status.is_none() && !mapping.product.status_names.is_empty() {
            return Err("`status_names` need `status`".to_owned());
        }
        for (name, path) in [("items", &mapping.items), ("currency_from", &mapping.currency_from)] {
            if path.as_ref().is_some_and(|path| path.members().is_none()) {
                return Err(format!("`{name}` leads through members alone"));
            }
            if mapping.format != Format::Json && path.is_some() {
                return Err(format!("`{name}` belongs to the format \"json\""));
            }
        }
        if mapping.product.images.is_some() && mapping.images_dir.is_none() {
            return Err("images need `images_dir`".to_owned());
        }
        Ok(mapping)
    }

    /// In which currencies prices are, and where; `currency` is that of the file.
    pub(super) fn prices_in(&self, currency: Option<Currency>) -> Vec<(Currency, &Path)> {
        let own = currency.zip(self.variant.price.as_ref());
        own.into_iter().chain(self.variant.prices.iter().map(|it| (it.currency, &it.price))).collect()
    }

    fn check_prices(&self) -> Result<(), String> {
        let VariantFields { price, compare_at, price_unit, prices, .. } = &self.variant;
        if price.is_some() {
            match (&self.currency, &self.currency_from) {
                (Some(_), Some(_)) => return Err("`currency` and `currency_from` are both given".to_owned()),
                (None, None) => return Err("prices need `currency` or `currency_from`".to_owned()),
                _ => {}
            }
        } else if compare_at.is_some() {
            return Err("`compare_at` needs `price`".to_owned());
        }
        if (price.is_some() || !prices.is_empty()) && price_unit.is_none() {
            return Err("prices need `price_unit`: \"minor\" or \"decimal\"".to_owned());
        }
        let mut seen: BTreeSet<Currency> = self.currency.filter(|_| price.is_some()).into_iter().collect();
        match prices.iter().find(|it| !seen.insert(it.currency)) {
            Some(FurtherPrice { currency, .. }) => Err(format!("there are several prices in {currency}")),
            None => Ok(()),
        }
    }

    fn lead_through_json(&mut self) -> Result<(), String> {
        if matches!(self.variant.options, Some(OptionFields::Columns(_))) {
            return Err("`options` is a path; columns belong to the format \"csv\"".to_owned());
        }
        let is_table = self.delimiter != Delimiter::default() || self.decimal != DecimalSign::default();
        if is_table || self.list_separator.is_some() || self.category_separator.is_some() {
            return Err("`delimiter`, `decimal` and separators belong to the format \"csv\"".to_owned());
        }
        let of_file = self.items.iter_mut().chain(&mut self.currency_from);
        let mut paths = of_file.chain(self.product.paths()).chain(self.variant.paths());
        match paths.find(|path| !path.is_well_formed()) {
            Some(path) => Err(format!("`{path}` is not a path such as `brand.name` or `ean[0]`")),
            None => Ok(()),
        }
    }

    /// Of a table an entry is made that has the cells of the product's first row as members of one object, and those of
    /// each variant as members of another.
    fn lead_to_columns(&mut self) -> Result<(), String> {
        if self.variant.items.is_some() {
            return Err("in a table each row is a variant: `items` belongs to the format \"json\"".to_owned());
        }
        let separators = [&self.list_separator, &self.category_separator];
        if separators.into_iter().flatten().any(String::is_empty) {
            return Err("a separator has at least one character".to_owned());
        }
        let parts_numbers = self.decimal == DecimalSign::Comma && self.list_separator.as_deref() == Some(",");
        if parts_numbers && !self.product.attributes.is_empty() {
            return Err("of attributes, `list_separator` and `decimal` cannot both be a comma".to_owned());
        }
        if let Some(OptionFields::At(column)) = &self.variant.options {
            self.variant.options = Some(OptionFields::Columns(vec![OptionColumn::Named(column.clone())]));
        }
        for path in self.product.paths() {
            path.lead_to_column(Some(PRODUCT));
        }
        for pattern in &mut self.product.attributes {
            if let Pattern::Prefix(object, _) = pattern {
                *object = Some(PRODUCT);
            }
        }
        for path in self.variant.paths() {
            path.lead_to_column(None);
        }
        self.variant.items = Some(Path::through(&[VARIANTS]));
        Ok(())
    }

    /// The columns that a table must have.
    pub(super) fn columns(&self) -> Vec<String> {
        let Self { mut product, mut variant, .. } = self.clone();
        variant.items = None;
        product.paths().into_iter().chain(variant.paths()).map(|path| path.text().to_owned()).collect()
    }
}

/// The members of an entry that is made of rows.
pub(super) const PRODUCT: &str = "product";
pub(super) const VARIANTS: &str = "variants";

impl ProductFields {
    fn paths(&mut self) -> Vec<&mut Path> {
        let Self {
            external_id,
            name,
            slug,
            description,
            brand,
            category_path,
            images,
            attributes,
            status,
            status_names: _,
        } = self;
        let optional = [slug, description, brand, category_path, images, status];
        let attributes = attributes.iter_mut().filter_map(|pattern| match pattern {
            Pattern::At(path) => Some(path),
            Pattern::Prefix(..) => None,
        });
        [external_id, name].into_iter().chain(optional.into_iter().flatten()).chain(attributes).collect()
    }
}

impl VariantFields {
    fn paths(&mut self) -> Vec<&mut Path> {
        let Self {
            items,
            sku,
            name,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            options,
            price,
            compare_at,
            price_unit: _,
            prices,
            stock,
        } = self;
        let mut paths = vec![sku];
        let optional = [items, name, barcode, weight_grams, min_order_quantity, max_order_quantity, price, compare_at];
        paths.extend(optional.into_iter().flatten());
        for FurtherPrice { currency: _, price, compare_at } in prices {
            paths.push(price);
            paths.extend(compare_at);
        }
        match options {
            Some(OptionFields::At(path)) => paths.push(path),
            Some(OptionFields::Columns(columns)) => paths.extend(columns.iter_mut().flat_map(|column| match column {
                OptionColumn::Named(path) => vec![path],
                OptionColumn::Pair { name, value } => vec![name, value],
            })),
            None => {}
        }
        if let Some(Stock::At(path)) = stock {
            paths.push(path);
        }
        paths
    }
}

#[cfg(test)]
mod tests;
