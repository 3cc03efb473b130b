//! The best hits of several words, without scoring all that has some of them.
//!
//! One walk through the postings marks each product with the words that it has, and parts products into classes of the
//! same marks. Those with all words of a reading are scored. Of the others, classes are scored by falling bound, until
//! nothing that is left can outdo what is found. Hits and scores are those of [`super::words::text_query`].

use std::{cmp::Reverse, ops::Range};

use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, Term,
    collector::{SegmentSortKeyComputer, SortKeyComputer},
    columnar::Column,
    postings::Postings,
    query::{EnableScoring, Query, Scorer, TermSetQuery, Weight},
    schema::IndexRecordOption,
};

use super::{
    analysis::Word,
    bounds::bounds_of,
    demoted::reaches,
    fields::Fields,
    marks::{Classes, LONG, MOST_WORDS, Mark, SHORT, bit, bits, places},
    popular,
    rank::{ByProduct, ProductColumns},
    reading::{Reading, Understood},
    top::{Hit, Top},
    words::{
        FIELDS, InField, MADE_FOR_IT, NEIGHBOURS, TIE_BREAKER, boosted, distinct_words, field_query, in_a_row,
        in_fields, made_for_terms, weights,
    },
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

/// The hits of these places. `None` for a text that [`super::words::text_query`] finds as well: a single word, more words
/// than can be marked, or a code.
pub(super) fn best(
    fields: &Fields,
    searcher: &Searcher,
    understood: &Understood,
    filters: Option<&dyn Query>,
    range: Range<usize>,
) -> tantivy::Result<Option<Best>> {
    let words = distinct_words(&understood.readings);
    if !(2..=MOST_WORDS).contains(&words.len()) || names_a_code(fields, searcher, understood)? {
        return Ok(None);
    }
    let mut asked = Asked::new(fields, searcher, understood, words)?;
    let filters = filters.map(|it| it.weight(EnableScoring::disabled_from_searcher(searcher))).transpose()?;
    let mut classes = Vec::new();
    for segment in searcher.segment_readers() {
        classes.push(asked.classes(segment, filters.as_deref())?);
    }
    let mut counts = vec![0; asked.marks_end()];
    classes.iter().for_each(|it| it.count(&mut counts));
    let count = |mark: &Mark| counts[usize::from(*mark)];
    let there = (0..=Mark::MAX).take(counts.len()).filter(|mark| count(mark) > 0);
    let (whole, part): (Vec<Mark>, Vec<Mark>) = there.partition(|mark| asked.is_whole(*mark));
    let part: Vec<Mark> = part.into_iter().filter(|mark| mark & asked.telling != 0).collect();
    let (with_all, with_some) = (whole.iter().map(count).sum(), part.iter().map(count).sum());
    let mut ids = asked.best_of_whole(&classes, &whole, range.end)?;
    if ids.len() < range.end {
        asked.find_bounds(searcher)?;
        ids.extend(asked.best_of_part(&classes, part, range.end - ids.len())?);
    }
    let ids = ids.into_iter().skip(range.start).map(ProductId::from_bits).collect();
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

/// What is asked for.
struct Asked<'a> {
    fields: &'a Fields,
    words: Vec<&'a Word>,
    /// For each word, where it is looked for: bits, and what it scores there.
    in_fields: Vec<Vec<(Mark, Box<dyn Weight>)>>,
    /// For each word, a score that it does not exceed, by its bits.
    bounds: Vec<[Score; 4]>,
    /// For each word, how often it stands in a short field at most.
    most_often: Vec<[u32; FIELDS]>,
    /// The words of which one must be there.
    telling: Mark,
    readings: Vec<Way>,
    made_for_it: Option<Box<dyn Weight>>,
    /// The rank of the product that sells best.
    highest: Option<i64>,
}

/// A reading.
struct Way {
    /// The places of the words that must be there.
    needed: Vec<usize>,
    /// The places of the words of each piece.
    pieces: Vec<Vec<usize>>,
    neighbours: Vec<Box<dyn Weight>>,
    weight: Score,
}

impl Way {
    fn new(
        searcher: &Searcher,
        fields: &Fields,
        words: &[&Word],
        reading: &Reading,
        weight: Score,
    ) -> tantivy::Result<Self> {
        let place = |word: &Word| words.iter().position(|it| *it == word).unwrap_or_default();
        let places = |words: &[Word]| words.iter().map(place).collect::<Vec<_>>();
        let all_optional = reading.pieces.iter().all(|piece| piece.is_optional());
        let needed = reading.pieces.iter().filter(|piece| all_optional || !piece.is_optional());
        let in_order: Vec<&Word> = reading.words().collect();
        let pairs = in_order.windows(2).map(|pair| boosted(Box::new(in_a_row(fields, pair)), NEIGHBOURS));
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        Ok(Self {
            needed: needed.flat_map(|piece| places(&piece.words)).collect(),
            pieces: reading.pieces.iter().map(|piece| places(&piece.words)).collect(),
            neighbours: pairs.map(|pair| pair.weight(scoring)).collect::<tantivy::Result<_>>()?,
            weight,
        })
    }

    fn has_all(&self, mark: Mark) -> bool {
        self.needed.iter().all(|place| bits(mark, *place) != 0)
    }
}

impl<'a> Asked<'a> {
    fn new(
        fields: &'a Fields,
        searcher: &Searcher,
        understood: &'a Understood,
        words: Vec<&'a Word>,
    ) -> tantivy::Result<Self> {
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let mut in_each = Vec::new();
        for word in &words {
            let weight = |it: InField<'_>| Ok((bit(&it), field_query(&it).weight(scoring)?));
            let queries = in_fields(fields, word).into_iter().map(weight);
            in_each.push(queries.collect::<tantivy::Result<_>>()?);
        }
        let readings = &understood.readings;
        let weighted = readings.iter().zip(weights(fields, searcher, readings)?);
        let ways = weighted.map(|(reading, weight)| Way::new(searcher, fields, &words, reading, weight));
        let all_stop_words = words.iter().all(|word| word.is_stop_word);
        let telling = words.iter().enumerate().filter(|(_, word)| all_stop_words || !word.is_stop_word);
        let made_for_it = TermSetQuery::new(made_for_terms(fields, understood, &words));
        let made_for_it = (!understood.asks_for_accessory).then(|| made_for_it.weight(scoring)).transpose()?;
        Ok(Self {
            fields,
            in_fields: in_each,
            bounds: Vec::new(),
            most_often: vec![[0; FIELDS]; words.len()],
            telling: telling.fold(0, |mark, (place, _)| mark | (SHORT | LONG) << (2 * place)),
            readings: ways.collect::<tantivy::Result<_>>()?,
            made_for_it,
            highest: popular::highest(searcher)?,
            words,
        })
    }

    /// The documents that a filter lets pass.
    fn classes<'s>(
        &mut self,
        segment: &'s SegmentReader,
        filters: Option<&dyn Weight>,
    ) -> tantivy::Result<Classes<'s>> {
        let mut marks = self.marks(segment)?;
        if let Some(filters) = filters {
            let mut passing = filters.scorer(segment, 1.0)?;
            let mut next = 0;
            while passing.doc() != TERMINATED {
                let doc = passing.doc() as usize;
                marks[next..doc].fill(0);
                next = doc + 1;
                passing.advance();
            }
            marks[next..].fill(0);
        }
        Ok(Classes::new(segment, &marks, self.marks_end()))
    }

    /// To be called when all documents have their marks.
    fn find_bounds(&mut self, searcher: &Searcher) -> tantivy::Result<()> {
        let words = self.words.iter().zip(&self.most_often);
        let bounds = words.map(|(word, most_often)| bounds_of(self.fields, searcher, word, most_often));
        self.bounds = bounds.collect::<tantivy::Result<_>>()?;
        Ok(())
    }

    /// No mark of as many words is as large.
    fn marks_end(&self) -> usize {
        1 << (2 * self.words.len())
    }

    fn marks(&mut self, segment: &SegmentReader) -> tantivy::Result<Vec<Mark>> {
        let mut marks: Vec<Mark> = vec![0; segment.max_doc() as usize];
        let mut block = [0; COLLECT_BLOCK_BUFFER_LEN];
        for (place, word) in self.words.iter().enumerate() {
            for (it, most_often) in in_fields(self.fields, word).into_iter().zip(&mut self.most_often[place]) {
                let term = Term::from_field_text(it.field, it.text);
                let record = if it.is_short { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
                let Some(mut postings) = segment.inverted_index(it.field)?.read_postings(&term, record)? else {
                    continue;
                };
                let mark = bit(&it) << (2 * place);
                if it.is_short {
                    while postings.doc() != TERMINATED {
                        marks[postings.doc() as usize] |= mark;
                        *most_often = (*most_often).max(postings.term_freq());
                        postings.advance();
                    }
                    continue;
                }
                loop {
                    let filled = postings.fill_buffer(&mut block);
                    block[..filled].iter().for_each(|doc| marks[*doc as usize] |= mark);
                    if filled < block.len() {
                        break;
                    }
                }
            }
        }
        Ok(marks)
    }

    /// Whether these are all words of a reading.
    fn is_whole(&self, mark: Mark) -> bool {
        self.readings.iter().any(|reading| reading.has_all(mark))
    }

    fn best_of_whole(&self, classes: &[Classes<'_>], whole: &[Mark], most: usize) -> tantivy::Result<Vec<u128>> {
        let mut top = Top::new(most);
        let all = whole.iter().fold(0, |all, mark| all | mark);
        for classes in classes {
            let segment = classes.segment;
            let of_class = whole.iter().flat_map(|mark| classes.of(*mark).iter().map(move |doc| (*doc, *mark)));
            let mut found: Vec<(DocId, Mark)> = of_class.collect();
            found.sort_unstable();
            let mut scorers = Scorers::new(self, segment, all)?;
            let mut neighbours = Vec::new();
            for way in &self.readings {
                neighbours.push(scorers_of(way.neighbours.iter(), segment)?);
            }
            for (doc, mark) in found {
                let score = scorers.of_readings(&mut neighbours, doc, mark);
                scorers.offer(doc, score, &mut top);
            }
        }
        Ok(top.in_order())
    }

    fn best_of_part(&self, classes: &[Classes<'_>], mut part: Vec<Mark>, most: usize) -> tantivy::Result<Vec<u128>> {
        part.sort_by(|a, b| self.bound(*b).total_cmp(&self.bound(*a)));
        let mut top = Top::new(most);
        for class in part {
            if top.outdoes(self.bound(class)) {
                break;
            }
            for classes in classes {
                let mut scorers = Scorers::new(self, classes.segment, class)?;
                for doc in classes.of(class) {
                    if let Some(score) = scorers.of_words(*doc, class, &top) {
                        scorers.offer(*doc, score, &mut top);
                    }
                }
            }
        }
        Ok(top.in_order())
    }

    /// A score that no product with these words exceeds.
    fn bound(&self, mark: Mark) -> Score {
        places(mark).map(|place| self.bounds[place][usize::from(bits(mark, place))]).sum::<Score>() * self.best_factor()
    }

    /// What a score may be multiplied by at most.
    fn best_factor(&self) -> Score {
        self.highest.map_or(1.0, |_| 1.0 + popular::MOST) * ROUNDING
    }
}

fn scorers_of<'w>(
    weights: impl Iterator<Item = &'w Box<dyn Weight>>,
    segment: &SegmentReader,
) -> tantivy::Result<Vec<Box<dyn Scorer>>> {
    weights.map(|it| it.scorer(segment, 1.0)).collect()
}

/// The scorers of a segment. They go forward only.
struct Scorers<'a> {
    asked: &'a Asked<'a>,
    words: Vec<Vec<Box<dyn Scorer>>>,
    made_for_it: Option<Box<dyn Scorer>>,
    ranks: Option<Column<i64>>,
    products: ProductColumns,
}

impl<'a> Scorers<'a> {
    /// For products with these words and no others.
    fn new(asked: &'a Asked<'a>, segment: &SegmentReader, mark: Mark) -> tantivy::Result<Self> {
        let mut words = Vec::new();
        for (place, in_fields) in asked.in_fields.iter().enumerate() {
            let there = in_fields.iter().filter(|(bit, _)| bits(mark, place) & bit != 0);
            words.push(scorers_of(there.map(|(_, weight)| weight), segment)?);
        }
        Ok(Self {
            asked,
            words,
            made_for_it: asked.made_for_it.as_ref().map(|it| it.scorer(segment, 1.0)).transpose()?,
            ranks: popular::ranks(segment)?,
            products: ByProduct.segment_sort_key_computer(segment)?,
        })
    }

    fn of_word(&mut self, doc: DocId, place: usize) -> Score {
        let (mut best, mut sum): (Score, Score) = (0.0, 0.0);
        for scorer in &mut self.words[place] {
            if reaches(scorer.as_mut(), doc) {
                let score = scorer.score();
                best = best.max(score);
                sum += score;
            }
        }
        best + (sum - best) * TIE_BREAKER
    }

    /// The sum of the words' scores; `None` as soon as it is clear that it has no place in `top`.
    fn of_words(&mut self, doc: DocId, mut mark: Mark, top: &Top) -> Option<Score> {
        let mut score = 0.0;
        for place in places(mark) {
            score += self.of_word(doc, place);
            mark &= !((SHORT | LONG) << (2 * place));
            if top.outdoes(score * self.asked.best_factor() + self.asked.bound(mark)) {
                return None;
            }
        }
        Some(score)
    }

    /// The score by the reading that counts most.
    fn of_readings(&mut self, neighbours: &mut [Vec<Box<dyn Scorer>>], doc: DocId, mark: Mark) -> Score {
        let mut scores = [0.0; MOST_WORDS];
        for place in places(mark) {
            scores[place] = self.of_word(doc, place);
        }
        let mut best: Score = 0.0;
        for (way, neighbours) in self.asked.readings.iter().zip(neighbours).filter(|(way, _)| way.has_all(mark)) {
            let there = way.pieces.iter().filter(|piece| piece.iter().all(|place| bits(mark, *place) != 0));
            let mut score: Score = there.flatten().map(|place| scores[*place]).sum();
            for pair in neighbours {
                if reaches(pair.as_mut(), doc) {
                    score += pair.score();
                }
            }
            best = best.max(score * way.weight);
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
