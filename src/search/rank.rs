//! What hits are ordered by. The last criterion is always the product's id, which also names the hit.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    DocId, Score, SegmentReader,
    collector::{
        SegmentSortKeyComputer, SortKeyComputer,
        sort_key::{NaturalComparator, ReverseComparator},
    },
    columnar::Column,
};

use super::fields::{column, price_column};
use crate::{
    catalog::{collections::membership::Membership, list::ProductSort},
    money::Currency,
};

/// The order of hits; those that are equal stand by product id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best first: all in which every word is found before any in which only some are. Without a text, by id alone.
    Relevance,
    /// The lowest price in this currency first, products without one last.
    Price(Currency),
    /// The highest price in this currency first, products without one last.
    PriceDesc(Currency),
    /// What sells best first, products that never sold last.
    Popularity,
    /// By name, regardless of case.
    Name,
    /// The newest first.
    CreatedDesc,
    /// In the order of the manual collection that is filtered by.
    Place,
}

impl Sort {
    /// The order that a list is asked for in; prices are those in this currency.
    pub fn of(sort: ProductSort, currency: Currency) -> Self {
        match sort {
            ProductSort::NewestFirst => Self::CreatedDesc,
            ProductSort::Name => Self::Name,
            ProductSort::Price => Self::Price(currency),
            ProductSort::PriceDescending => Self::PriceDesc(currency),
            ProductSort::Position => Self::Place,
            ProductSort::Popularity => Self::Popularity,
        }
    }
}

/// By product id, the oldest product first.
pub(super) struct ByProduct;

pub(super) struct ProductColumns {
    high: Column<u64>,
    low: Column<u64>,
}

impl SortKeyComputer for ByProduct {
    type SortKey = u128;
    type Child = ProductColumns;
    type Comparator = ReverseComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<ProductColumns> {
        let columns = segment.fast_fields();
        Ok(ProductColumns { high: columns.u64(column::ID_HIGH)?, low: columns.u64(column::ID_LOW)? })
    }
}

impl SegmentSortKeyComputer for ProductColumns {
    type SortKey = u128;
    type SegmentSortKey = u128;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _: Score) -> u128 {
        // Every document has both.
        let half = |column: &Column<u64>| u128::from(column.first(doc).unwrap_or_default());
        (half(&self.high) << 64) | half(&self.low)
    }

    fn convert_segment_sort_key(&self, key: u128) -> u128 {
        key
    }
}

/// By a number. A product without one is `None`.
pub(super) struct ByNumber {
    column: String,
}

pub(super) struct NumberColumn {
    numbers: Option<Column<i64>>,
}

impl ByNumber {
    /// By price in a currency.
    pub(super) fn price(currency: Currency) -> Self {
        Self { column: price_column(currency) }
    }

    /// By how well products sell.
    pub(super) fn popularity() -> Self {
        Self { column: column::POPULARITY.to_owned() }
    }
}

impl SortKeyComputer for ByNumber {
    type SortKey = Option<i64>;
    type Child = NumberColumn;
    type Comparator = NaturalComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<NumberColumn> {
        // Where no product of the segment has a number, there may be no column.
        Ok(NumberColumn { numbers: segment.fast_fields().column_opt(&self.column)? })
    }
}

impl SegmentSortKeyComputer for NumberColumn {
    type SortKey = Option<i64>;
    type SegmentSortKey = Option<i64>;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, doc: DocId, _: Score) -> Option<i64> {
        self.numbers.as_ref()?.first(doc)
    }

    fn convert_segment_sort_key(&self, key: Option<i64>) -> Option<i64> {
        key
    }
}

/// By the places that products have in a collection.
pub(super) struct ByPlace(Arc<HashMap<u128, i32>>);

pub(super) struct Places {
    products: ProductColumns,
    places: Arc<HashMap<u128, i32>>,
}

impl ByPlace {
    /// Those of the one collection that is filtered by.
    pub(super) fn new(members: Option<&Membership>) -> Self {
        let in_order = Membership::in_order(members).unwrap_or_default();
        Self(Arc::new(in_order.iter().map(|(place, id)| (id.bits(), *place)).collect()))
    }
}

impl SortKeyComputer for ByPlace {
    type SortKey = Option<i32>;
    type Child = Places;
    type Comparator = NaturalComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<Places> {
        Ok(Places { products: ByProduct.segment_sort_key_computer(segment)?, places: self.0.clone() })
    }
}

impl SegmentSortKeyComputer for Places {
    type SortKey = Option<i32>;
    type SegmentSortKey = Option<i32>;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, doc: DocId, score: Score) -> Option<i32> {
        self.places.get(&self.products.segment_sort_key(doc, score)).copied()
    }

    fn convert_segment_sort_key(&self, key: Option<i32>) -> Option<i32> {
        key
    }
}
