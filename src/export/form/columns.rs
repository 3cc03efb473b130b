//! The columns of the table.

use std::collections::BTreeSet;

use super::RecordKind;
use crate::{catalog::portable::Summary, money::Currency};

/// The most options of a product.
const OPTIONS: usize = 10;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// One that every table has.
    Fixed(&'static str),
    /// The variant's value of the product's option of this number, from 0.
    Option(usize),
    Price(Currency),
    CompareAt(Currency),
    Attribute(String),
}

/// Of whose rows a column is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The records of these kinds, in a row that names the kind.
    Records(&'static [RecordKind]),
    /// A variant, in its product's row or in one of its own.
    Variant,
}

use RecordKind::{Attribute, Brand, Category, Collection, Product};

/// The columns that every table has, as people look for them. Those of options, prices and attributes stand in between.
const BEFORE_OPTIONS: &[(&str, Owner)] = &[
    ("type", Owner::Records(&[Attribute, Brand, Category, Product, Collection])),
    ("slug", Owner::Records(&[Attribute, Brand, Category, Product, Collection])),
    ("external_id", Owner::Records(&[Brand, Category, Product, Collection])),
    ("name", Owner::Records(&[Attribute, Brand, Category, Product, Collection])),
    ("status", Owner::Records(&[Product])),
    ("brand", Owner::Records(&[Product])),
    ("categories", Owner::Records(&[Product])),
    ("sku", Owner::Variant),
];
const BEFORE_ATTRIBUTES: &[(&str, Owner)] = &[
    ("stock", Owner::Variant),
    ("barcode", Owner::Variant),
    ("weight_grams", Owner::Variant),
    ("min_order_quantity", Owner::Variant),
    ("max_order_quantity", Owner::Variant),
    ("variant_name", Owner::Variant),
    ("variant_external_id", Owner::Variant),
    ("image", Owner::Variant),
    ("description", Owner::Records(&[Product, Collection])),
];
const LAST: &[(&str, Owner)] = &[
    ("attributes", Owner::Records(&[Product])),
    ("options", Owner::Records(&[Product])),
    ("images", Owner::Records(&[Product])),
    ("publish_at", Owner::Records(&[Product])),
    ("unpublish_at", Owner::Records(&[Product])),
    ("created_at", Owner::Records(&[Product])),
    ("former_slugs", Owner::Records(&[Brand, Category, Product, Collection])),
    ("parent", Owner::Records(&[Category])),
    ("position", Owner::Records(&[Attribute, Category, Collection])),
    ("kind", Owner::Records(&[Attribute, Collection])),
    ("unit", Owner::Records(&[Attribute])),
    ("filterable", Owner::Records(&[Attribute])),
    ("published", Owner::Records(&[Collection])),
    ("rules", Owner::Records(&[Collection])),
    ("products", Owner::Records(&[Collection])),
];

fn fixed() -> impl Iterator<Item = &'static (&'static str, Owner)> {
    BEFORE_OPTIONS.iter().chain(BEFORE_ATTRIBUTES).chain(LAST)
}

impl Column {
    fn name(&self) -> String {
        match self {
            Self::Fixed(name) => (*name).to_owned(),
            Self::Option(place) => format!("option{}", place + 1),
            Self::Price(currency) => format!("price.{currency}"),
            Self::CompareAt(currency) => format!("compare_at.{currency}"),
            Self::Attribute(key) => format!("attributes.{key}"),
        }
    }

    fn named(name: &str) -> Option<Self> {
        if let Some((name, _)) = fixed().find(|(fixed, _)| *fixed == name) {
            return Some(Self::Fixed(name));
        }
        if let Some(number) = name.strip_prefix("option") {
            let place = number.parse::<usize>().ok()?.checked_sub(1)?;
            return Some(Self::Option(place)).filter(|it| place < OPTIONS && it.name() == name);
        }
        let (kind, of) = name.split_once('.')?;
        match kind {
            "price" => of.parse().ok().map(Self::Price),
            "compare_at" => of.parse().ok().map(Self::CompareAt),
            "attributes" => Some(Self::Attribute(of.to_owned())),
            _ => None,
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Fixed(name) => fixed().find(|(fixed, _)| fixed == name).map_or(Owner::Variant, |(_, owner)| *owner),
            Self::Option(_) | Self::Price(_) | Self::CompareAt(_) => Owner::Variant,
            Self::Attribute(_) => Owner::Records(&[Product]),
        }
    }

    /// Whether the row of a record, or that of a further variant (`None`), says something in this column.
    pub(super) fn belongs_to(&self, kind: Option<RecordKind>) -> bool {
        match (self.owner(), kind) {
            (Owner::Variant, kind) => kind.is_none() || kind == Some(Product),
            (Owner::Records(kinds), Some(kind)) => kinds.contains(&kind),
            (Owner::Records(_), None) => *self == Self::Fixed("type"),
        }
    }
}

/// The columns of a table, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(pub(super) Vec<Column>);

impl Layout {
    /// The table of what these products have in common.
    pub fn of(summary: &Summary) -> Self {
        let Summary { attributes, currencies, options } = summary;
        let fixed = |columns: &'static [(&'static str, Owner)]| columns.iter().map(|(name, _)| Column::Fixed(name));
        let mut columns: Vec<Column> = fixed(BEFORE_OPTIONS).collect();
        columns.extend((0..*options).map(Column::Option));
        columns.extend(currencies.iter().flat_map(|it| [Column::Price(*it), Column::CompareAt(*it)]));
        columns.extend(fixed(BEFORE_ATTRIBUTES));
        columns.extend(attributes.iter().cloned().map(Column::Attribute));
        columns.extend(fixed(LAST));
        Self(columns)
    }

    /// The first row.
    pub fn header(&self) -> Vec<String> {
        self.0.iter().map(Column::name).collect()
    }

    /// The table whose first row this is, its columns in any order. The columns of options, prices and attributes may be
    /// any; the others must all be there, since what is not said of a product is taken away.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(header: &[String]) -> Result<Self, String> {
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        for name in header {
            let column = Column::named(name).ok_or_else(|| format!("there is no column `{name}` in an export"))?;
            if !seen.insert(column.clone()) {
                return Err(format!("the column `{name}` is there twice"));
            }
            columns.push(column);
        }
        let missing = fixed().filter(|(name, _)| !seen.contains(&Column::Fixed(name)));
        let missing: Vec<String> = missing.map(|(name, _)| format!("the column `{name}` is missing")).collect();
        if missing.is_empty() { Ok(Self(columns)) } else { Err(missing.join("; ")) }
    }

    /// Where a column that every table has stands in this one.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|it| matches!(it, Column::Fixed(own) if *own == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Layout {
        Layout::of(&Summary {
            attributes: ["color".to_owned(), "price".to_owned()].into(),
            currencies: ["EUR", "JPY"].map(|it| it.parse().unwrap()).into(),
            options: 2,
        })
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let header = some().header();
        assert_eq!(header[0], "type");
        assert_eq!(header[8..14], ["option1", "option2", "price.EUR", "compare_at.EUR", "price.JPY", "compare_at.JPY"]);
        assert_eq!(Layout::read(&header), Ok(some()));
        let mut turned = header;
        turned.reverse();
        assert!(Layout::read(&turned).is_ok());
    }

    #[test]
    fn a_header_that_cannot_be_meant_is_refused() {
        let with = |change: &dyn Fn(&mut Vec<String>)| {
            let mut header = some().header();
            change(&mut header);
            Layout::read(&header).unwrap_err()
        };
        assert_eq!(with(&|it| drop(it.remove(1))), "the column `slug` is missing");
        let both = "the column `slug` is missing; the column `brand` is missing";
        assert_eq!(with(&|it| it.retain(|it| it != "brand" && it != "slug")), both);
        assert_eq!(with(&|it| it.push("name".to_owned())), "the column `name` is there twice");
        for name in ["", "colour", "option0", "option01", "option11", "price.EURO", "price", "attribute.x"] {
            assert_eq!(with(&|it| it.push(name.to_owned())), format!("there is no column `{name}` in an export"));
        }
    }
}
