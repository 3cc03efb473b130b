//! From text to words: the same way for what is indexed and for what is asked.

use std::sync::Arc;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer,
    TokenizerManager,
};
use unicode_normalization::UnicodeNormalization;

use super::accessories;

/// The analyzer of stemmed fields, by name.
pub(super) const STEMMED: &str = "stemmed";
/// The analyzer of fields whose words stand as written, but for case and accents.
pub(super) const PLAIN: &str = "plain";

/// Words of this many bytes or more are not words: they are neither indexed nor asked for.
const WORD_BYTES: usize = 101;

/// A word in its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, without accents.
    pub(super) plain: String,
    /// The same, stemmed.
    pub(super) stem: String,
    /// Too common in the language to be required of a hit.
    pub(super) is_stop_word: bool,
}

/// The analyzers of one language.
#[derive(Clone)]
pub(super) struct Analysis {
    plain: TextAnalyzer,
    stemmed: TextAnalyzer,
    without_stop_words: TextAnalyzer,
    accessories: Arc<[String]>,
}

impl Analysis {
    pub(super) fn new(language: Language) -> Self {
        let plain = || {
            TextAnalyzer::builder(SimpleTokenizer::default())
                .filter(RemoveLongFilter::limit(WORD_BYTES))
                .filter(LowerCaser)
                .filter(AsciiFoldingFilter)
        };
        let without_stop_words = StopWordFilter::new(language).map(|filter| plain().filter(filter).build());
        let mut analysis = Self {
            plain: plain().build(),
            stemmed: plain().filter(Stemmer::new(language)).build(),
            without_stop_words: without_stop_words.unwrap_or_else(|| plain().build()),
            accessories: Arc::default(),
        };
        analysis.accessories = accessories::stems(language, |word| analysis.words(word)).into();
        analysis
    }

    /// Stems of what a product of this [`normalized`] name is made for, where it is an accessory.
    pub(super) fn made_for(&mut self, name: &str) -> Vec<String> {
        if self.accessories.is_empty() {
            return Vec::new();
        }
        let words = self.words(name);
        accessories::made_for(&words, &self.accessories)
    }

    /// Whether the word names things that are made for others.
    pub(super) fn is_accessory(&self, word: &Word) -> bool {
        self.accessories.contains(&word.stem)
    }

    pub(super) fn register(&self, tokenizers: &TokenizerManager) {
        tokenizers.register(PLAIN, self.plain.clone());
        tokenizers.register(STEMMED, self.stemmed.clone());
    }

    /// The words of a [`normalized`] text.
    pub(super) fn words(&mut self, text: &str) -> Vec<Word> {
        let stems = tokens(&mut self.stemmed, text);
        let content = tokens(&mut self.without_stop_words, text);
        let words = tokens(&mut self.plain, text).into_iter().zip(stems);
        words.map(|(plain, stem)| Word { is_stop_word: !content.contains(&plain), plain, stem }).collect()
    }

    /// The stems of a [`normalized`] text's words.
    pub(super) fn stems(&mut self, text: &str) -> Vec<String> {
        tokens(&mut self.stemmed, text)
    }

    /// A SKU, barcode or part number without what people leave out or put in: case, accents, spaces, punctuation.
    pub(super) fn code(&mut self, text: &str) -> String {
        tokens(&mut self.plain, &normalized(text)).concat()
    }
}

fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    analyzer.token_stream(text).process(&mut |token| tokens.push(token.text.clone()));
    tokens
}

/// Text in one form of writing (NFKC), so that equal words are equal bytes.
///
/// Apostrophes go ("men's" is "mens", whose stem is that of "men"), and so do trademark signs, which NFKC would make
/// letters of the word before them.
pub(super) fn normalized(text: &str) -> String {
    let kept = text.chars().filter(|it| !matches!(it, '\'' | '\u{2019}' | '\u{02bc}'));
    kept.map(|it| if matches!(it, '\u{2122}' | '\u{2120}' | '\u{ae}' | '\u{a9}') { ' ' } else { it }).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, String)> {
        let words = Analysis::new(Language::English).words(&normalized(text));
        words.into_iter().map(|word| (word.plain, word.stem)).collect()
    }

    fn stems(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, stem)| stem).collect()
    }

    #[test]
    fn plural_case_accents_and_apostrophes_make_no_difference() {
        assert_eq!(stems("Chairs"), stems("chair"));
        assert_eq!(stems("CAFÉ"), stems("cafe\u{301}"));
        assert_eq!(stems("café"), stems("cafe"));
        assert_eq!(stems("men’s"), stems("men"));
        assert_eq!(stems("ｗｉｄｅ ﬁle"), stems("wide file"));
    }

    #[test]
    fn a_trademark_sign_parts_words_and_is_none() {
        assert_eq!(stems("Core™2"), ["core", "2"]);
    }

    #[test]
    fn a_code_is_compared_without_its_punctuation() {
        let mut analysis = Analysis::new(Language::English);
        assert_eq!(analysis.code("404.038.96"), "40403896");
        assert_eq!(analysis.code(" oak-1 "), analysis.code("OAK 1"));
        assert_eq!(analysis.code("+-!"), "");
    }

    #[test]
    fn a_word_over_a_hundred_bytes_is_none() {
        assert_eq!(words(&"a".repeat(100)).len(), 1);
        assert_eq!(words(&"a".repeat(101)).len(), 0);
    }
}
