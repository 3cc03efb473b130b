//! Words that mean the same, in a shop's own sense.

use std::collections::HashMap;

use tantivy::tokenizer::Language;

use super::{
    analysis::Analysis,
    reading::{Piece, Reading, read},
};

/// What a shop in English begins with: spellings and words that differ between countries. A line is a group.
const ENGLISH: &str = include_str!("synonyms_en.txt");

/// The groups that a shop begins with.
pub(super) fn first_groups(language: Language) -> Vec<Vec<String>> {
    let text = if language == Language::English { ENGLISH } else { "" };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split(',').map(|phrase| phrase.trim().to_owned()).collect()).collect()
}

/// Groups of phrases, ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Synonyms {
    groups: Vec<Vec<Vec<Piece>>>,
    /// Groups and phrases in them, by the stem that the phrase begins with.
    by_first_stem: HashMap<String, Vec<(usize, usize)>>,
}

impl Synonyms {
    pub(super) fn new(analysis: &mut Analysis, groups: &[Vec<String>]) -> Self {
        let mut synonyms = Self::default();
        for group in groups {
            let phrases = group.iter().map(|phrase| read(analysis, phrase).pieces);
            synonyms.groups.push(phrases.filter(|phrase| !phrase.is_empty()).collect());
        }
        for (group, phrases) in synonyms.groups.iter().enumerate() {
            for (place, phrase) in phrases.iter().enumerate() {
                if let Some(first) = stems(phrase).next() {
                    synonyms.by_first_stem.entry(first.to_owned()).or_default().push((group, place));
                }
            }
        }
        synonyms
    }

    /// The readings in which one phrase is said in another way.
    pub(super) fn of(&self, reading: &Reading) -> Vec<Reading> {
        let mut others = Vec::new();
        for (at, piece) in reading.pieces.iter().enumerate() {
            let begun = stems(std::slice::from_ref(piece)).next().and_then(|stem| self.by_first_stem.get(stem));
            for &(group, place) in begun.into_iter().flatten() {
                let phrase = &self.groups[group][place];
                let Some(said) = reading.pieces.get(at..at + phrase.len()) else { continue };
                if !stems(said).eq(stems(phrase)) {
                    continue;
                }
                for other in self.groups[group].iter().filter(|other| *other != phrase) {
                    let mut pieces = reading.pieces.clone();
                    pieces.splice(at..at + phrase.len(), other.iter().cloned());
                    others.push(Reading { pieces });
                }
            }
        }
        others
    }
}

fn stems(pieces: &[Piece]) -> impl Iterator<Item = &str> {
    pieces.iter().flat_map(|piece| &piece.words).map(|word| word.stem.as_str())
}
