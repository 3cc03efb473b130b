//! Words that mean the same, in a shop's own sense.

use std::{collections::HashMap, ops::Range};

use tantivy::tokenizer::Language;

use super::{
    analysis::Analysis,
    reading::{Piece, Reading, read},
};

/// What a shop in English begins with: spellings and words that differ between countries. A line is a group.
const ENGLISH: &str = include_str!("synonyms_en.txt");

/// Words, or phrases, that say the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saying {
    /// What may have been typed.
    pub from: Vec<String>,
    /// What it may have been meant to find, too.
    pub to: Vec<String>,
}

impl Saying {
    /// Any of these says any other.
    pub fn mutual(words: Vec<String>) -> Self {
        Self { from: words.clone(), to: words }
    }
}

/// The groups that a shop begins with.
pub(super) fn first_groups(language: Language) -> Vec<Saying> {
    let text = if language == Language::English { ENGLISH } else { "" };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| Saying::mutual(line.split(',').map(|phrase| phrase.trim().to_owned()).collect())).collect()
}

/// Whether something can be looked for by this phrase: there is a word in it.
pub(super) fn is_phrase(text: &str) -> bool {
    // Stems differ by language; whether there are any does not.
    !read(&mut Analysis::new(Language::English), text).pieces.is_empty()
}

/// Sayings, ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Synonyms {
    sayings: Vec<Phrases>,
    /// Sayings and phrases of their `from`, by the stem that the phrase begins with.
    by_first_stem: HashMap<String, Vec<(usize, usize)>>,
    /// Words that the shop has something to say about.
    own_words: Vec<String>,
}

#[derive(Debug)]
struct Phrases {
    from: Vec<Vec<Piece>>,
    to: Vec<Vec<Piece>>,
}

/// A phrase of a text, and another way to say it.
pub(super) struct Said<'a> {
    /// The pieces of the text.
    pub(super) at: Range<usize>,
    /// What may stand in their place.
    pub(super) other: &'a [Piece],
}

impl Synonyms {
    /// Those of the shop, and those that its language has.
    pub(super) fn new(analysis: &mut Analysis, own: &[Saying], of_language: &[Saying]) -> Self {
        let mut synonyms = Self::default();
        for Saying { from, to } in own.iter().chain(of_language) {
            let mut phrases = |texts: &[String]| -> Vec<Vec<Piece>> {
                texts.iter().map(|text| read(analysis, text).pieces).filter(|phrase| !phrase.is_empty()).collect()
            };
            synonyms.sayings.push(Phrases { from: phrases(from), to: phrases(to) });
        }
        for phrase in synonyms.sayings.iter().take(own.len()).flat_map(|saying| &saying.from) {
            if let [Piece { words, .. }] = phrase.as_slice()
                && let [word] = words.as_slice()
                && !synonyms.own_words.contains(&word.plain)
            {
                synonyms.own_words.push(word.plain.clone());
            }
        }
        for (number, phrases) in synonyms.sayings.iter().enumerate() {
            for (place, phrase) in phrases.from.iter().enumerate() {
                if let Some(first) = stems(phrase).next() {
                    synonyms.by_first_stem.entry(first.to_owned()).or_default().push((number, place));
                }
            }
        }
        synonyms
    }

    /// The single words, as written, that the shop says in another way.
    pub(super) fn own_words(&self) -> impl Iterator<Item = &str> {
        self.own_words.iter().map(String::as_str)
    }

    /// What of the pieces can be said in another way.
    pub(super) fn said<'a>(&'a self, pieces: &'a [Piece]) -> impl Iterator<Item = Said<'a>> {
        pieces.iter().enumerate().flat_map(move |(at, piece)| {
            let begun = stems(std::slice::from_ref(piece)).next().and_then(|stem| self.by_first_stem.get(stem));
            begun.into_iter().flatten().flat_map(move |&(number, place)| {
                let Phrases { from, to } = &self.sayings[number];
                let phrase = &from[place];
                let at = at..at + phrase.len();
                let is_said = pieces.get(at.clone()).is_some_and(|said| stems(said).eq(stems(phrase)));
                let others = to.iter().filter(move |other| is_said && !stems(other).eq(stems(phrase)));
                others.map(move |other| Said { at: at.clone(), other })
            })
        })
    }

    /// The readings in which one phrase is said in another way.
    pub(super) fn of(&self, reading: &Reading) -> Vec<Reading> {
        let said = self.said(&reading.pieces).map(|Said { at, other }| {
            let mut pieces = reading.pieces.clone();
            pieces.splice(at, other.iter().cloned());
            Reading { pieces }
        });
        said.collect()
    }
}

fn stems(pieces: &[Piece]) -> impl Iterator<Item = &str> {
    pieces.iter().flat_map(|piece| &piece.words).map(|word| word.stem.as_str())
}
