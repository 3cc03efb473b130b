//! What can be asked of the index, and how it answers.

use std::ops::{Bound, Range};

use tantivy::{
    Order, Searcher, Term,
    collector::{
        Count, SortKeyComputer, TopDocs,
        sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString},
    },
    query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    SearchIndex,
    fields::{Fields, column},
    rank::{ByPrice, ByProduct},
    reading::{Understood, understand},
    words::{TextQuery, text_query},
};
use crate::{error::Result, ids::ProductId, money::Currency};

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// What the shopper typed. Blank is the same as none; a text without a single word in it finds nothing.
    pub text: Option<String>,
    /// What every hit must fulfil.
    pub filters: Filters,
    /// The order of hits.
    pub sort: Sort,
    /// Hits to pass over. The work grows with it.
    pub offset: usize,
    /// Hits to return.
    pub limit: usize,
    /// Whether to count all hits.
    pub with_total: bool,
    /// The generation that earlier pages came from. Its hits do not move while it is open; afterwards the current one
    /// answers.
    pub generation: Option<u64>,
}

/// Conditions, of which all must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filters {
    /// Ids and slugs of categories, of which one must fit, itself or by one above it; none given, all fit.
    pub categories: Vec<String>,
    /// Ids and slugs of brands, of which one must fit; none given, all fit.
    pub brands: Vec<String>,
    /// A range of prices.
    pub price: Option<PriceFilter>,
    /// Only what can be bought now, or only what cannot.
    pub in_stock: Option<bool>,
    /// Products, of which it must be one; none given, all fit.
    pub product_ids: Vec<ProductId>,
}

/// A range of prices. A product is in it by its cheapest variant, and is not without a price in that currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceFilter {
    /// The currency.
    pub currency: Currency,
    /// Minor units, inclusive.
    pub min: Option<i64>,
    /// Minor units, inclusive.
    pub max: Option<i64>,
}

/// The order of hits; those that are equal stand by product id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best first: all in which every word is found before any in which only some are. Without a text, by id alone.
    Relevance,
    /// The lowest price in this currency first, products without one last.
    Price(Currency),
    /// The highest price in this currency first, products without one last.
    PriceDesc(Currency),
    /// By name, regardless of case.
    Name,
    /// The newest first.
    CreatedDesc,
}

/// A page of hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHits {
    /// The products, in order.
    pub ids: Vec<ProductId>,
    /// Whether there are hits behind these.
    pub has_more: bool,
    /// How many hits there are in all, where that was asked for.
    pub total: Option<usize>,
    /// The text that was searched for, where the one that was asked for holds words that no product has.
    pub corrected: Option<String>,
    /// The state of the index that was searched; it stays open for 60 s when there is more.
    pub generation: u64,
}

impl SearchIndex {
    /// Searches.
    ///
    /// By relevance, hits in which only some words are found follow those in which all are. In other orders, where
    /// the two would mix, they are left out unless there is nothing better.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchHits> {
        let generation = match query.generation {
            Some(number) => self.generations.open(number),
            None => self.generations.current(),
        };
        let searcher = &generation.searcher;
        let wanted = query.limit.saturating_add(1);
        let mut skip = query.offset;
        let mut ids = Vec::new();
        let mut total = 0;
        let understood = self.understood(searcher, query)?;
        for tier in self.tiers(searcher, query, &understood)? {
            let (found, count) = collect(searcher, tier.as_ref(), query.sort, skip, wanted - ids.len())?;
            ids.extend(found);
            total += count;
            skip = skip.saturating_sub(count);
            let is_full = ids.len() == wanted && !query.with_total;
            if is_full || (query.sort != Sort::Relevance && count > 0) {
                break;
            }
        }
        let has_more = ids.len() == wanted;
        ids.truncate(query.limit);
        if has_more {
            self.generations.keep(generation.number);
        }
        let corrected = match understood {
            Text::Words(understood) => understood.corrected,
            Text::None | Text::Wordless => None,
        };
        let total = query.with_total.then_some(total);
        Ok(SearchHits { ids, has_more, total, corrected, generation: generation.number })
    }

    fn understood(&self, searcher: &Searcher, query: &SearchQuery) -> Result<Text> {
        let Some(text) = query.text.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(Text::None) };
        let mut analysis = self.analysis.clone();
        let understood = understand(&self.fields, &mut analysis, searcher, &self.synonyms(), text)?;
        Ok(understood.map_or(Text::Wordless, Text::Words))
    }

    /// Queries that share no hit: those of the first all come before those of the second.
    fn tiers(&self, searcher: &Searcher, query: &SearchQuery, text: &Text) -> Result<Vec<Box<dyn Query>>> {
        let tier = |mut clauses: Vec<(Occur, Box<dyn Query>)>| -> Box<dyn Query> {
            clauses.extend(filter_clauses(&self.fields, &query.filters));
            Box::new(BooleanQuery::new(clauses))
        };
        let understood = match text {
            Text::None => return Ok(vec![tier(vec![(Occur::Must, Box::new(AllQuery))])]),
            Text::Wordless => return Ok(Vec::new()),
            Text::Words(understood) => understood,
        };
        let TextQuery { all_words, any_word } = text_query(&self.fields, searcher, understood)?;
        let some_words = any_word.map(|any_word| {
            let whole = ConstScoreQuery::new(all_words.box_clone(), 0.0);
            tier(vec![(Occur::Must, any_word), (Occur::MustNot, Box::new(whole))])
        });
        Ok([tier(vec![(Occur::Must, all_words)])].into_iter().chain(some_words).collect())
    }
}

/// What a query's text comes to.
enum Text {
    /// There is none, or it is blank.
    None,
    /// There is no word in it.
    Wordless,
    /// Something to look for.
    Words(Understood),
}

fn filter_clauses(fields: &Fields, filters: &Filters) -> Vec<(Occur, Box<dyn Query>)> {
    let Filters { categories, brands, price, in_stock, product_ids } = filters;
    let one_of = |field: Field, values: Vec<&str>| -> Option<Box<dyn Query>> {
        let terms = values.iter().map(|value| Term::from_field_text(field, value));
        (!values.is_empty()).then(|| Box::new(TermSetQuery::new(terms)) as _)
    };
    let stock = in_stock
        .map(|it| Box::new(TermQuery::new(Term::from_field_bool(fields.in_stock, it), IndexRecordOption::Basic)) as _);
    let clauses = [
        one_of(fields.category_key, categories.iter().map(String::as_str).collect()),
        one_of(fields.brand_key, brands.iter().map(String::as_str).collect()),
        one_of(fields.product, product_ids.iter().map(|id| id.as_str()).collect()),
        price.map(|price| price_query(fields.prices, price)),
        stock,
    ];
    // A filter adds nothing to the score.
    let silent = |query| -> Box<dyn Query> { Box::new(ConstScoreQuery::new(query, 0.0)) };
    clauses.into_iter().flatten().map(|query| (Occur::Must, silent(query))).collect()
}

fn price_query(prices: Field, price: PriceFilter) -> Box<dyn Query> {
    let bound = |minor: i64| {
        let mut term = Term::from_field_json_path(prices, price.currency.as_str(), false);
        term.append_type_and_fast_value(minor);
        Bound::Included(term)
    };
    // The smallest number of all stands for "no bound": a range needs one to know its column.
    let max = price.max.map_or(Bound::Unbounded, bound);
    Box::new(RangeQuery::new(bound(price.min.unwrap_or(i64::MIN)), max))
}

/// At most `limit` hits behind the first `skip`, in order, and the number of all hits.
fn collect(
    searcher: &Searcher,
    query: &dyn Query,
    sort: Sort,
    skip: usize,
    limit: usize,
) -> Result<(Vec<ProductId>, usize)> {
    // No page reaches beyond the last product; what is held of the hits before it is bounded so.
    let last = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
    let range = skip.min(last)..skip.saturating_add(limit).min(last);
    if range.is_empty() {
        return Ok((Vec::new(), searcher.search(query, &Count)?));
    }
    let created_at = SortByStaticFastValue::<i64>::for_field(column::CREATED_AT);
    match sort {
        Sort::Relevance => ordered(searcher, query, range, SortBySimilarityScore),
        Sort::Price(currency) => ordered(searcher, query, range, (ByPrice::new(currency), Order::Asc)),
        Sort::PriceDesc(currency) => ordered(searcher, query, range, ByPrice::new(currency)),
        Sort::Name => ordered(searcher, query, range, (SortByString::for_field(column::NAME_ORDER), Order::Asc)),
        Sort::CreatedDesc => ordered(searcher, query, range, created_at),
    }
}

fn ordered<S>(searcher: &Searcher, query: &dyn Query, range: Range<usize>, order: S) -> Result<(Vec<ProductId>, usize)>
where
    S: SortKeyComputer + Send + 'static,
    S::SortKey: std::fmt::Debug,
{
    let top = TopDocs::for_doc_range(range).order_by((order, ByProduct));
    let (hits, count) = searcher.search(query, &(top, Count))?;
    Ok((hits.into_iter().map(|((_, bits), _)| ProductId::from_bits(bits)).collect(), count))
}
