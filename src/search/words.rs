//! From what a text means to queries. Nothing in it is syntax: words are words, and the rest parts them.

use tantivy::{
    Score, Searcher, Term,
    query::{
        BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery,
        TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    analysis::Word,
    demoted::Demoted,
    fields::Fields,
    reading::{Piece, Reading, Understood},
};

/// A SKU or barcode that was typed whole outranks whatever words can score.
const CODE_SCORE: Score = 1_000.0;
/// What a match in a field other than a word's best one adds.
const TIE_BREAKER: Score = 0.3;
/// What two words that follow each other in a name, as they do in the text, add.
const NEIGHBOURS: Score = 1.0;
/// What another way to say the same counts, beside the words that were typed.
const OTHER_READING: Score = 0.65;
/// What is left of the score of a product that is made for what was asked for, and is something else itself.
const MADE_FOR_IT: Score = 0.75;

/// A text's queries.
pub(super) struct TextQuery {
    /// Products in which every word is found, or that have the text as a code.
    pub(super) all_words: Box<dyn Query>,
    /// Products in which some word is found; `None` where that is the same.
    pub(super) any_word: Option<Box<dyn Query>>,
}

/// The queries of a text.
pub(super) fn text_query(fields: &Fields, searcher: &Searcher, understood: &Understood) -> tantivy::Result<TextQuery> {
    let Understood { readings, whole_code, .. } = understood;
    let mut ways: Vec<Box<dyn Query>> = Vec::new();
    for (reading, weight) in readings.iter().zip(weights(fields, searcher, readings)?) {
        ways.push(boosted(all_words(fields, reading), weight));
    }
    ways.extend(whole_code.iter().map(|code| code_query(fields, code)));
    let mut words: Vec<&Word> = Vec::new();
    for word in readings.iter().flat_map(Reading::words) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let all_words: Box<dyn Query> = Box::new(DisjunctionMaxQuery::new(ways));
    let any_word = (words.len() > 1).then(|| any_word(fields, &words));
    if understood.asks_for_accessory {
        return Ok(TextQuery { all_words, any_word });
    }
    let things = words.iter().filter(|word| !word.is_stop_word);
    let made_for_it = TermSetQuery::new(things.map(|word| Term::from_field_text(fields.made_for, &word.stem)));
    let demoted =
        |query| -> Box<dyn Query> { Box::new(Demoted::new(query, Box::new(made_for_it.clone()), MADE_FOR_IT)) };
    Ok(TextQuery { all_words: demoted(all_words), any_word: any_word.map(demoted) })
}

/// What each reading counts. A rare word scores higher than a common one; of words that mean the same, none should for
/// its rareness, so that each reading comes down to that of the most common words.
fn weights(fields: &Fields, searcher: &Searcher, readings: &[Reading]) -> tantivy::Result<Vec<Score>> {
    if readings.len() < 2 {
        return Ok(vec![1.0]);
    }
    let products = searcher.num_docs() as Score;
    let mut rareness = Vec::new();
    for reading in readings {
        let mut sum = 0.0;
        for word in reading.words() {
            let frequency = searcher.doc_freq(&Term::from_field_text(fields.name, &word.stem))? as Score;
            // As BM25 has it.
            sum += ((products - frequency).max(0.0) / (frequency + 0.5) + 1.0).ln();
        }
        rareness.push(sum);
    }
    let most_common = rareness.iter().copied().fold(Score::INFINITY, Score::min);
    let weights = rareness.into_iter().map(|it| most_common / it.max(Score::EPSILON));
    Ok(weights.enumerate().map(|(place, it)| if place == 0 { it } else { it * OTHER_READING }).collect())
}

fn all_words(fields: &Fields, reading: &Reading) -> Box<dyn Query> {
    let mut clauses = required_and_optional(reading.pieces.iter().map(|piece| {
        let is_optional = piece.words.iter().all(|word| word.is_stop_word);
        (piece_query(fields, piece), is_optional)
    }));
    let words: Vec<&Word> = reading.words().collect();
    clauses.extend(words.windows(2).map(|pair| (Occur::Should, neighbours(fields, pair))));
    Box::new(BooleanQuery::new(clauses))
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
pub(super) fn word_query(fields: &Fields, word: &Word) -> Box<dyn Query> {
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

pub(super) fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

pub(super) fn boosted(query: Box<dyn Query>, weight: Score) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}
