//! From a record to its rows.

use serde_json::{Map, Value};

use super::{
    cell,
    columns::{Column, Layout},
};
use crate::catalog::{
    model::Slug,
    portable::{
        PortableAttribute, PortableBrand, PortableCategory, PortableCollection, PortableProduct, PortableVariant,
        Record,
    },
};

impl Layout {
    /// The rows of a record: one, and for a product one for each further variant.
    pub fn rows(&self, record: &Record) -> Vec<Vec<String>> {
        match record {
            Record::Attribute(attribute) => vec![self.row(|column| of_attribute(attribute, column))],
            Record::Brand(brand) => vec![self.row(|column| of_brand(brand, column))],
            Record::Category(category) => vec![self.row(|column| of_category(category, column))],
            Record::Collection(collection) => vec![self.row(|column| of_collection(collection, column))],
            Record::Product(product) => {
                let first = self.row(|column| match of_variant(product, product.variants.first(), column) {
                    Some(cell) => Some(cell),
                    None => self.of_product(product, column),
                });
                let further = product.variants.iter().skip(1).map(|variant| {
                    self.row(|column| match column {
                        Column::Fixed("type") => Some("variant".to_owned()),
                        column => of_variant(product, Some(variant), column),
                    })
                });
                std::iter::once(first).chain(further).collect()
            }
        }
    }

    fn row(&self, cell_of: impl Fn(&Column) -> Option<String>) -> Vec<String> {
        self.0.iter().map(|column| cell::guarded(&cell_of(column).unwrap_or_default())).collect()
    }

    fn of_product(&self, product: &PortableProduct, column: &Column) -> Option<String> {
        let text = match column {
            Column::Fixed("type") => "product".to_owned(),
            Column::Fixed("slug") => product.slug.to_string(),
            Column::Fixed("external_id") => product.external_id.clone()?,
            Column::Fixed("name") => product.name.clone(),
            Column::Fixed("status") => product.status.as_str().to_owned(),
            Column::Fixed("brand") => product.brand.as_ref()?.to_string(),
            Column::Fixed("categories") => list(&product.categories),
            Column::Fixed("description") => product.description.clone(),
            Column::Fixed("attributes") => self.other_attributes(product)?,
            Column::Fixed("options") => json(&product.options, product.options.is_empty())?,
            Column::Fixed("images") => json(&product.images, product.images.is_empty())?,
            Column::Fixed("publish_at") => product.publish_at?.to_string(),
            Column::Fixed("unpublish_at") => product.unpublish_at?.to_string(),
            Column::Fixed("created_at") => product.created_at?.to_string(),
            Column::Fixed("former_slugs") => list(&product.former_slugs),
            Column::Attribute(key) => cell::of_attribute(product.attributes.get(key)?),
            _ => return None,
        };
        Some(text)
    }

    /// Those that have no column.
    fn other_attributes(&self, product: &PortableProduct) -> Option<String> {
        let has_column = |key: &String| self.0.iter().any(|it| matches!(it, Column::Attribute(own) if own == key));
        let others: Map<String, Value> = product
            .attributes
            .iter()
            .filter(|(key, _)| !has_column(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        json(&others, others.is_empty())
    }
}

fn of_variant(product: &PortableProduct, variant: Option<&PortableVariant>, column: &Column) -> Option<String> {
    let variant = variant?;
    let price = |currency| variant.prices.iter().find(|it| it.currency == currency);
    let text = match column {
        Column::Fixed("sku") => variant.sku.clone(),
        Column::Fixed("stock") => variant.stock.to_string(),
        Column::Fixed("barcode") => variant.barcode.clone()?,
        Column::Fixed("weight_grams") => variant.weight_grams?.to_string(),
        Column::Fixed("min_order_quantity") => variant.min_order_quantity.to_string(),
        Column::Fixed("max_order_quantity") => variant.max_order_quantity?.to_string(),
        Column::Fixed("variant_name") => variant.name.clone()?,
        Column::Fixed("variant_external_id") => variant.external_id.clone()?,
        Column::Fixed("image") => variant.image?.to_string(),
        Column::Option(place) => variant.options.get(&product.options.get(*place)?.name)?.clone(),
        Column::Price(currency) => price(*currency)?.amount.to_string(),
        Column::CompareAt(currency) => price(*currency)?.compare_at?.to_string(),
        _ => return None,
    };
    Some(text)
}

fn of_attribute(attribute: &PortableAttribute, column: &Column) -> Option<String> {
    let PortableAttribute { key, label, kind, unit, filterable, position } = attribute;
    Some(match column {
        Column::Fixed("type") => "attribute".to_owned(),
        Column::Fixed("slug") => key.clone(),
        Column::Fixed("name") => label.clone(),
        Column::Fixed("position") => position.to_string(),
        Column::Fixed("kind") => kind.as_str().to_owned(),
        Column::Fixed("unit") => unit.clone()?,
        Column::Fixed("filterable") => filterable.to_string(),
        _ => return None,
    })
}

fn of_brand(brand: &PortableBrand, column: &Column) -> Option<String> {
    let PortableBrand { slug, external_id, name, former_slugs } = brand;
    Some(match column {
        Column::Fixed("type") => "brand".to_owned(),
        Column::Fixed("slug") => slug.to_string(),
        Column::Fixed("external_id") => external_id.clone()?,
        Column::Fixed("name") => name.clone(),
        Column::Fixed("former_slugs") => list(former_slugs),
        _ => return None,
    })
}

fn of_collection(collection: &PortableCollection, column: &Column) -> Option<String> {
    let PortableCollection { slug, external_id, name, description, kind, published, position, .. } = collection;
    let PortableCollection { rules, products, former_slugs, .. } = collection;
    Some(match column {
        Column::Fixed("type") => "collection".to_owned(),
        Column::Fixed("slug") => slug.to_string(),
        Column::Fixed("external_id") => external_id.clone()?,
        Column::Fixed("name") => name.clone(),
        Column::Fixed("description") => description.clone(),
        Column::Fixed("kind") => kind.as_str().to_owned(),
        Column::Fixed("published") => published.to_string(),
        Column::Fixed("position") => position.to_string(),
        Column::Fixed("rules") => rules.as_ref()?.to_string(),
        Column::Fixed("products") => list(products),
        Column::Fixed("former_slugs") => list(former_slugs),
        _ => return None,
    })
}

fn of_category(category: &PortableCategory, column: &Column) -> Option<String> {
    let PortableCategory { slug, external_id, name, parent, position, former_slugs } = category;
    Some(match column {
        Column::Fixed("type") => "category".to_owned(),
        Column::Fixed("slug") => slug.to_string(),
        Column::Fixed("external_id") => external_id.clone()?,
        Column::Fixed("name") => name.clone(),
        Column::Fixed("parent") => parent.as_ref()?.to_string(),
        Column::Fixed("position") => position.to_string(),
        Column::Fixed("former_slugs") => list(former_slugs),
        _ => return None,
    })
}

fn list(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

/// As JSON; nothing where nothing is in it.
fn json(value: &impl serde::Serialize, is_empty: bool) -> Option<String> {
    if is_empty { None } else { serde_json::to_string(value).ok() }
}
