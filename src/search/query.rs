//! What can be asked of the index, and how it answers.

use std::ops::{Bound, Range};

use tantivy::{
    Order, Searcher, Term,
    collector::{
        Count, SortKeyComputer, TopDocs,
        sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString},
    },
    fastfield::FastValue,
    query::{AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    SearchIndex,
    best::{Best, best},
    facets::{self, Counted, FacetBy},
    fields::{Fields, attribute_key, column},
    highlight::Highlighter,
    members::members_query,
    rank::{ByNumber, ByPlace, ByProduct, Sort},
    reading::{Understood, understand},
    words::{TextQuery, text_query},
};
use crate::{
    catalog::{collections::membership::Membership, filterable::AttributeFilter},
    error::Result,
    ids::ProductId,
    money::Currency,
    time::UtcTime,
};

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
    /// What to count hits by.
    pub facets: Vec<FacetBy>,
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
    /// Products, of which it must be one.
    pub product_ids: Option<Vec<ProductId>>,
    /// Attributes and options.
    pub attributes: Vec<AttributeFilter>,
    /// Made at or after this instant.
    pub created_from: Option<UtcTime>,
    /// Made before this instant.
    pub created_before: Option<UtcTime>,
    /// What is in any of some collections.
    pub members: Option<Membership>,
}

impl Filters {
    /// The conditions but those that are on what a facet counts by: a chosen value shows its siblings.
    fn besides(&self, facet: &FacetBy) -> Self {
        let mut others = self.clone();
        match facet {
            FacetBy::Brand => others.brands.clear(),
            FacetBy::Category => others.categories.clear(),
            FacetBy::Price(_) => others.price = None,
            FacetBy::Values(key) | FacetBy::Numbers(key) => others.attributes.retain(|it| it.key() != key),
        }
        others
    }
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

impl PriceFilter {
    /// `None` where neither end is given.
    pub fn between(currency: Currency, min: Option<i64>, max: Option<i64>) -> Option<Self> {
        (min.is_some() || max.is_some()).then_some(Self { currency, min, max })
    }
}

/// A page of hits.
pub struct SearchHits {
    /// The products, in order.
    pub ids: Vec<ProductId>,
    /// Whether there are hits behind these.
    pub has_more: bool,
    /// How many hits there are in all, where that was asked for.
    pub total: Option<usize>,
    /// How many were counted on the way: those with all words, and, where they do not fill the page, those with some.
    pub counted: usize,
    /// What was counted by each facet that was asked for, over all hits.
    pub facets: Vec<Counted>,
    /// Marks what was searched for.
    pub highlighter: Highlighter,
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
        let understood = self.understood(searcher, query)?;
        let (mut ids, total) = self.found(searcher, &understood, query, wanted)?;
        let facets = self.facets(searcher, &understood, query)?;
        let has_more = ids.len() == wanted;
        ids.truncate(query.limit);
        if has_more {
            self.generations.keep(generation.number);
        }
        let (highlighter, corrected) = match understood {
            Text::Words(understood) => (Highlighter::new(self.analysis.clone(), &understood), understood.corrected),
            Text::None | Text::Wordless => Default::default(),
        };
        let (counted, total) = (total, query.with_total.then_some(total));
        Ok(SearchHits { ids, has_more, total, counted, facets, highlighter, corrected, generation: generation.number })
    }

    /// At most so many hits, and how many were counted on the way.
    fn found(
        &self,
        searcher: &Searcher,
        understood: &Text,
        query: &SearchQuery,
        wanted: usize,
    ) -> Result<(Vec<ProductId>, usize)> {
        if let (Text::Words(understood), Sort::Relevance) = (understood, query.sort) {
            let filters = filter_clauses(&self.fields, &query.filters);
            let filters = (!filters.is_empty()).then(|| BooleanQuery::new(filters));
            let filters = filters.as_ref().map(|it| it as &dyn Query);
            let range = places(searcher, query.offset, wanted);
            if let Some(Best { ids, with_all, with_some }) =
                best(&self.fields, searcher, understood, filters, range.clone())?
            {
                let all = with_all >= range.end && !query.with_total;
                return Ok((ids, if all { with_all } else { with_all + with_some }));
            }
        }
        let (mut ids, mut total, mut skip) = (Vec::new(), 0, query.offset);
        for tier in self.tiers(searcher, understood, &query.filters)? {
            let (found, count) = collect(searcher, tier.as_ref(), query, skip, wanted - ids.len())?;
            ids.extend(found);
            total += count;
            skip = skip.saturating_sub(count);
            let is_full = ids.len() == wanted && !query.with_total;
            if is_full || (query.sort != Sort::Relevance && count > 0) {
                break;
            }
        }
        Ok((ids, total))
    }

    pub(super) fn understood(&self, searcher: &Searcher, query: &SearchQuery) -> Result<Text> {
        let Some(text) = query.text.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(Text::None) };
        let mut analysis = self.analysis.clone();
        let understood = understand(&self.fields, &mut analysis, searcher, &self.synonyms(), text)?;
        Ok(understood.map_or(Text::Wordless, Text::Words))
    }

    /// Queries that share no hit: those of the first all come before those of the second.
    pub(super) fn tiers(&self, searcher: &Searcher, text: &Text, filters: &Filters) -> Result<Vec<Box<dyn Query>>> {
        let tier = |mut clauses: Vec<(Occur, Box<dyn Query>)>| -> Box<dyn Query> {
            clauses.extend(filter_clauses(&self.fields, filters));
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

    /// Counts all hits by each facet; those that are not filtered by share one walk.
    fn facets(&self, searcher: &Searcher, text: &Text, query: &SearchQuery) -> Result<Vec<Counted>> {
        let mut walks: Vec<(Filters, Vec<FacetBy>)> = Vec::new();
        for facet in &query.facets {
            let filters = query.filters.besides(facet);
            match walks.iter_mut().find(|(of_walk, _)| *of_walk == filters) {
                Some((_, facets)) => facets.push(facet.clone()),
                None => walks.push((filters, vec![facet.clone()])),
            }
        }
        let mut counted = Vec::new();
        for (filters, facets) in walks {
            let tiers = self.tiers(searcher, text, &filters)?;
            let shown = shown(searcher, tiers, query.sort)?;
            counted.extend(facets.iter().cloned().zip(facets::count(searcher, shown.as_ref(), &facets)?));
        }
        let in_order = query.facets.iter().filter_map(|facet| {
            let place = counted.iter().position(|(counted, _)| counted == facet)?;
            Some(counted.swap_remove(place).1)
        });
        Ok(in_order.collect())
    }
}

/// The query that hits whatever a list in this order holds.
fn shown(searcher: &Searcher, tiers: Vec<Box<dyn Query>>, sort: Sort) -> Result<Box<dyn Query>> {
    if sort == Sort::Relevance {
        return Ok(Box::new(BooleanQuery::union(tiers)));
    }
    for tier in tiers {
        if tier.count(searcher)? > 0 {
            return Ok(tier);
        }
    }
    Ok(Box::new(EmptyQuery))
}

/// What a query's text comes to.
pub(super) enum Text {
    /// There is none, or it is blank.
    None,
    /// There is no word in it.
    Wordless,
    /// Something to look for.
    Words(Understood),
}

pub(super) fn filter_clauses(fields: &Fields, filters: &Filters) -> Vec<(Occur, Box<dyn Query>)> {
    let Filters { categories, brands, price, in_stock, product_ids, attributes, created_from, created_before, members } =
        filters;
    let some_of = |field: Field, values: &[String]| {
        let values = values.iter().map(String::as_str);
        (values.len() > 0).then(|| one_of(field, values))
    };
    let clauses = [
        some_of(fields.category_key, categories),
        some_of(fields.brand_key, brands),
        product_ids.as_ref().map(|ids| one_of(fields.product, ids.iter().map(|id| id.as_str()))),
        price.map(|price| price_query(fields.prices, price)),
        in_stock.map(|it| {
            Box::new(TermQuery::new(Term::from_field_bool(fields.in_stock, it), IndexRecordOption::Basic)) as _
        }),
        created_query(fields.created_at, *created_from, *created_before),
        members.as_ref().map(|members| members_query(fields, members)),
    ];
    let attributes = attributes.iter().map(|filter| attribute_query(fields, filter));
    // A filter adds nothing to the score.
    let silent = |query| -> Box<dyn Query> { Box::new(ConstScoreQuery::new(query, 0.0)) };
    clauses.into_iter().flatten().chain(attributes).map(|query| (Occur::Must, silent(query))).collect()
}

pub(super) fn one_of<'a>(field: Field, values: impl Iterator<Item = &'a str>) -> Box<dyn Query> {
    Box::new(TermSetQuery::new(values.map(|value| Term::from_field_text(field, value))))
}

pub(super) fn attribute_query(fields: &Fields, filter: &AttributeFilter) -> Box<dyn Query> {
    match filter {
        AttributeFilter::AnyOf { key, slugs } => {
            let keys: Vec<String> = slugs.iter().map(|slug| attribute_key(key, slug)).collect();
            one_of(fields.attribute_key, keys.iter().map(String::as_str))
        }
        AttributeFilter::Range { key, min, max } => {
            json_range(fields.attribute_numbers, key, min.unwrap_or(f64::MIN), *max)
        }
    }
}

pub(super) fn price_query(prices: Field, price: PriceFilter) -> Box<dyn Query> {
    json_range(prices, price.currency.as_str(), price.min.unwrap_or(i64::MIN), price.max)
}

/// A range of a column of a JSON field. It needs a lower bound to know the column's type: the smallest number of all
/// stands for none.
fn json_range<N: FastValue>(field: Field, path: &str, min: N, max: Option<N>) -> Box<dyn Query> {
    let bound = |number: N| {
        let mut term = Term::from_field_json_path(field, path, false);
        term.append_type_and_fast_value(number);
        Bound::Included(term)
    };
    Box::new(RangeQuery::new(bound(min), max.map_or(Bound::Unbounded, bound)))
}

pub(super) fn created_query(field: Field, from: Option<UtcTime>, before: Option<UtcTime>) -> Option<Box<dyn Query>> {
    let term = |at: UtcTime| Term::from_field_i64(field, at.micros());
    let from_bound = from.map_or(Bound::Unbounded, |at| Bound::Included(term(at)));
    let before_bound = before.map_or(Bound::Unbounded, |at| Bound::Excluded(term(at)));
    (from.is_some() || before.is_some()).then(|| Box::new(RangeQuery::new(from_bound, before_bound)) as _)
}

/// At most `limit` hits behind the first `skip`, in order, and the number of all hits.
pub(super) fn collect(
    searcher: &Searcher,
    query: &dyn Query,
    asked: &SearchQuery,
    skip: usize,
    limit: usize,
) -> Result<(Vec<ProductId>, usize)> {
    let range = places(searcher, skip, limit);
    if range.is_empty() {
        return Ok((Vec::new(), searcher.search(query, &Count)?));
    }
    let created_at = SortByStaticFastValue::<i64>::for_field(column::CREATED_AT);
    match asked.sort {
        Sort::Relevance => ordered(searcher, query, range, SortBySimilarityScore),
        Sort::Price(currency) => ordered(searcher, query, range, (ByNumber::price(currency), Order::Asc)),
        Sort::PriceDesc(currency) => ordered(searcher, query, range, ByNumber::price(currency)),
        Sort::Popularity => ordered(searcher, query, range, ByNumber::popularity()),
        Sort::Name => ordered(searcher, query, range, (SortByString::for_field(column::NAME_ORDER), Order::Asc)),
        Sort::CreatedDesc => ordered(searcher, query, range, created_at),
        Sort::Place => ordered(searcher, query, range, (ByPlace::new(asked.filters.members.as_ref()), Order::Asc)),
    }
}

/// The places of a page. None reaches beyond the last product: what is held of the hits before it is bounded so.
fn places(searcher: &Searcher, skip: usize, limit: usize) -> Range<usize> {
    let last = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
    skip.min(last)..skip.saturating_add(limit).min(last)
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
