//! From what a shopper typed to queries. Nothing in it is syntax: words are words, and the rest parts them.

use tantivy::{
    Score, Term,
    query::{BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    analysis::{Analysis, Word, normalized},
    fields::Fields,
};

/// Words beyond this many are not looked for.
const WORDS: usize = 32;
/// Characters beyond this many are not looked at: room for [`WORDS`] of a hundred characters, with what parts them.
const CHARACTERS: usize = WORDS * 101;

/// A SKU or barcode that was typed whole outranks whatever words can score.
const CODE_SCORE: Score = 1_000.0;
/// What a match in a field other than a word's best one adds.
const TIE_BREAKER: Score = 0.3;
/// What two words that follow each other in a name, as they do in the text, add.
const NEIGHBOURS: Score = 1.0;

/// A text's queries.
pub(super) struct TextQuery {
    /// Products in which every word is found, or that have the text as a code.
    pub(super) all_words: Box<dyn Query>,
    /// Products in which some word is found; `None` where that is the same.
    pub(super) any_word: Option<Box<dyn Query>>,
}

/// What stands between two spaces: a word, or several of them as in `usb-c`, or a code.
struct Piece {
    words: Vec<Word>,
    code: String,
}

/// The queries of a text; `None` where there is no word in it.
pub(super) fn text_query(fields: &Fields, analysis: &mut Analysis, text: &str) -> Option<TextQuery> {
    let text = normalized(&text.chars().take(CHARACTERS).collect::<String>());
    let pieces = pieces(analysis, &text);
    let words: Vec<&Word> = pieces.iter().flat_map(|piece| &piece.words).collect();
    if words.is_empty() {
        return None;
    }
    let mut all_words = required_and_optional(pieces.iter().map(|piece| {
        let is_optional = piece.words.iter().all(|word| word.is_stop_word);
        (piece_query(fields, piece), is_optional)
    }));
    all_words.extend(words.windows(2).map(|pair| (Occur::Should, neighbours(fields, pair))));
    let mut all_words: Box<dyn Query> = Box::new(BooleanQuery::new(all_words));
    if pieces.len() > 1 {
        let whole = code_query(fields, &analysis.code(&text));
        all_words = Box::new(DisjunctionMaxQuery::new(vec![all_words, whole]));
    }
    let any_word = (words.len() > 1).then(|| any_word(fields, &words));
    Some(TextQuery { all_words, any_word })
}

fn pieces(analysis: &mut Analysis, text: &str) -> Vec<Piece> {
    let mut left = WORDS;
    let mut pieces = Vec::new();
    for piece in text.split_whitespace() {
        let mut words = analysis.words(piece);
        words.truncate(left);
        left -= words.len();
        if !words.is_empty() {
            pieces.push(Piece { words, code: analysis.code(piece) });
        }
    }
    pieces
}

/// Clauses of which all must hold but the optional ones; where all are optional, all must hold.
fn required_and_optional(clauses: impl Iterator<Item = (Box<dyn Query>, bool)>) -> Vec<(Occur, Box<dyn Query>)> {
    let clauses: Vec<_> = clauses.collect();
    let all_optional = clauses.iter().all(|(_, is_optional)| *is_optional);
    let occur = |is_optional: bool| if is_optional && !all_optional { Occur::Should } else { Occur::Must };
    clauses.into_iter().map(|(query, is_optional)| (occur(is_optional), query)).collect()
}

fn any_word(fields: &Fields, words: &[&Word]) -> Box<dyn Query> {
    let all_stop_words = words.iter().all(|word| word.is_stop_word);
    let (common, telling): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.is_stop_word && !all_stop_words);
    let some = BooleanQuery::union(telling.into_iter().map(|word| word_query(fields, word)).collect());
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, Box::new(some))];
    clauses.extend(common.into_iter().map(|word| (Occur::Should, word_query(fields, word))));
    Box::new(BooleanQuery::new(clauses))
}

fn piece_query(fields: &Fields, piece: &Piece) -> Box<dyn Query> {
    let words = piece.words.iter().map(|word| word_query(fields, word)).collect();
    Box::new(DisjunctionMaxQuery::new(vec![
        Box::new(BooleanQuery::intersection(words)),
        code_query(fields, &piece.code),
    ]))
}

fn code_query(fields: &Fields, code: &str) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(term(fields.code, code), CODE_SCORE))
}

/// One word, in whichever field it is found; the best field counts, the others add a little.
fn word_query(fields: &Fields, word: &Word) -> Box<dyn Query> {
    let in_fields = [
        (fields.name, &word.stem, 3.0),
        (fields.name_plain, &word.plain, 3.0),
        (fields.brand, &word.plain, 2.5),
        (fields.categories, &word.stem, 2.0),
        (fields.attributes, &word.stem, 1.0),
        (fields.description, &word.stem, 0.7),
    ];
    let in_fields = in_fields.into_iter().map(|(field, text, weight)| boosted(term(field, text), weight));
    Box::new(DisjunctionMaxQuery::with_tie_breaker(in_fields.collect(), TIE_BREAKER))
}

/// Two words that follow each other in a name.
fn neighbours(fields: &Fields, pair: &[&Word]) -> Box<dyn Query> {
    let terms = pair.iter().map(|word| Term::from_field_text(fields.name, &word.stem)).collect();
    boosted(Box::new(PhraseQuery::new(terms)), NEIGHBOURS)
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

fn boosted(query: Box<dyn Query>, weight: Score) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}
