//! Hits whose scores are multiplied, each by a factor of its own.

use tantivy::{DocId, DocSet, Score, query::Scorer};

/// The hits of `scorer`; `factor` is asked for that of each one whose score is asked for, in rising order.
pub(super) struct Rescored<F> {
    scorer: Box<dyn Scorer>,
    factor: F,
}

impl<F: FnMut(DocId) -> Score + Send + 'static> Rescored<F> {
    pub(super) fn new(scorer: Box<dyn Scorer>, factor: F) -> Self {
        Self { scorer, factor }
    }
}

impl<F: FnMut(DocId) -> Score + Send + 'static> DocSet for Rescored<F> {
    fn advance(&mut self) -> DocId {
        self.scorer.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.scorer.seek(target)
    }

    fn doc(&self) -> DocId {
        self.scorer.doc()
    }

    fn size_hint(&self) -> u32 {
        self.scorer.size_hint()
    }

    fn cost(&self) -> u64 {
        self.scorer.cost()
    }
}

impl<F: FnMut(DocId) -> Score + Send + 'static> Scorer for Rescored<F> {
    fn score(&mut self) -> Score {
        self.scorer.score() * (self.factor)(self.scorer.doc())
    }
}
