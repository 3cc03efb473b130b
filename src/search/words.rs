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
    explained::FieldName,
    fields::Fields,
    popular::{self, Popular},
    reading::{Piece, Reading, Understood},
};

/// A SKU or barcode that was typed whole outranks whatever words can score.
pub(super) const CODE_SCORE: Score = 1_000.0;
/// What a match in a field other than a word's best one adds.
pub(super) const TIE_BREAKER: Score = 0.3;
/// What two words that follow each other in a name, as they do in the text, add.
pub(super) const NEIGHBOURS: Score = 1.0;
/// What another way to say the same counts, beside the words that were typed.
const OTHER_READING: Score = 0.65;
/// What is left of the score of a product that is made for what was asked for, and is something else itself.
pub(super) const MADE_FOR_IT: Score = 0.75;

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
    let words = distinct_words(readings);
    let all_words: Box<dyn Query> = Box::new(DisjunctionMaxQuery::new(ways));
    let any_word = (words.len() > 1).then(|| any_word(fields, &words));
    let made_for_it = TermSetQuery::new(made_for_terms(fields, understood, &words));
    let highest = popular::highest(searcher)?;
    let weighed = |mut query: Box<dyn Query>| {
        if !understood.asks_for_accessory {
            query = Box::new(Demoted::new(query, Box::new(made_for_it.clone()), MADE_FOR_IT));
        }
        match highest {
            Some(highest) => Box::new(Popular::new(query, highest)) as Box<dyn Query>,
            None => query,
        }
    };
    Ok(TextQuery { all_words: weighed(all_words), any_word: any_word.map(weighed) })
}

/// The words of all readings, each once.
pub(super) fn distinct_words(readings: &[Reading]) -> Vec<&Word> {
    let mut words: Vec<&Word> = Vec::new();
    for word in readings.iter().flat_map(Reading::words) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// By which products are found that are made for what was asked for; none where such a thing was asked for itself.
pub(super) fn made_for_terms(fields: &Fields, understood: &Understood, words: &[&Word]) -> Vec<Term> {
    if understood.asks_for_accessory {
        return Vec::new();
    }
    let things = words.iter().filter(|word| !word.is_stop_word);
    things.map(|word| Term::from_field_text(fields.made_for, &word.stem)).collect()
}

/// What each reading counts. A rare word scores higher than a common one; of words that mean the same, none should for
/// its rareness, so that each reading comes down to that of the most common words.
pub(super) fn weights(fields: &Fields, searcher: &Searcher, readings: &[Reading]) -> tantivy::Result<Vec<Score>> {
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
    let mut clauses =
        required_and_optional(reading.pieces.iter().map(|piece| (piece_query(fields, piece), piece.is_optional())));
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

/// A field in which a word is looked for.
pub(super) struct InField<'a> {
    pub(super) name: FieldName,
    pub(super) field: Field,
    /// The word in the form that the field has.
    pub(super) text: &'a str,
    pub(super) weight: Score,
}

impl InField<'_> {
    /// Finds the word in the field, with BM25 of the field alone.
    pub(super) fn query(&self) -> TermQuery {
        TermQuery::new(Term::from_field_text(self.field, self.text), IndexRecordOption::WithFreqs)
    }
}

/// Where a word is looked for, and what finding it there counts.
pub(super) fn in_fields<'a>(fields: &Fields, word: &'a Word) -> [InField<'a>; 6] {
    let looked_for = |name, field, text, weight| InField { name, field, text, weight };
    [
        looked_for(FieldName::Name, fields.name, &word.stem, 3.0),
        looked_for(FieldName::NameAsWritten, fields.name_plain, &word.plain, 3.0),
        looked_for(FieldName::Brand, fields.brand, &word.plain, 2.5),
        looked_for(FieldName::Categories, fields.categories, &word.stem, 2.0),
        looked_for(FieldName::Attributes, fields.attributes, &word.stem, 1.0),
        looked_for(FieldName::Description, fields.description, &word.stem, 0.7),
    ]
}

/// One word, in whichever field it is found; the best field counts, the others add a little.
pub(super) fn word_query(fields: &Fields, word: &Word) -> Box<dyn Query> {
    let in_fields = in_fields(fields, word).iter().map(field_query).collect();
    Box::new(DisjunctionMaxQuery::with_tie_breaker(in_fields, TIE_BREAKER))
}

/// One word in one field.
fn field_query(in_field: &InField<'_>) -> Box<dyn Query> {
    boosted(Box::new(in_field.query()), in_field.weight)
}

/// Two words that follow each other in a name.
fn neighbours(fields: &Fields, pair: &[&Word]) -> Box<dyn Query> {
    boosted(Box::new(in_a_row(fields, pair)), NEIGHBOURS)
}

/// Finds words that follow each other in a name.
pub(super) fn in_a_row(fields: &Fields, words: &[&Word]) -> PhraseQuery {
    PhraseQuery::new(words.iter().map(|word| Term::from_field_text(fields.name, &word.stem)).collect())
}

pub(super) fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

pub(super) fn boosted(query: Box<dyn Query>, weight: Score) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}
