//! What a word can score at most, so that what cannot be among the best need not be scored.

use tantivy::{Score, Searcher, Term, query::Bm25Weight};

use super::{
    analysis::Word,
    fields::Fields,
    marks::{LONG, SHORT, bit},
    words::{FIELDS, TIE_BREAKER, in_fields},
};

/// Scores that the word does not exceed in any product, by its bits.
pub(super) fn bounds_of(
    fields: &Fields,
    searcher: &Searcher,
    word: &Word,
    most_often: &[u32; FIELDS],
) -> tantivy::Result<[Score; 4]> {
    let (mut best, mut sum): ([Score; 4], [Score; 4]) = Default::default();
    for (it, most_often) in in_fields(fields, word).into_iter().zip(most_often) {
        let term = Term::from_field_text(it.field, it.text);
        if searcher.doc_freq(&term)? == 0 {
            continue;
        }
        let bm25 = Bm25Weight::for_terms(searcher, &[term])?;
        // As often as anywhere, and nothing else beside it: the shortest field has one word.
        let most = it.weight * if it.is_short { bm25.score(1, *most_often) } else { bm25.max_score() };
        for bits in [SHORT, LONG, SHORT | LONG].into_iter().filter(|bits| bits & bit(&it) != 0) {
            let place = usize::from(bits);
            best[place] = best[place].max(most);
            sum[place] += most;
        }
    }
    Ok(std::array::from_fn(|place| best[place] + (sum[place] - best[place]) * TIE_BREAKER))
}
