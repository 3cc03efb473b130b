//! What hits are ordered by. The last criterion is always the product's id, which also names the hit.

use tantivy::{
    DocId, Score, SegmentReader,
    collector::{
        SegmentSortKeyComputer, SortKeyComputer,
        sort_key::{NaturalComparator, ReverseComparator},
    },
    columnar::Column,
};

use super::fields::column;
use crate::money::Currency;

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

/// By price in a currency. A product without one is `None`.
pub(super) struct ByPrice {
    column: String,
}

pub(super) struct PriceColumn {
    prices: Option<Column<i64>>,
}

impl ByPrice {
    pub(super) fn new(currency: Currency) -> Self {
        Self { column: format!("{}.{currency}", column::PRICES) }
    }
}

impl SortKeyComputer for ByPrice {
    type SortKey = Option<i64>;
    type Child = PriceColumn;
    type Comparator = NaturalComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<PriceColumn> {
        // Where no product of the segment has a price in the currency, there is no column.
        Ok(PriceColumn { prices: segment.fast_fields().column_opt(&self.column)? })
    }
}

impl SegmentSortKeyComputer for PriceColumn {
    type SortKey = Option<i64>;
    type SegmentSortKey = Option<i64>;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, doc: DocId, _: Score) -> Option<i64> {
        self.prices.as_ref()?.first(doc)
    }

    fn convert_segment_sort_key(&self, key: Option<i64>) -> Option<i64> {
        key
    }
}
