//! Words that no product has, and what they were meant to be.
//!
//! Only a word that the index does not know is corrected, into one that it does know, and rather into one that stands
//! in a product together with the other words of the text.

use std::collections::{BTreeMap, HashSet};

// A letter more, less, another, or two neighbours exchanged.
use strsim::osa_distance as mistakes;
use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, FuzzyTermQuery, Query},
    schema::Field,
};

use super::{
    analysis::{Analysis, Word},
    fields::Fields,
    reading::{Piece, Reading, read},
    synonyms::{Said, Synonyms},
    words::{term, word_query},
};

/// Shorter words have too many neighbours.
const SHORTEST: usize = 3;
/// A word that was begun may have a mistake from this length on: nearly everything begins like shorter ones.
const BEGUN: usize = 4;
/// From this length on a word may have two mistakes.
const LONG: usize = 5;
/// Letters that a longer form of a word has more.
const LETTERS_MORE: usize = 3;
/// Longer words are hardly words; an automaton for them is dear.
const LONGEST: usize = 40;
/// Neighbours of a word that are looked at closely: the most frequent.
const LOOKED_AT: usize = 8;
/// Words of one text that are corrected.
const CORRECTED: usize = 8;
/// What a first letter that differs takes from a candidate, in powers of e of the products that have it: mistakes are
/// rare there (Pollock and Zamora, Automatic Spelling Correction in Scientific and Scholarly Text, 1984).
const FIRST_LETTER: f64 = 0.7;
/// What products count that have the candidate in another form, or only in their description.
const LOOSELY: f64 = 0.3;

/// Corrects against one state of the index.
pub(super) struct Speller<'a> {
    pub(super) fields: &'a Fields,
    pub(super) analysis: &'a mut Analysis,
    pub(super) searcher: &'a Searcher,
    pub(super) synonyms: &'a Synonyms,
}

impl Speller<'_> {
    /// The text with known words in the place of unknown ones; `None` where there is nothing to correct, or no help.
    /// What the shop says in another way, of which products know a word, is right as it is.
    pub(super) fn corrected(&mut self, typed: &Reading) -> tantivy::Result<Option<Reading>> {
        let mut said = HashSet::new();
        for Said { at, other } in self.synonyms.said(&typed.pieces) {
            if self.is_any_known(other)? {
                said.extend(at);
            }
        }
        let mut unknown = Vec::new();
        let mut known: Vec<Word> = Vec::new();
        for (place, piece) in typed.pieces.iter().enumerate() {
            if self.is_known(piece)? {
                known.extend(piece.words.iter().filter(|word| !word.is_stop_word).cloned());
            } else if !said.contains(&place) {
                unknown.push(place);
            }
        }
        let mut pieces = typed.pieces.clone();
        let mut is_better = false;
        for place in unknown.into_iter().take(CORRECTED) {
            let meant = self.meant(&typed.pieces[place], &known)?;
            if meant != typed.pieces[place].text {
                let mut read = read(self.analysis, &meant).pieces;
                known.extend(read.iter().flat_map(|piece| piece.words.clone()));
                // Several words in the place of one stay one piece: the places of the others do not move.
                let words = read.iter_mut().flat_map(|piece| std::mem::take(&mut piece.words)).collect();
                pieces[place] = Piece { code: self.analysis.code(&meant), text: meant, words };
                is_better = true;
            }
        }
        Ok(is_better.then_some(Reading { pieces }))
    }

    /// Whether a product has this SKU or barcode.
    pub(super) fn is_code(&self, code: &str) -> tantivy::Result<bool> {
        Ok(self.frequency(self.fields.code, code)? > 0)
    }

    fn is_any_known(&self, pieces: &[Piece]) -> tantivy::Result<bool> {
        for piece in pieces.iter().filter(|piece| !piece.is_optional()) {
            if self.is_known(piece)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn are_known(&self, pieces: &[Piece]) -> tantivy::Result<bool> {
        for piece in pieces {
            if !self.is_known(piece)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_known(&self, piece: &Piece) -> tantivy::Result<bool> {
        if self.is_code(&piece.code)? {
            return Ok(true);
        }
        for word in &piece.words {
            if !word.is_stop_word && !self.is_known_word(word)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn is_known_word(&self, word: &Word) -> tantivy::Result<bool> {
        let Fields { name, name_plain, brand, categories, attributes, description, .. } = self.fields;
        for field in [name, categories, attributes, description] {
            if self.frequency(*field, &word.stem)? > 0 {
                return Ok(true);
            }
        }
        Ok(self.frequency(*name_plain, &word.plain)? > 0 || self.frequency(*brand, &word.plain)? > 0)
    }

    /// What an unknown piece was meant to be; its own text where nothing is near.
    fn meant(&mut self, piece: &Piece, known: &[Word]) -> tantivy::Result<String> {
        let mut meant = Vec::new();
        for word in &piece.words {
            let better = match self.is_known_word(word)? {
                true => None,
                false => self.best(&word.plain, known)?,
            };
            meant.push(better.unwrap_or_else(|| word.plain.clone()));
        }
        let unchanged = piece.words.iter().map(|word| &word.plain).eq(&meant);
        Ok(if unchanged { piece.text.clone() } else { meant.join(" ") })
    }

    /// The known word, or pair of words, that an unknown one was most likely meant to be.
    fn best(&mut self, word: &str, known: &[Word]) -> tantivy::Result<Option<String>> {
        let length = word.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) || word.chars().any(|it| it.is_ascii_digit()) {
            return Ok(None);
        }
        let mut near = self.neighbours(word, 1)?;
        if !known.is_empty() && length >= BEGUN {
            // Beside another word, a shorter form of one that goes with it is no mistake: "wood chair", where there are
            // wooden ones.
            let longest = length + LETTERS_MORE;
            let mut longer = self.completions(word, LOOKED_AT)?;
            longer.retain(|it| it.chars().count() <= longest && !near.contains(it));
            near.append(&mut longer);
        }
        if let Some(found) = self.likeliest(word, &near, known)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.said_words(|said| mistakes(word, said) == 1)?.into_iter().next() {
            return Ok(Some(found));
        }
        let far = if length >= LONG { self.neighbours(word, 2)? } else { Vec::new() };
        if let Some(found) = self.likeliest(word, &far, known)? {
            return Ok(Some(found));
        }
        if length >= LONG
            && let Some(found) = self.said_words(|said| mistakes(word, said) == 2)?.into_iter().next()
        {
            return Ok(Some(found));
        }
        if let Some(found) = self.likeliest(word, &self.halves(word)?, known)? {
            return Ok(Some(found));
        }
        // None goes with the other words of the text: then the one that most products have.
        for candidates in [near, far] {
            if let Some(found) = self.likeliest(word, &candidates, &[])? {
                return Ok(Some(found));
            }
        }
        let begun = if length > SHORTEST { self.completions(word, LOOKED_AT)? } else { Vec::new() };
        Ok(self.likeliest(word, &begun, known)?.or(self.likeliest(word, &begun, &[])?))
    }

    /// The candidate that most products have, together with all the known words.
    fn likeliest(&mut self, word: &str, candidates: &[String], known: &[Word]) -> tantivy::Result<Option<String>> {
        let mut best: Option<(f64, &String)> = None;
        for candidate in candidates {
            let words = self.analysis.words(candidate);
            if words.iter().any(|it| it.is_stop_word) {
                continue;
            }
            let loosely = self.products(words.iter().chain(known).map(|it| word_query(self.fields, it)))?;
            if loosely == 0 {
                continue;
            }
            let as_written = words.iter().map(|it| term(self.fields.vocabulary, &it.plain));
            let exactly = self.products(as_written.chain(known.iter().map(|it| word_query(self.fields, it))))?;
            let other_begin = candidate.chars().next() != word.chars().next();
            let score = (exactly as f64).ln_1p() + LOOSELY * (loosely as f64).ln_1p();
            let score = if other_begin { score - FIRST_LETTER } else { score };
            if best.is_none_or(|(best, _)| score > best) {
                best = Some((score, candidate));
            }
        }
        Ok(best.map(|(_, candidate)| candidate.clone()))
    }

    /// Words that no product has and that the shop says in a way that products know: those that fit.
    fn said_words(&mut self, fits: impl Fn(&str) -> bool) -> tantivy::Result<Vec<String>> {
        let mut found = Vec::new();
        let synonyms = self.synonyms;
        for word in synonyms.own_words().filter(|word| fits(word)) {
            if self.frequency(self.fields.vocabulary, word)? == 0 && !self.said_instead(word)?.is_empty() {
                found.push(word.to_owned());
            }
        }
        Ok(found)
    }

    /// What products know that is said in the place of a word.
    fn said_instead(&mut self, word: &str) -> tantivy::Result<Vec<Vec<Word>>> {
        let pieces = read(self.analysis, word).pieces;
        let mut found = Vec::new();
        let synonyms = self.synonyms;
        for Said { other, .. } in synonyms.said(&pieces) {
            if self.are_known(other)? {
                found.push(other.iter().flat_map(|piece| piece.words.clone()).collect());
            }
        }
        Ok(found)
    }

    /// Products that have a word of the vocabulary, or, where none has it, what the shop says in its place.
    pub(super) fn ended(&mut self, ending: &str) -> tantivy::Result<Box<dyn Query>> {
        let as_written = term(self.fields.vocabulary, ending);
        if self.frequency(self.fields.vocabulary, ending)? > 0 {
            return Ok(as_written);
        }
        let instead = self.said_instead(ending)?;
        let all_of = |words: &Vec<Word>| -> Box<dyn Query> {
            Box::new(BooleanQuery::intersection(words.iter().map(|word| word_query(self.fields, word)).collect()))
        };
        Ok(Box::new(BooleanQuery::union([as_written].into_iter().chain(instead.iter().map(all_of)).collect())))
    }

    fn products(&self, all_of: impl Iterator<Item = Box<dyn Query>>) -> tantivy::Result<usize> {
        BooleanQuery::intersection(all_of.collect()).count(self.searcher)
    }

    /// Known words that so many mistakes lie between (a letter more, less, another, or two exchanged).
    fn neighbours(&self, word: &str, mistakes: u8) -> tantivy::Result<Vec<String>> {
        let term = Term::from_field_text(self.fields.vocabulary, word);
        let found = self.frequent(&FuzzyTermQuery::new(term, mistakes, true))?;
        Ok(found.into_iter().filter(|it| !it.chars().any(|it| it.is_ascii_digit())).take(LOOKED_AT).collect())
    }

    /// Ways to end a word that has been begun. Where no word begins so, ways to end what it was meant to be: with one
    /// mistake in what was typed, or as a whole word that is corrected.
    pub(super) fn endings(&mut self, begun: &str, known: &[Word], most: usize) -> tantivy::Result<Vec<String>> {
        let mut endings = self.completions(begun, most)?;
        endings.extend(self.said_words(|said| said.starts_with(begun))?);
        if !endings.is_empty() {
            return Ok(endings);
        }
        let known: Vec<Word> = known.iter().filter(|word| !word.is_stop_word).cloned().collect();
        let near = self.completions_nearby(begun, &known, most)?;
        if !near.is_empty() {
            return Ok(near);
        }
        Ok(self.best(begun, &known)?.into_iter().collect())
    }

    /// Known words that begin nearly like this and stand in products together with the known ones: those that begin with
    /// the same letter first, then the most frequent.
    fn completions_nearby(&self, begun: &str, known: &[Word], most: usize) -> tantivy::Result<Vec<String>> {
        if !(BEGUN..=LONGEST).contains(&begun.chars().count()) || begun.chars().any(|it| it.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        let term = Term::from_field_text(self.fields.vocabulary, begun);
        let mut near = self.frequent(&FuzzyTermQuery::new_prefix(term, 1, true))?;
        // The sort is stable: the most frequent stay in front.
        near.sort_by_key(|it| it.chars().next() != begun.chars().next());
        let mut found = Vec::new();
        for candidate in near.into_iter().take(LOOKED_AT) {
            let together = known.iter().map(|it| word_query(self.fields, it));
            if self.products(together.chain([self::term(self.fields.vocabulary, &candidate)]))? > 0 {
                found.push(candidate);
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// Known words that begin like this, the most frequent first.
    fn completions(&self, begun: &str, most: usize) -> tantivy::Result<Vec<String>> {
        let term = Term::from_field_text(self.fields.vocabulary, begun);
        let mut found = self.frequent(&FuzzyTermQuery::new_prefix(term, 0, true))?;
        found.truncate(most);
        Ok(found)
    }

    /// The words of the vocabulary that match, the most frequent first.
    fn frequent(&self, matching: &FuzzyTermQuery) -> tantivy::Result<Vec<String>> {
        let mut frequencies: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.vocabulary)?;
            let mut words = index.terms().search(matching.automaton()?).into_stream()?;
            while words.advance() {
                if let Ok(word) = std::str::from_utf8(words.key()) {
                    *frequencies.entry(word.to_owned()).or_default() += u64::from(words.value().doc_freq);
                }
            }
        }
        let mut found: Vec<(String, u64)> = frequencies.into_iter().collect();
        found.sort_by(|(a, in_a), (b, in_b)| in_b.cmp(in_a).then_with(|| a.cmp(b)));
        Ok(found.into_iter().map(|(word, _)| word).collect())
    }

    /// The word parted into two known ones, in each way that there is.
    fn halves(&self, word: &str) -> tantivy::Result<Vec<String>> {
        let mut found = Vec::new();
        for (place, _) in word.char_indices().skip(2) {
            let (first, second) = word.split_at(place);
            let is_known = |half: &str| -> tantivy::Result<bool> {
                Ok(half.len() > 1 && self.frequency(self.fields.vocabulary, half)? > 0)
            };
            if is_known(first)? && is_known(second)? {
                found.push(format!("{first} {second}"));
            }
        }
        Ok(found)
    }

    pub(super) fn frequency(&self, field: Field, text: &str) -> tantivy::Result<u64> {
        self.searcher.doc_freq(&Term::from_field_text(field, text))
    }
}

#[cfg(test)]
mod tests {
    use super::mistakes;

    #[test]
    fn mistakes_are_counted_as_people_make_them() {
        for (one, other, count) in [
            ("beaker", "beaker", 0),
            ("beakr", "beaker", 1),
            ("baeker", "beaker", 1),
            ("beakers", "beaker", 1),
            ("bekr", "beaker", 2),
            ("beakr", "ear", 2),
            ("", "mug", 3),
            ("übel", "kübel", 1),
        ] {
            assert_eq!((mistakes(one, other), mistakes(other, one)), (count, count), "{one} {other}");
        }
    }
}
