//! The best of many hits.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use tantivy::Score;

/// A product's bits, at the place that its score and then its id give it.
pub(super) struct Hit {
    pub(super) score: Score,
    pub(super) product: Reverse<u128>,
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| self.product.cmp(&other.product))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Hit {}

/// The best hits so far.
pub(super) struct Top {
    most: usize,
    hits: BinaryHeap<Reverse<Hit>>,
}

impl Top {
    pub(super) fn new(most: usize) -> Self {
        Self { most, hits: BinaryHeap::new() }
    }

    /// Whether each further hit takes another's place.
    pub(super) fn is_full(&self) -> bool {
        self.hits.len() >= self.most
    }

    /// Whether no hit of this score has a place any more. One of the same score may, by its id.
    pub(super) fn outdoes(&self, score: Score) -> bool {
        self.is_full() && self.hits.peek().is_none_or(|Reverse(least)| score < least.score)
    }

    pub(super) fn add(&mut self, hit: Hit) {
        self.hits.push(Reverse(hit));
        if self.hits.len() > self.most {
            self.hits.pop();
        }
    }

    pub(super) fn in_order(self) -> Vec<u128> {
        self.hits.into_sorted_vec().into_iter().map(|Reverse(hit)| hit.product.0).collect()
    }
}
