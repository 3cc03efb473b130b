//! Goods for the shop's shelves, put there by the library's own use case.

use std::collections::BTreeMap;

use cartwright::{
    catalog::{
        create_product::create_product,
        draft::{NewProduct, NewVariant, Price, Terms},
        model::{OrderQuantities, ProductStatus},
    },
    db::schema::variants,
    ids::{ProductId, VariantId},
    time::UtcTime,
};
use diesel::prelude::*;

use super::app::TestApp;

/// A product to be put into the shop; what is not said is filled in.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Product {
    name: String,
    status: ProductStatus,
    price: Option<i64>,
    units: i64,
    made_at: Option<UtcTime>,
}

/// A product that is in the shop, with its only variant.
#[derive(Debug, Clone)]
pub(crate) struct ProductInShop {
    pub(crate) id: ProductId,
    pub(crate) variant_id: VariantId,
}

impl Product {
    /// A published product for 19.99 EUR of which 10 stand on the shelf.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), status: ProductStatus::Published, price: Some(1999), units: 10, made_at: None }
    }

    /// In minor units of EUR.
    pub(crate) fn priced(self, price: impl Into<Option<i64>>) -> Self {
        Self { price: price.into(), ..self }
    }

    pub(crate) fn with_stock(self, units: i64) -> Self {
        Self { units, ..self }
    }

    /// One that shoppers do not see yet.
    pub(crate) fn draft(self) -> Self {
        Self { status: ProductStatus::Draft, ..self }
    }

    pub(crate) fn made_at(self, time: UtcTime) -> Self {
        Self { made_at: Some(time), ..self }
    }
}

impl TestApp {
    /// Puts a product into the shop.
    pub(crate) fn put(&self, product: Product) -> ProductInShop {
        let now = product.made_at.unwrap_or_else(|| self.shop.clock.now());
        let new = new_product(product);
        let terms = Terms::of(&self.shop.config);
        self.database(|conn| {
            let id = create_product(conn, &new, terms, now)?;
            let ids = variants::table.filter(variants::product_id.eq(id)).select(variants::id);
            Ok(ProductInShop { id, variant_id: ids.first(conn)? })
        })
    }
}

fn new_product(product: Product) -> NewProduct {
    let Product { name, status, price, units, made_at: _ } = product;
    let price = price.map(|amount| Price { amount, currency: "EUR".parse().expect("a currency"), compare_at: None });
    let variant = NewVariant {
        external_id: None,
        sku: format!("SKU-{}", VariantId::new()),
        name: None,
        options: BTreeMap::new(),
        prices: price.into_iter().collect(),
        stock: units,
        barcode: None,
        weight_grams: None,
        order_quantities: OrderQuantities::default(),
        image_id: None,
    };
    NewProduct {
        external_id: None,
        slug: None,
        description: format!("What {name} is good for."),
        name,
        status,
        publish_at: None,
        unpublish_at: None,
        brand_id: None,
        category_ids: Vec::new(),
        options: Vec::new(),
        attributes: BTreeMap::new(),
        variants: vec![variant],
        images: Vec::new(),
    }
}
