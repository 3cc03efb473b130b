//! The best hits of some words.
//!
//! A query would ask each of its parts about each hit. Here the postings of all words are walked through side by side, a
//! window of documents at a time, and what is found is noted by document. Hits and scores are those of
//! [`super::words::text_query`].

use std::{cmp::Reverse, ops::Range};

use tantivy::{
    DocId, Score, Searcher, SeekDangerResult, SegmentReader, Term,
    collector::{SegmentSortKeyComputer, SortKeyComputer},
    columnar::Column,
    query::{Bm25Weight, EnableScoring, Query, Scorer, TermSetQuery, Weight},
};

use super::{
    analysis::Word,
    demoted::reaches,
    fields::Fields,
    popular,
    rank::{ByProduct, ProductColumns},
    reading::{Reading, Understood},
    top::{Hit, Top},
    window::{MOST_WORDS, Mark, Scored, Sought, Window},
    words::{MADE_FOR_IT, NEIGHBOURS, boosted, distinct_words, in_a_row, in_fields, made_for_terms, weights},
};
use crate::ids::ProductId;

/// A bound is added up in another order than a score: what rounding may take from it.
const ROUNDING: Score = 1.0001;

/// A part of the list of hits, the best first.
pub(super) struct Best {
    pub(super) ids: Vec<ProductId>,
    /// Hits with all words.
    pub(super) with_all: usize,
    /// Hits with some words.
    pub(super) with_some: usize,
}

/// The hits of these places. `None` for a text that only [`super::words::text_query`] finds: more words than can be
/// marked, or a code.
pub(super) fn best(
    fields: &Fields,
    searcher: &Searcher,
    understood: &Understood,
    filters: Option<&dyn Query>,
    range: Range<usize>,
) -> tantivy::Result<Option<Best>> {
    let words = distinct_words(&understood.readings);
    if words.len() > MOST_WORDS || names_a_code(fields, searcher, understood)? {
        return Ok(None);
    }
    let asked = Asked::new(fields, searcher, understood, &words)?;
    let filters = filters.map(|it| it.weight(EnableScoring::disabled_from_searcher(searcher))).transpose()?;
    let (mut whole, mut part) = (Tier::new(range.end), Tier::new(range.end));
    for segment in searcher.segment_readers() {
        asked.find(segment, filters.as_deref(), &mut whole, &mut part)?;
    }
    let (with_all, with_some) = (whole.hits, part.hits);
    let in_order = whole.best.in_order().into_iter().chain(part.best.in_order());
    let ids = in_order.take(range.end).skip(range.start).map(ProductId::from_bits).collect();
    Ok(Some(Best { ids, with_all, with_some }))
}

fn names_a_code(fields: &Fields, searcher: &Searcher, understood: &Understood) -> tantivy::Result<bool> {
    let pieces = understood.readings.iter().flat_map(|reading| &reading.pieces);
    for code in pieces.map(|piece| &piece.code).chain(&understood.whole_code) {
        if searcher.doc_freq(&Term::from_field_text(fields.code, code))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Hits that stand before or behind all others.
struct Tier {
    best: Top,
    hits: usize,
}

impl Tier {
    fn new(most: usize) -> Self {
        Self { best: Top::new(most), hits: 0 }
    }
}

/// What is asked for.
struct Asked {
    /// For each word, where it is looked for.
    words: Vec<Vec<Sought>>,
    /// The words of which one must be there.
    telling: Mark,
    readings: Vec<Way>,
    made_for_it: Option<Box<dyn Weight>>,
    /// The rank of the product that sells best.
    highest: Option<i64>,
}

/// A reading.
struct Way {
    /// The words that must be there.
    needed: Mark,
    /// The words of each piece.
    pieces: Vec<Vec<usize>>,
    neighbours: Vec<Box<dyn Weight>>,
    /// What neighbours can add at most.
    most_of_neighbours: Score,
    weight: Score,
}

impl Way {
    fn new(
        fields: &Fields,
        searcher: &Searcher,
        words: &[&Word],
        reading: &Reading,
        weight: Score,
    ) -> tantivy::Result<Self> {
        let place = |word: &Word| words.iter().position(|it| *it == word).unwrap_or_default();
        let places = |words: &[Word]| words.iter().map(place).collect::<Vec<_>>();
        let all_optional = reading.pieces.iter().all(|piece| piece.is_optional());
        let needed = reading.pieces.iter().filter(|piece| all_optional || !piece.is_optional());
        let in_order: Vec<&Word> = reading.words().collect();
        let (mut neighbours, mut most_of_neighbours) = (Vec::new(), 0.0);
        for pair in in_order.windows(2) {
            let in_a_row = in_a_row(fields, pair);
            most_of_neighbours += NEIGHBOURS * Bm25Weight::for_terms(searcher, &in_a_row.phrase_terms())?.max_score();
            let scoring = EnableScoring::enabled_from_searcher(searcher);
            neighbours.push(boosted(Box::new(in_a_row), NEIGHBOURS).weight(scoring)?);
        }
        Ok(Self {
            needed: marked(needed.flat_map(|piece| places(&piece.words))),
            pieces: reading.pieces.iter().map(|piece| places(&piece.words)).collect(),
            neighbours,
            most_of_neighbours,
            weight,
        })
    }

    fn has_all(&self, mark: Mark) -> bool {
        mark & self.needed == self.needed
    }

    /// What a document scores without neighbours.
    fn score(&self, scored: &Scored<'_, '_>) -> Score {
        let is_there = |word: &usize| scored.mark() & marked([*word]) != 0;
        let there = self.pieces.iter().filter(|piece| piece.iter().all(is_there));
        there.flatten().map(|word| scored.by_word(*word)).sum()
    }
}

fn marked(words: impl IntoIterator<Item = usize>) -> Mark {
    words.into_iter().fold(0, |mark, word| mark | 1 << word)
}

impl Asked {
    fn new(fields: &Fields, searcher: &Searcher, understood: &Understood, words: &[&Word]) -> tantivy::Result<Self> {
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let mut sought = Vec::new();
        for word in words {
            let mut of_word = Vec::new();
            for it in in_fields(fields, word) {
                let term = Term::from_field_text(it.field, it.text);
                if searcher.doc_freq(&term)? > 0 {
                    let weight = Bm25Weight::for_terms(searcher, std::slice::from_ref(&term))?.boost_by(it.weight);
                    of_word.push(Sought { term, weight });
                }
            }
            sought.push(of_word);
        }
        let readings = &understood.readings;
        let weighted = readings.iter().zip(weights(fields, searcher, readings)?);
        let ways = weighted.map(|(reading, weight)| Way::new(fields, searcher, words, reading, weight));
        let all_stop_words = words.iter().all(|word| word.is_stop_word);
        let telling = (0..words.len()).filter(|word| all_stop_words || !words[*word].is_stop_word);
        let made_for_it = TermSetQuery::new(made_for_terms(fields, understood, words));
        let made_for_it = (!understood.asks_for_accessory).then(|| made_for_it.weight(scoring)).transpose()?;
        Ok(Self {
            words: sought,
            telling: marked(telling),
            readings: ways.collect::<tantivy::Result<_>>()?,
            made_for_it,
            highest: popular::highest(searcher)?,
        })
    }

    /// Adds the hits in a segment: those with all words of a reading to `whole`, and the others to `part`.
    fn find(
        &self,
        segment: &SegmentReader,
        filters: Option<&dyn Weight>,
        whole: &mut Tier,
        part: &mut Tier,
    ) -> tantivy::Result<()> {
        let mut filter = filters.map(|it| it.scorer(segment, 1.0)).transpose()?;
        let mut weighing = Weighing::new(self, segment)?;
        let mut window = Window::new(segment, &self.words)?;
        while window.next(filter.as_deref_mut()) {
            for scored in window.documents().filter(|it| !segment.is_deleted(it.doc())) {
                if self.readings.iter().any(|way| way.has_all(scored.mark())) {
                    whole.hits += 1;
                    if let Some(score) = weighing.of_readings(&scored, &whole.best) {
                        weighing.offer(scored.doc(), score, &mut whole.best);
                    }
                } else if scored.mark() & self.telling != 0 {
                    part.hits += 1;
                    if !whole.best.is_full() && !part.best.outdoes(scored.total() * self.best_factor()) {
                        weighing.offer(scored.doc(), scored.total(), &mut part.best);
                    }
                }
            }
        }
        Ok(())
    }

    /// What a score may be multiplied by at most.
    fn best_factor(&self) -> Score {
        self.highest.map_or(1.0, |_| 1.0 + popular::MOST) * ROUNDING
    }
}

/// What a segment's documents are weighed by beside their words, the one before before the one behind.
struct Weighing<'a> {
    asked: &'a Asked,
    /// For each reading.
    neighbours: Vec<Vec<Neighbours>>,
    made_for_it: Option<Box<dyn Scorer>>,
    ranks: Option<Column<i64>>,
    products: ProductColumns,
}

impl<'a> Weighing<'a> {
    fn new(asked: &'a Asked, segment: &SegmentReader) -> tantivy::Result<Self> {
        let neighbours = asked
            .readings
            .iter()
            .map(|way| way.neighbours.iter().map(|it| Ok(Neighbours::new(it.scorer(segment, 1.0)?))).collect());
        Ok(Self {
            asked,
            neighbours: neighbours.collect::<tantivy::Result<_>>()?,
            made_for_it: asked.made_for_it.as_ref().map(|it| it.scorer(segment, 1.0)).transpose()?,
            ranks: popular::ranks(segment)?,
            products: ByProduct.segment_sort_key_computer(segment)?,
        })
    }

    /// The score by the reading that counts most; `None` where it is clear that it has no place in `top`.
    fn of_readings(&mut self, scored: &Scored<'_, '_>, top: &Top) -> Option<Score> {
        let factor = self.asked.best_factor();
        let mut best = None;
        for (way, neighbours) in self.asked.readings.iter().zip(&mut self.neighbours) {
            if !way.has_all(scored.mark()) {
                continue;
            }
            let mut score = way.score(scored);
            if top.outdoes((score + way.most_of_neighbours) * way.weight * factor) {
                continue;
            }
            for pair in neighbours {
                score += pair.score(scored.doc());
            }
            best = Some(best.unwrap_or(0.0_f32).max(score * way.weight));
        }
        best
    }

    /// Weighs a score by what the product is, and gives it to `top`.
    fn offer(&mut self, doc: DocId, mut score: Score, top: &mut Top) {
        if self.made_for_it.as_mut().is_some_and(|it| reaches(it.as_mut(), doc)) {
            score *= MADE_FOR_IT;
        }
        if let Some(highest) = self.asked.highest {
            score *= popular::factor(self.ranks.as_ref().and_then(|ranks| ranks.first(doc)), highest);
        }
        if !top.outdoes(score) {
            top.add(Hit { score, product: Reverse(self.products.segment_sort_key(doc, score)) });
        }
    }
}

/// Words that follow each other in a name.
struct Neighbours {
    scorer: Box<dyn Scorer>,
    /// No document before this one has them, of those that have not been asked for.
    next: DocId,
}

impl Neighbours {
    fn new(scorer: Box<dyn Scorer>) -> Self {
        let next = scorer.doc();
        Self { scorer, next }
    }

    /// What they add to a document, which lies behind those before. Looks at no other: to find the next one that has
    /// them would take reading all names that have both words in another order.
    fn score(&mut self, doc: DocId) -> Score {
        if doc < self.next {
            return 0.0;
        }
        match self.scorer.seek_danger(doc) {
            SeekDangerResult::Found => self.scorer.score(),
            SeekDangerResult::SeekLowerBound(next) => {
                self.next = next;
                0.0
            }
        }
    }
}
