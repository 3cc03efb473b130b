//! What somebody who is still typing may mean.

use tantivy::{
    collector::{TopDocs, sort_key::SortBySimilarityScore},
    query::{BooleanQuery, Query},
};

use super::{
    SearchIndex,
    analysis::Word,
    rank::ByProduct,
    reading::read,
    spelling::Speller,
    words::{boosted, term, word_query},
};
use crate::{error::Result, ids::ProductId};

/// Ways to end a word that are looked at.
const ENDINGS: usize = 12;
/// What a word in a name counts against one in a brand or category.
const IN_NAME: f32 = 3.0;

/// What was suggested.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggested {
    /// Texts to search for, the one that finds most products first.
    pub queries: Vec<String>,
    /// Products, the best first.
    pub ids: Vec<ProductId>,
}

impl SearchIndex {
    /// What may be meant by a text whose last word may not have ended yet: at most so many texts and products.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn suggest(&self, text: &str, most: usize) -> Result<Suggested> {
        let searcher = self.generations.current().searcher;
        let mut analysis = self.analysis.clone();
        let mut words: Vec<Word> = read(&mut analysis, text).words().cloned().collect();
        let Some(last) = words.pop() else { return Ok(Suggested::default()) };
        let synonyms = self.synonyms();
        let mut speller =
            Speller { fields: &self.fields, analysis: &mut analysis, searcher: &searcher, synonyms: &synonyms };
        let endings = speller.endings(&last.plain, &words, ENDINGS)?;
        let earlier = || words.iter().filter(|word| !word.is_stop_word).map(|word| word_query(&self.fields, word));
        let typed: String = words.iter().map(|word| format!("{} ", word.plain)).collect();
        let mut queries = Vec::new();
        let mut ended: Vec<Box<dyn Query>> = Vec::new();
        for ending in &endings {
            let query = speller.ended(ending)?;
            let all_of = earlier().chain([query.box_clone()]).collect();
            let products = BooleanQuery::intersection(all_of).count(&searcher)?;
            if products > 0 {
                queries.push((products, format!("{typed}{ending}")));
            }
            ended.extend([boosted(term(self.fields.name_plain, ending), IN_NAME), query]);
        }
        queries.sort_by(|(in_a, a), (in_b, b)| in_b.cmp(in_a).then_with(|| a.cmp(b)));
        let all_of: Vec<Box<dyn Query>> = earlier().chain([Box::new(BooleanQuery::union(ended)) as _]).collect();
        let top = TopDocs::with_limit(most.max(1)).order_by((SortBySimilarityScore, ByProduct));
        let found = searcher.search(&BooleanQuery::intersection(all_of), &top)?;
        Ok(Suggested {
            queries: queries.into_iter().map(|(_, query)| query).take(most).collect(),
            ids: found.into_iter().map(|((_, bits), _)| ProductId::from_bits(bits)).collect(),
        })
    }
}
