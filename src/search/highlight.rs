//! Which words of a text were found.

use std::collections::{BTreeSet, HashMap};

use super::{
    analysis::{Analysis, normalized},
    reading::Understood,
};
use crate::text::escape_html;

/// Characters of an excerpt, about.
const EXCERPT: usize = 200;
/// Characters of a text in which an excerpt is looked for.
const LOOKED_AT: usize = 5_000;
/// Characters of an excerpt that stand before the first word that was found, about.
const BEFORE: usize = 60;

/// Marks the words of a search.
#[derive(Clone, Default)]
pub struct Highlighter {
    analysis: Option<Analysis>,
    stems: BTreeSet<String>,
    /// Whether a word, as it is written, was found: texts of one page share most of their words.
    known: HashMap<String, bool>,
}

impl Highlighter {
    pub(super) fn new(analysis: Analysis, understood: &Understood) -> Self {
        let words = understood.readings.iter().flat_map(|reading| reading.words()).filter(|word| !word.is_stop_word);
        let stems = words.map(|word| word.stem.clone()).collect();
        Self { analysis: Some(analysis), stems, known: HashMap::new() }
    }

    /// The text as HTML, what was found in `<mark>`; `None` where nothing was. Nothing of the text itself is markup.
    pub fn marked(&mut self, text: &str) -> Option<String> {
        let pieces = self.pieces(text);
        pieces.iter().any(|(_, is_found)| *is_found).then(|| html(&pieces))
    }

    /// Some words around the first that was found, as [`Self::marked`] would show them.
    pub fn excerpt(&mut self, text: &str) -> Option<String> {
        let text = text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end]);
        let pieces = self.pieces(text);
        let found = pieces.iter().position(|(_, is_found)| *is_found)?;
        let length = |pieces: &[(&str, bool)]| pieces.iter().map(|(piece, _)| piece.chars().count()).sum::<usize>();
        let begin = (0..=found).find(|&begin| length(&pieces[begin..found]) <= BEFORE).unwrap_or(found);
        let end = (found + 1..=pieces.len()).rfind(|&end| length(&pieces[begin..end]) <= EXCERPT).unwrap_or(found + 1);
        let shown = html(&pieces[begin..end]);
        let before = if begin > 0 { "…" } else { "" };
        let behind = if end < pieces.len() { "…" } else { "" };
        Some(format!("{before}{}{behind}", shown.trim()))
    }

    /// Words and what stands between them, and which were found.
    fn pieces<'t>(&mut self, text: &'t str) -> Vec<(&'t str, bool)> {
        let Some(analysis) = &mut self.analysis else { return vec![(text, false)] };
        let is_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '\u{2019}');
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let of_word = is_of_word(first);
            let end = rest.find(|letter| is_of_word(letter) != of_word).unwrap_or(rest.len());
            let (piece, behind) = rest.split_at(end);
            let is_found = of_word
                && match self.known.get(piece) {
                    Some(is_found) => *is_found,
                    None => {
                        let is_found = analysis.stems(&normalized(piece)).iter().any(|it| self.stems.contains(it));
                        self.known.insert(piece.to_owned(), is_found);
                        is_found
                    }
                };
            pieces.push((piece, is_found));
            rest = behind;
        }
        pieces
    }
}

fn html(pieces: &[(&str, bool)]) -> String {
    let mut html = String::new();
    for (piece, is_found) in pieces {
        html.push_str(if *is_found { "<mark>" } else { "" });
        html.push_str(&escape_html(piece));
        html.push_str(if *is_found { "</mark>" } else { "" });
    }
    html
}
