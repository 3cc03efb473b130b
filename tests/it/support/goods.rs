//! Goods for the shop's shelves, put there behind the API's back.

use std::collections::BTreeMap;

use cartwright::{
    catalog::{
        model::{Availability, ProductStatus, Slug},
        store::{PriceRangeRow, PriceRow, ProductRow, VariantRow},
    },
    db::{
        columns::Json,
        schema::{prices, product_price_ranges, products, variants},
    },
    ids::{ProductId, VariantId},
    inventory,
    money::Currency,
    text,
    time::UtcTime,
};
use diesel::RunQueryDsl;

use super::app::TestApp;

/// A product to be put into the shop; what is not said is filled in.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Product {
    name: String,
    description: String,
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
    pub(crate) slug: String,
    pub(crate) sku: String,
}

impl Product {
    /// A published product for 19.99 EUR of which 10 stand on the shelf.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: format!("What {name} is good for."),
            status: ProductStatus::Published,
            price: Some(1999),
            units: 10,
            made_at: None,
        }
    }

    /// In minor units of EUR.
    pub(crate) fn priced(self, price: impl Into<Option<i64>>) -> Self {
        Self { price: price.into(), ..self }
    }

    pub(crate) fn with_stock(self, units: i64) -> Self {
        Self { units, ..self }
    }

    pub(crate) fn made_at(self, time: UtcTime) -> Self {
        Self { made_at: Some(time), ..self }
    }

    pub(crate) fn draft(self) -> Self {
        Self { status: ProductStatus::Draft, ..self }
    }
}

impl TestApp {
    /// Puts a product into the shop.
    pub(crate) fn put(&self, product: Product) -> ProductInShop {
        let (id, variant_id) = (ProductId::new(), VariantId::new());
        let now = product.made_at.unwrap_or_else(|| self.shop.clock.now());
        let suffix = id.as_str().trim_start_matches("prod_");
        let slug = Slug::from_name(&product.name).and_then(|it| it.with_suffix(suffix)).unwrap_or_else(|| {
            // A name without a letter that an address can hold.
            suffix.parse().expect("an id's characters make a slug")
        });
        let sku = format!("SKU-{suffix}");
        let row = product_row(&product, id, &slug, now);
        let variant = variant_row(&product, &row, variant_id, &sku);
        let low_stock = self.shop.config.low_stock;
        self.database(|conn| {
            diesel::insert_into(products::table).values(&row).execute(conn)?;
            diesel::insert_into(variants::table).values(&variant).execute(conn)?;
            if let Some(amount) = product.price {
                let currency = eur();
                let price = PriceRow { variant_id, currency, amount, compare_at: None };
                let range = PriceRangeRow { product_id: id, currency, min_amount: amount, max_amount: amount };
                diesel::insert_into(prices::table).values(&price).execute(conn)?;
                diesel::insert_into(product_price_ranges::table).values(&range).execute(conn)?;
            }
            inventory::store::create_stock(conn, variant_id, product.units, now)?;
            inventory::availability::refresh(conn, &[variant_id], low_stock, now)?;
            Ok(())
        });
        ProductInShop { id, variant_id, slug: slug.as_str().to_owned(), sku }
    }
}

fn product_row(product: &Product, id: ProductId, slug: &Slug, now: UtcTime) -> ProductRow {
    ProductRow {
        id,
        external_id: None,
        slug: slug.clone(),
        name: product.name.clone(),
        name_folded: text::fold(&product.name),
        description: product.description.clone(),
        status: product.status,
        brand_id: None,
        options: Json::new(Vec::new()),
        attributes: Json::new(BTreeMap::new()),
        availability: Availability::OutOfStock,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn variant_row(product: &Product, row: &ProductRow, id: VariantId, sku: &str) -> VariantRow {
    VariantRow {
        id,
        product_id: row.id,
        external_id: None,
        sku: sku.to_owned(),
        name: product.name.clone(),
        options: Json::new(BTreeMap::new()),
        barcode: None,
        weight_grams: None,
        image_id: None,
        availability: Availability::OutOfStock,
        position: 0,
        created_at: row.created_at,
        updated_at: row.created_at,
    }
}

fn eur() -> Currency {
    "EUR".parse().expect("a currency")
}
