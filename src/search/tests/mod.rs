//! A small shop to search in.

mod best;
mod finding;
mod keeping;
mod listed;

use super::*;
use crate::{
    ids::ProductId,
    money::{Currency, Money},
    time::UtcTime,
};

fn product(name: &str) -> SearchDocument {
    SearchDocument {
        product_id: ProductId::new(),
        name: name.to_owned(),
        brand: None,
        skus: Vec::new(),
        barcodes: Vec::new(),
        categories: Vec::new(),
        attributes: Vec::new(),
        filterable: Vec::new(),
        description: String::new(),
        prices: Vec::new(),
        in_stock: true,
        popularity: None,
        created_at: UtcTime::from_micros(0),
        version: 1,
    }
}

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn price(minor: i64, code: &str) -> Money {
    Money::new(minor, currency(code))
}

fn everything() -> SearchQuery {
    SearchQuery {
        text: None,
        filters: Filters::default(),
        sort: Sort::Relevance,
        offset: 0,
        limit: 20,
        with_total: true,
        facets: Vec::new(),
        generation: None,
    }
}

fn text(text: &str) -> SearchQuery {
    SearchQuery { text: Some(text.to_owned()), ..everything() }
}

fn filtered(filters: Filters) -> SearchQuery {
    SearchQuery { filters, ..everything() }
}

fn sorted(sort: Sort) -> SearchQuery {
    SearchQuery { sort, ..everything() }
}

fn put(document: &SearchDocument) -> Change {
    Change::Put(Box::new(document.clone()))
}

/// A shop of these products, whose names are the answers of [`Shop::finds`].
struct Shop {
    index: SearchIndex,
    products: Vec<SearchDocument>,
}

impl Shop {
    fn of(products: impl IntoIterator<Item = SearchDocument>) -> Self {
        let shop = Self { index: SearchIndex::in_memory().unwrap(), products: products.into_iter().collect() };
        // In two rounds, so that hits come from more than one segment.
        let (first, second) = shop.products.split_at(shop.products.len() / 2);
        for half in [first, second] {
            shop.index.apply(half.iter().map(put).collect(), 1).unwrap();
        }
        shop
    }

    fn named(names: &[&str]) -> Self {
        Self::of(names.iter().map(|name| product(name)))
    }

    fn finds(&self, query: &SearchQuery) -> Vec<&str> {
        let hits = self.index.search(query).unwrap();
        let name = |id: &ProductId| self.products.iter().find(|it| it.product_id == *id).unwrap().name.as_str();
        hits.ids.iter().map(name).collect()
    }
}
