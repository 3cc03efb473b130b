//! What the index is told about a product.

use crate::{
    catalog::filterable::AttributeValue,
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
