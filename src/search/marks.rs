//! Marks for the words that a product has.

use tantivy::{DocId, SegmentReader};

use super::words::InField;

/// Which words a product has: two bits for each, whether it stands in one of the short fields, and whether it stands in
/// one of the long ones.
pub(super) type Mark = u16;

/// Words by which products can be marked: with more, there would be more sets of them than most texts have hits.
pub(super) const MOST_WORDS: usize = 7;

/// The bits of one word, before they are moved to its place.
pub(super) const SHORT: Mark = 1;
pub(super) const LONG: Mark = 2;

/// The bit for a word that stands in this field.
pub(super) fn bit(it: &InField<'_>) -> Mark {
    if it.is_short { SHORT } else { LONG }
}

/// The bits of the word at this place.
pub(super) fn bits(mark: Mark, place: usize) -> Mark {
    mark >> (2 * place) & (SHORT | LONG)
}

/// The places of the words that there are.
pub(super) fn places(mark: Mark) -> impl Iterator<Item = usize> {
    (0..MOST_WORDS).filter(move |place| bits(mark, *place) != 0)
}

/// The documents of a segment by their marks.
pub(super) struct Classes<'a> {
    pub(super) segment: &'a SegmentReader,
    /// Those of each mark in rising order, mark behind mark.
    docs: Vec<DocId>,
    /// For each mark, where its documents end.
    ends: Vec<u32>,
}

impl<'a> Classes<'a> {
    /// `most` is beyond every mark. Documents without a word, or deleted, are in no class.
    pub(super) fn new(segment: &'a SegmentReader, marks: &[Mark], most: usize) -> Self {
        // Without a branch for each document, which would be guessed wrongly as often as not.
        let mut marked: Vec<DocId> = vec![0; marks.len() + 1];
        let mut length = 0;
        for (doc, mark) in (0..).zip(marks) {
            marked[length] = doc;
            length += usize::from(*mark != 0);
        }
        marked.truncate(length);
        if let Some(alive) = segment.alive_bitset() {
            marked.retain(|doc| alive.is_alive(*doc));
        }
        let mark_of = |doc: DocId| usize::from(marks[doc as usize]);
        let mut ends: Vec<u32> = vec![0; most];
        marked.iter().for_each(|doc| ends[mark_of(*doc)] += 1);
        // For now, where the documents of each mark begin.
        let mut before = 0;
        for end in &mut ends {
            before += std::mem::replace(end, before);
        }
        let mut docs = vec![0; marked.len()];
        for doc in marked {
            let end = &mut ends[mark_of(doc)];
            docs[*end as usize] = doc;
            *end += 1;
        }
        Self { segment, docs, ends }
    }

    pub(super) fn of(&self, mark: Mark) -> &[DocId] {
        let mark = usize::from(mark);
        let begin = mark.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.docs[begin as usize..self.ends[mark] as usize]
    }

    /// Adds to each mark's count.
    pub(super) fn count(&self, counts: &mut [usize]) {
        let mut before = 0;
        for (end, count) in self.ends.iter().zip(counts) {
            *count += (end - before) as usize;
            before = *end;
        }
    }
}
