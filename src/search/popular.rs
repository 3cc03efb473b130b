//! A query whose hits score a little more, the better they sell: it decides among near-equals, and no more.

use std::sync::Arc;

use tantivy::{
    DocId, Score, Searcher, SegmentReader, Term,
    columnar::Column,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
};

use super::{fields::column, rescored::Rescored};
use crate::catalog::popularity::DOUBLING;

/// What the product that sells best gains, of its score.
pub(super) const MOST: Score = 0.05;
/// Halvings behind the one that sells best in which that gain comes to nothing.
const HALVINGS: Score = 10.0;

/// The rank of the product that sells best; `None` where nothing has sold.
pub(super) fn highest(searcher: &Searcher) -> tantivy::Result<Option<i64>> {
    let mut highest = None;
    for segment in searcher.segment_readers() {
        let column: Option<Column<i64>> = segment.fast_fields().column_opt(column::POPULARITY)?;
        // A column without a value has a bound that is no rank.
        highest = highest.max(column.map(|it| it.max_value()).filter(|rank| *rank > 0));
    }
    Ok(highest)
}

/// What the score of a product is multiplied by.
pub(super) fn factor(rank: Option<i64>, highest: i64) -> Score {
    let Some(rank) = rank else { return 1.0 };
    let halvings = (highest - rank).max(0) as Score / DOUBLING as Score;
    1.0 + MOST * (1.0 - halvings / HALVINGS).max(0.0)
}

/// A segment's ranks.
pub(super) fn ranks(segment: &SegmentReader) -> tantivy::Result<Option<Column<i64>>> {
    segment.fast_fields().column_opt(column::POPULARITY)
}

/// Hits of `query`, whose scores are multiplied by [`factor`].
#[derive(Debug, Clone)]
pub(super) struct Popular {
    query: Arc<dyn Query>,
    highest: i64,
}

impl Popular {
    pub(super) fn new(query: Box<dyn Query>, highest: i64) -> Self {
        Self { query: query.into(), highest }
    }
}

impl Query for Popular {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weight = self.query.weight(scoring)?;
        if !scoring.is_scoring_enabled() {
            return Ok(weight);
        }
        Ok(Box::new(PopularWeight { weight, highest: self.highest }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.query.query_terms(visitor);
    }
}

struct PopularWeight {
    weight: Box<dyn Weight>,
    highest: i64,
}

impl Weight for PopularWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let scorer = self.weight.scorer(segment, boost)?;
        let (ranks, highest) = (ranks(segment)?, self.highest);
        let rank = move |doc| ranks.as_ref().and_then(|ranks| ranks.first(doc));
        Ok(Box::new(Rescored::new(scorer, move |doc| factor(rank(doc), highest))))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let explained = self.weight.explain(segment, doc)?;
        let rank = ranks(segment)?.and_then(|ranks| ranks.first(doc));
        let mut popular = Explanation::new("popularity", explained.value() * factor(rank, self.highest));
        popular.add_detail(explained);
        Ok(popular)
    }

    fn count(&self, segment: &SegmentReader) -> tantivy::Result<u32> {
        self.weight.count(segment)
    }
}
