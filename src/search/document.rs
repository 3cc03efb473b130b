//! What the index is told about a product.

use serde_json::Value;

use crate::{
    catalog::{filterable::AttributeValue, indexing::Indexable},
    ids::{BrandId, CategoryId, ProductId},
    money::Money,
    time::UtcTime,
};

/// A published product, as the index sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchDocument {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub name: String,
    /// Its brand.
    pub brand: Option<Label<BrandId>>,
    /// The SKUs of its variants.
    pub skus: Vec<String>,
    /// The barcodes of its variants.
    pub barcodes: Vec<String>,
    /// Its categories and all that stand above them.
    pub categories: Vec<Label<CategoryId>>,
    /// Texts of its attributes and options, and the labels of the flags that are set.
    pub attributes: Vec<String>,
    /// Values by the keys of filterable attributes and options; of a text, any number.
    pub filterable: Vec<(String, AttributeValue)>,
    /// Its description, without markup.
    pub description: String,
    /// The price of its cheapest variant, in each currency that it is sold in.
    pub prices: Vec<Money>,
    /// Whether a variant can be bought now.
    pub in_stock: bool,
    /// How well it sells, on the scale of [`crate::catalog::popularity`]; `None` where it never did.
    pub popularity: Option<i64>,
    /// When the product was made.
    pub created_at: UtcTime,
    /// The product's row version. A document older than the one in the index is passed over.
    pub version: i64,
}

/// A brand or category that products are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label<I> {
    /// Its id.
    pub id: I,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl From<Indexable> for SearchDocument {
    fn from(product: Indexable) -> Self {
        let Indexable {
            id,
            name,
            description,
            brand,
            categories,
            skus,
            barcodes,
            attributes,
            option_values,
            filterable,
            prices,
            in_stock,
            popularity,
            created_at,
            version,
        } = product;
        let attributes = attributes.iter().flat_map(|(key, value)| attribute_texts(key, value)).chain(option_values);
        Self {
            product_id: id,
            name,
            brand: brand.map(|(id, slug, name)| Label { id, slug: slug.as_str().to_owned(), name }),
            skus,
            barcodes,
            categories: categories
                .into_iter()
                .map(|(id, slug, name)| Label { id, slug: slug.as_str().to_owned(), name })
                .collect(),
            attributes: attributes.collect(),
            filterable,
            description,
            prices,
            in_stock,
            popularity,
            created_at,
            version,
        }
    }
}

/// What a shopper may type of an attribute: its texts, and the key of a flag that is set. A bare number tells nothing.
fn attribute_texts(key: &str, value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(true) => vec![key.replace('_', " ")],
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
