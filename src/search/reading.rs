//! What a text means: its words, what they were meant to be, and other ways to say the same.

use tantivy::Searcher;

use super::{
    analysis::{Analysis, Word, normalized},
    fields::Fields,
    spelling::Speller,
    synonyms::Synonyms,
};

/// Words beyond this many are not looked for.
const WORDS: usize = 32;
/// Characters beyond this many are not looked at: room for [`WORDS`] of a hundred characters, with what parts them.
const CHARACTERS: usize = WORDS * 101;
/// Ways to say the same beyond this many are not looked for.
const READINGS: usize = 24;

/// A text that has a word in it.
#[derive(Debug, Clone)]
pub(super) struct Understood {
    /// The text as it was meant, then other ways to say the same.
    pub(super) readings: Vec<Reading>,
    /// How many of those other ways come of writing two words as one; they stand first.
    pub(super) joined: usize,
    /// How many come of parting a quantity from its unit; they follow.
    pub(super) parted: usize,
    /// The text without its spaces and punctuation, where it is more than one piece: it may be a code all the same.
    pub(super) whole_code: Option<String>,
    /// Whether it names something that is made for other things.
    pub(super) asks_for_accessory: bool,
    /// The text as it was meant, where it holds words that no product has.
    pub(super) corrected: Option<String>,
}

/// One way to say what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) pieces: Vec<Piece>,
}

/// What stands between two spaces: a word, or several of them as in `usb-c`, or a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// As it was typed, but for its form of writing.
    pub(super) text: String,
    pub(super) words: Vec<Word>,
    /// Without punctuation.
    pub(super) code: String,
}

impl Piece {
    /// Whether a product need not have it: all of it is too common.
    pub(super) fn is_optional(&self) -> bool {
        self.words.iter().all(|word| word.is_stop_word)
    }
}

impl Reading {
    /// The words, in their order.
    pub(super) fn words(&self) -> impl Iterator<Item = &Word> {
        self.pieces.iter().flat_map(|piece| &piece.words)
    }

    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// What a text means in this state of the index; `None` where there is no word in it.
///
/// # Errors
/// Where the index cannot be read.
pub(super) fn understand(
    fields: &Fields,
    analysis: &mut Analysis,
    searcher: &Searcher,
    synonyms: &Synonyms,
    text: &str,
) -> tantivy::Result<Option<Understood>> {
    let typed = read(analysis, text);
    if typed.pieces.is_empty() {
        return Ok(None);
    }
    let whole_code: Option<String> =
        (typed.pieces.len() > 1).then(|| typed.pieces.iter().map(|piece| piece.code.as_str()).collect());
    let mut speller = Speller { fields, analysis, searcher, synonyms };
    let meant = match &whole_code {
        Some(code) if speller.is_code(code)? => None,
        _ => speller.corrected(&typed)?,
    };
    let corrected = meant.as_ref().map(Reading::text);
    let meant = meant.unwrap_or(typed);
    let mut readings = speller.joined(&meant)?;
    let joined = readings.len();
    readings.extend(speller.parted(&meant)?);
    let parted = readings.len() - joined;
    let asks_for_accessory = meant.words().any(|word| analysis.is_accessory(word));
    readings.insert(0, meant);
    let mut place = 0;
    while place < readings.len() && readings.len() < READINGS {
        for other in synonyms.of(&readings[place]) {
            if !readings.contains(&other) {
                readings.push(other);
            }
        }
        place += 1;
    }
    readings.truncate(READINGS);
    Ok(Some(Understood { readings, joined, parted, whole_code, asks_for_accessory, corrected }))
}

/// A text's pieces that have a word in them.
pub(super) fn read(analysis: &mut Analysis, text: &str) -> Reading {
    let text = normalized(&text.chars().take(CHARACTERS).collect::<String>());
    let mut left = WORDS;
    let mut pieces = Vec::new();
    for piece in text.split_whitespace() {
        let mut words = analysis.words(piece);
        words.truncate(left);
        left -= words.len();
        if !words.is_empty() {
            pieces.push(Piece { text: piece.to_owned(), words, code: analysis.code(piece) });
        }
    }
    Reading { pieces }
}
