//! What some documents score, word by word.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    fieldnorm::FieldNormReader,
    postings::{Postings, SegmentPostings},
    query::{Bm25Weight, Scorer},
    schema::IndexRecordOption,
};

use super::words::TIE_BREAKER;

/// Which words a document has, a bit for each.
pub(super) type Mark = u32;

/// Words that a mark has bits for.
pub(super) const MOST_WORDS: usize = Mark::BITS as usize;

/// Documents that are scored together: as many as leave what is noted of them in the processor's nearest cache. In tests,
/// so few that some products make several windows.
const DOCUMENTS: usize = if cfg!(test) { 8 } else { 1024 };

/// A word of one field, and what finding it there counts.
pub(super) struct Sought {
    pub(super) term: Term,
    pub(super) weight: Bm25Weight,
}

/// Where it stands in a segment.
struct Found<'a> {
    postings: SegmentPostings,
    lengths: FieldNormReader,
    weight: &'a Bm25Weight,
}

impl<'a> Found<'a> {
    fn new(segment: &SegmentReader, sought: &'a Sought) -> tantivy::Result<Option<Self>> {
        let field = sought.term.field();
        let postings = segment.inverted_index(field)?.read_postings(&sought.term, IndexRecordOption::WithFreqs)?;
        let lengths = segment.get_fieldnorms_reader(field)?;
        Ok(postings.map(|postings| Self { postings, lengths, weight: &sought.weight }))
    }
}

/// A stretch of a segment's documents, and what each scores by each word.
pub(super) struct Window<'a> {
    /// For each word, the fields in which it is found.
    words: Vec<Vec<Found<'a>>>,
    begin: DocId,
    /// What the documents score by the field in which a word counts most, and by all of them.
    best: [Score; DOCUMENTS],
    sum: [Score; DOCUMENTS],
    /// For each word, what the documents score by it.
    scores: Vec<[Score; DOCUMENTS]>,
    /// What they score by all words.
    total: [Score; DOCUMENTS],
    marks: [Mark; DOCUMENTS],
}

impl<'a> Window<'a> {
    /// Stands before the segment's first document.
    pub(super) fn new(segment: &SegmentReader, words: &'a [Vec<Sought>]) -> tantivy::Result<Self> {
        let found = words.iter().map(|fields| {
            let found = fields.iter().map(|sought| Found::new(segment, sought));
            Ok(found.collect::<tantivy::Result<Vec<_>>>()?.into_iter().flatten().collect())
        });
        Ok(Self {
            words: found.collect::<tantivy::Result<_>>()?,
            begin: 0,
            best: [0.0; DOCUMENTS],
            sum: [0.0; DOCUMENTS],
            scores: vec![[0.0; DOCUMENTS]; words.len()],
            total: [0.0; DOCUMENTS],
            marks: [0; DOCUMENTS],
        })
    }

    /// Scores the next documents that have some of the words and that the filter lets pass; `false` where none is left.
    pub(super) fn next(&mut self, filter: Option<&mut dyn Scorer>) -> bool {
        // What was scored before lies behind the postings.
        let first = self.words.iter().flatten().map(|it| it.postings.doc()).min().unwrap_or(TERMINATED);
        self.begin = match &filter {
            Some(filter) if first < filter.doc() => filter.doc(),
            _ => first,
        };
        if self.begin == TERMINATED {
            return false;
        }
        self.score();
        if let Some(filter) = filter {
            self.keep_only(filter);
        }
        true
    }

    fn end(&self) -> DocId {
        self.begin.saturating_add(DOCUMENTS as DocId).min(TERMINATED)
    }

    fn score(&mut self) {
        let (begin, end) = (self.begin, self.end());
        self.total.fill(0.0);
        self.marks.fill(0);
        for (place, (fields, scores)) in self.words.iter_mut().zip(&mut self.scores).enumerate() {
            for Found { postings, lengths, weight } in fields {
                if postings.doc() < begin {
                    postings.seek(begin);
                }
                let mut doc = postings.doc();
                while doc < end {
                    let score = weight.score(lengths.fieldnorm_id(doc), postings.term_freq());
                    let at = (doc - begin) as usize;
                    self.best[at] = self.best[at].max(score);
                    self.sum[at] += score;
                    doc = postings.advance();
                }
            }
            let noted = self.best.iter_mut().zip(&mut self.sum).zip(&mut self.total).zip(&mut self.marks);
            for (score, (((best, sum), total), mark)) in scores.iter_mut().zip(noted) {
                *score = *best + (*sum - *best) * TIE_BREAKER;
                *total += *score;
                *mark |= Mark::from(*sum > 0.0) << place;
                (*best, *sum) = (0.0, 0.0);
            }
        }
    }

    /// The filter ends behind the window.
    fn keep_only(&mut self, filter: &mut dyn Scorer) {
        let mut doc = if filter.doc() < self.begin { filter.seek(self.begin) } else { filter.doc() };
        let mut from = 0;
        while doc < self.end() {
            let place = (doc - self.begin) as usize;
            self.marks[from..place].fill(0);
            from = place + 1;
            doc = filter.advance();
        }
        self.marks[from..].fill(0);
    }

    /// The documents that have some of the words, with their places, in rising order.
    pub(super) fn documents(&self) -> impl Iterator<Item = Scored<'_, 'a>> {
        // Gathered without a branch for each, which would be guessed wrongly as often as not.
        let mut places = [0_u16; DOCUMENTS];
        let mut length = 0;
        for (place, mark) in (0..).zip(&self.marks) {
            places[length] = place;
            length += usize::from(*mark != 0);
        }
        places.into_iter().take(length).map(|place| Scored { window: self, place: usize::from(place) })
    }
}

/// A document that has some of the words.
pub(super) struct Scored<'w, 'a> {
    window: &'w Window<'a>,
    place: usize,
}

impl Scored<'_, '_> {
    pub(super) fn doc(&self) -> DocId {
        self.window.begin + self.place as DocId
    }

    /// The words that it has.
    pub(super) fn mark(&self) -> Mark {
        self.window.marks[self.place]
    }

    /// What it scores by all of them.
    pub(super) fn total(&self) -> Score {
        self.window.total[self.place]
    }

    /// What it scores by one.
    pub(super) fn by_word(&self, word: usize) -> Score {
        self.window.scores[word][self.place]
    }
}
