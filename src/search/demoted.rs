//! A query whose hits score less where another query hits too.

use std::sync::Arc;

use tantivy::{
    DocId, Score, SegmentReader, TERMINATED, Term,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
};

use super::rescored::Rescored;

/// Hits of `query`; those that `under` hits, too, have `factor` of their score.
#[derive(Debug, Clone)]
pub(super) struct Demoted {
    query: Arc<dyn Query>,
    under: Arc<dyn Query>,
    factor: Score,
}

impl Demoted {
    pub(super) fn new(query: Box<dyn Query>, under: Box<dyn Query>, factor: Score) -> Self {
        Self { query: query.into(), under: under.into(), factor }
    }
}

impl Query for Demoted {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        if !scoring.is_scoring_enabled() {
            return self.query.weight(scoring);
        }
        let under = self.under.weight(scoring)?;
        Ok(Box::new(DemotedWeight { weight: self.query.weight(scoring)?, under, factor: self.factor }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.query.query_terms(visitor);
    }
}

struct DemotedWeight {
    weight: Box<dyn Weight>,
    under: Box<dyn Weight>,
    factor: Score,
}

impl Weight for DemotedWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let scorer = self.weight.scorer(segment, boost)?;
        let (mut under, factor) = (self.under.scorer(segment, 1.0)?, self.factor);
        Ok(Box::new(Rescored::new(scorer, move |doc| if reaches(under.as_mut(), doc) { factor } else { 1.0 })))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let explained = self.weight.explain(segment, doc)?;
        let mut under = self.under.scorer(segment, 1.0)?;
        if reaches(under.as_mut(), doc) {
            let mut demoted = Explanation::new("demoted", explained.value() * self.factor);
            demoted.add_detail(explained);
            return Ok(demoted);
        }
        Ok(explained)
    }

    fn count(&self, segment: &SegmentReader) -> tantivy::Result<u32> {
        self.weight.count(segment)
    }
}

/// Whether `hits`, which stands at `doc` or before it, has it.
pub(super) fn reaches(hits: &mut dyn Scorer, doc: DocId) -> bool {
    let at = hits.doc();
    let at = if at < doc && at != TERMINATED { hits.seek(doc) } else { at };
    at == doc
}
