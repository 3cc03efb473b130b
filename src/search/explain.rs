//! Why a search finds what it finds: what `words` makes queries of, computed piece by piece for single products.

use std::collections::HashMap;

use serde_json::Value;
use tantivy::{
    DocAddress, DocId, Score, Searcher, SegmentReader, TERMINATED, TantivyError, Term,
    query::{EnableScoring, Query, TermQuery, Weight},
    schema::{Field, IndexRecordOption},
};

use super::{
    SearchIndex, SearchQuery, Sort,
    analysis::Word,
    explained::{
        FactorExplained, FactorKind, FieldExplained, Found, Origin, PartExplained, PartKind, ReadingExplained, Stage,
        StageExplained, WordExplained,
    },
    fields::Fields,
    popular,
    query::{Text, collect},
    reading::{Piece, Reading, Understood},
    words::{
        CODE_SCORE, InField, MADE_FOR_IT, NEIGHBOURS, TIE_BREAKER, distinct_words, in_a_row, in_fields, made_for_terms,
        weights,
    },
};
use crate::{
    error::{Error, Result},
    ids::ProductId,
};

/// How a search came about.
pub struct Explained {
    /// The text that was searched for, where the one that was asked for holds words that no product has.
    pub corrected: Option<String>,
    /// Ways to read the text.
    pub readings: Vec<ReadingExplained>,
    /// Whether the text asks for a thing that is made for others.
    pub asks_for_accessory: bool,
    /// The stages that were looked at.
    pub stages: Vec<StageExplained>,
    /// The products, in order.
    pub hits: Vec<(ProductId, Found)>,
}

impl SearchIndex {
    /// Explains what [`Self::search`] finds for the same query.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn explain(&self, query: &SearchQuery) -> Result<Explained> {
        let searcher = &self.generations.current().searcher;
        let text = self.understood(searcher, query)?;
        let tiers = self.tiers(searcher, &text, &query.filters)?;
        let Text::Words(understood) = text else {
            let (corrected, readings, asks_for_accessory) = (None, Vec::new(), false);
            return Ok(Explained { corrected, readings, asks_for_accessory, stages: Vec::new(), hits: Vec::new() });
        };
        let mut scores = Scores::new(&self.fields, searcher, &understood)?;
        let (mut stages, mut hits) = (Vec::new(), Vec::new());
        for (stage, tier) in [Stage::AllWords, Stage::AnyWord].into_iter().zip(tiers) {
            let (ids, found) = collect(searcher, tier.as_ref(), query, 0, query.limit - hits.len())?;
            stages.push(StageExplained { stage, found });
            let weight = tier.weight(EnableScoring::enabled_from_searcher(searcher))?;
            for id in ids {
                let address = self.address(searcher, id)?;
                let segment = searcher.segment_reader(address.segment_ord);
                let score = score_of(weight.as_ref(), segment, address.doc_id)?.unwrap_or_default();
                hits.push((id, scores.explain(segment, address.doc_id, stage, score)?));
            }
            if query.sort != Sort::Relevance && found > 0 {
                break;
            }
        }
        let readings = explained(&understood, &scores.weights);
        let Understood { corrected, asks_for_accessory, .. } = understood;
        Ok(Explained { corrected, readings, asks_for_accessory, stages, hits })
    }

    /// Where a product's document is.
    fn address(&self, searcher: &Searcher, id: ProductId) -> Result<DocAddress> {
        let term = Term::from_field_text(self.fields.product, id.as_str());
        let weight =
            TermQuery::new(term, IndexRecordOption::Basic).weight(EnableScoring::disabled_from_searcher(searcher))?;
        for (number, segment) in (0..).zip(searcher.segment_readers()) {
            let mut documents = weight.scorer(segment, 1.0)?;
            let mut document = documents.doc();
            while document != TERMINATED {
                if segment.alive_bitset().is_none_or(|alive| alive.is_alive(document)) {
                    return Ok(DocAddress::new(number, document));
                }
                document = documents.advance();
            }
        }
        Err(Error::Internal(format!("{id} was found and is not in the index")))
    }
}

fn explained(understood: &Understood, weights: &[Score]) -> Vec<ReadingExplained> {
    let Understood { readings, joined, parted, corrected, .. } = understood;
    let read = readings.iter().zip(weights).enumerate().map(|(place, (reading, weight))| {
        let origin = match place {
            0 if corrected.is_some() => Origin::Corrected,
            0 => Origin::Typed,
            place if place <= *joined => Origin::Joined,
            place if place <= *joined + *parted => Origin::Parted,
            _ => Origin::Synonym,
        };
        let words = reading.words().map(|word| {
            let Word { plain, stem, is_stop_word } = word.clone();
            WordExplained { word: plain, stem, is_stop_word }
        });
        ReadingExplained { text: reading.text(), origin, weight: *weight, words: words.collect() }
    });
    read.collect()
}

/// What one text is worth, product by product.
struct Scores<'a> {
    fields: &'a Fields,
    searcher: &'a Searcher,
    understood: &'a Understood,
    weights: Vec<Score>,
    made_for: Vec<Term>,
    /// The rank of the product that sells best.
    highest: Option<i64>,
    terms: HashMap<(Field, String), Box<dyn Weight>>,
}

impl<'a> Scores<'a> {
    fn new(fields: &'a Fields, searcher: &'a Searcher, understood: &'a Understood) -> tantivy::Result<Self> {
        let weights = weights(fields, searcher, &understood.readings)?;
        let made_for = made_for_terms(fields, understood, &distinct_words(&understood.readings));
        let highest = popular::highest(searcher)?;
        Ok(Self { fields, searcher, understood, weights, made_for, highest, terms: HashMap::new() })
    }

    fn explain(&mut self, segment: &SegmentReader, doc: DocId, stage: Stage, score: Score) -> tantivy::Result<Found> {
        let (reading, weight, parts) = match stage {
            Stage::AllWords => self.best_reading(segment, doc)?,
            Stage::AnyWord => (None, 1.0, self.any_word(segment, doc)?),
        };
        let mut factors = Vec::new();
        if weight != 1.0 {
            factors.push(FactorExplained { kind: FactorKind::Reading, value: weight });
        }
        if self.is_made_for_it(segment, doc)? {
            factors.push(FactorExplained { kind: FactorKind::Accessory, value: MADE_FOR_IT });
        }
        if let Some(highest) = self.highest {
            let rank = popular::ranks(segment)?.and_then(|ranks| ranks.first(doc));
            factors.push(FactorExplained { kind: FactorKind::Popularity, value: popular::factor(rank, highest) });
        }
        Ok(Found { stage, reading, score, parts, factors })
    }

    /// The reading by which the product scores most, what it counts, and what was found by it.
    fn best_reading(
        &mut self,
        segment: &SegmentReader,
        doc: DocId,
    ) -> tantivy::Result<(Option<String>, Score, Vec<PartExplained>)> {
        let understood = self.understood;
        let mut best = (None, 1.0, Vec::new());
        for (place, reading) in understood.readings.iter().enumerate() {
            let Some(parts) = self.all_words(reading, segment, doc)? else { continue };
            let weight = self.weights[place];
            if best.2.is_empty() || sum(&parts) * weight > sum(&best.2) * best.1 {
                best = (Some(reading.text()), weight, parts);
            }
        }
        if let Some(code) = &understood.whole_code
            && let Some(part) = self.code(code, segment, doc)?
            && part.score > sum(&best.2) * best.1
        {
            best = (None, 1.0, vec![part]);
        }
        Ok(best)
    }

    /// What was found by a reading; `None` where something is missing.
    fn all_words(
        &mut self,
        reading: &Reading,
        segment: &SegmentReader,
        doc: DocId,
    ) -> tantivy::Result<Option<Vec<PartExplained>>> {
        let all_optional = reading.pieces.iter().all(Piece::is_optional);
        let mut parts = Vec::new();
        for piece in &reading.pieces {
            match self.piece(piece, segment, doc)? {
                Some(found) => parts.extend(found),
                None if piece.is_optional() && !all_optional => {}
                None => return Ok(None),
            }
        }
        let words: Vec<&Word> = reading.words().collect();
        for pair in words.windows(2) {
            let weight = in_a_row(self.fields, pair).weight(EnableScoring::enabled_from_searcher(self.searcher))?;
            if let Some(score) = score_of(weight.as_ref(), segment, doc)? {
                let text = pair.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>().join(" ");
                let (kind, score) = (PartKind::Neighbours, score * NEIGHBOURS);
                parts.push(PartExplained { kind, text, score, fields: Vec::new() });
            }
        }
        Ok(Some(parts))
    }

    /// All words of a piece, or the piece as a code, whichever is worth more.
    fn piece(
        &mut self,
        piece: &Piece,
        segment: &SegmentReader,
        doc: DocId,
    ) -> tantivy::Result<Option<Vec<PartExplained>>> {
        let mut words = Some(Vec::new());
        for word in &piece.words {
            let found = self.word(word, segment, doc)?;
            words = words.zip(found).map(|(words, found)| [words, vec![found]].concat());
        }
        let code = self.code(&piece.code, segment, doc)?;
        Ok(match (words, code) {
            (Some(words), Some(code)) if code.score <= sum(&words) => Some(words),
            (_, Some(code)) => Some(vec![code]),
            (words, None) => words,
        })
    }

    fn any_word(&mut self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Vec<PartExplained>> {
        let mut parts = Vec::new();
        for word in distinct_words(&self.understood.readings) {
            parts.extend(self.word(word, segment, doc)?);
        }
        Ok(parts)
    }

    /// A word in each field that has it.
    fn word(&mut self, word: &Word, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Option<PartExplained>> {
        let mut fields = Vec::new();
        for it in in_fields(self.fields, word) {
            let Some(Bm25 { score, rarity, saturation }) = self.bm25(&it, segment, doc)? else {
                continue;
            };
            let (field, weight, counted) = (it.name, it.weight, TIE_BREAKER);
            let score_of_field = weight * score * counted;
            fields.push(FieldExplained {
                field,
                weight,
                bm25: score,
                rarity,
                saturation,
                counted,
                score: score_of_field,
            });
        }
        // Of equal ones, either may count in full.
        if let Some(best) = fields.iter_mut().max_by(|a, b| a.score.total_cmp(&b.score)) {
            best.counted = 1.0;
            best.score = best.weight * best.bm25;
        }
        let score = fields.iter().map(|it| it.score).sum();
        let (kind, text) = (PartKind::Word, word.plain.clone());
        Ok((!fields.is_empty()).then_some(PartExplained { kind, text, score, fields }))
    }

    fn code(&self, code: &str, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Option<PartExplained>> {
        let part = PartExplained { kind: PartKind::Code, text: code.to_owned(), score: CODE_SCORE, fields: Vec::new() };
        Ok(self.has(Term::from_field_text(self.fields.code, code), segment, doc)?.then_some(part))
    }

    fn is_made_for_it(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<bool> {
        for term in &self.made_for {
            if self.has(term.clone(), segment, doc)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has(&self, term: Term, segment: &SegmentReader, doc: DocId) -> tantivy::Result<bool> {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let weight = query.weight(EnableScoring::disabled_from_searcher(self.searcher))?;
        Ok(score_of(weight.as_ref(), segment, doc)?.is_some())
    }

    fn bm25(&mut self, it: &InField<'_>, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Option<Bm25>> {
        let weight = match self.terms.entry((it.field, it.text.to_owned())) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(it.query().weight(EnableScoring::enabled_from_searcher(self.searcher))?)
            }
        };
        let explained = match weight.explain(segment, doc) {
            Ok(explained) => explained,
            // The product does not have the word there.
            Err(TantivyError::InvalidArgument(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        // Its details are a constant, the inverse document frequency and the saturated frequency, in this order.
        let details = serde_json::to_value(&explained).unwrap_or(Value::Null);
        let detail = |place: usize| details["details"][place]["value"].as_f64().unwrap_or_default() as Score;
        Ok(Some(Bm25 { score: explained.value(), rarity: detail(1), saturation: detail(2) }))
    }
}

struct Bm25 {
    score: Score,
    rarity: Score,
    saturation: Score,
}

fn sum(parts: &[PartExplained]) -> Score {
    parts.iter().map(|part| part.score).sum()
}

/// The score of a document; `None` where it is not a hit.
fn score_of(weight: &dyn Weight, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Option<Score>> {
    let mut hits = weight.scorer(segment, 1.0)?;
    let at = hits.doc();
    let at = if at < doc { hits.seek(doc) } else { at };
    Ok(if at == doc { Some(hits.score()) } else { None })
}
