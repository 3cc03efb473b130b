//! Lists without a text, by key: which products stand behind one in a list that is narrowed by filters. A database would
//! have to read all products in the list's order, or all that fit, to find those of one page.

pub(super) mod api;
mod listing;

use std::collections::BinaryHeap;

use tantivy::{
    DocId, SegmentReader, Term,
    collector::{Count, SegmentSortKeyComputer, SortKeyComputer},
    columnar::{Column, StrColumn, TermOrdHit},
    query::{AllQuery, BooleanQuery, EnableScoring, Occur, Query},
};

use super::{
    Filters, SearchIndex, Sort,
    fields::{attribute_key, column, price_column},
    query::filter_clauses,
    rank::{ByProduct, ProductColumns},
};
use crate::{
    catalog::{filterable::AttributeFilter, list::Key},
    error::Result,
    ids::ProductId,
};

/// A condition alone is narrow where it admits at most one product of so many: of others the database finds a page among
/// the first products that it reads.
const OF_ONE: usize = 8;
/// The same where there are several: together they may admit far fewer.
const OF_SEVERAL: usize = 3;

/// Where a product stands in a segment, smaller numbers first: whether behind all that have a number, its number, its id.
type Place = (bool, i64, u128);

impl SearchIndex {
    /// Whether a page of these products is found sooner here than in a database that reads all products in order.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn narrows(&self, filters: &Filters, sort: Sort) -> Result<bool> {
        let searcher = self.generations.current().searcher;
        let Filters { categories, brands, in_stock, attributes, price, created_from, created_before, members, .. } =
            filters;
        let by_date = sort == Sort::CreatedDesc;
        let by_price = matches!(sort, Sort::Price(_) | Sort::PriceDesc(_));
        let mut admitted = Vec::new();
        // Nobody has counted what lies in a range, and what rules admit.
        let is_made = created_from.is_some() || created_before.is_some();
        let is_uncounted = (is_made && !by_date) || (price.is_some() && !by_price) || members.is_some();
        admitted.extend(is_uncounted.then_some(0));
        let frequency = |term: Term| Ok(usize::try_from(searcher.doc_freq(&term)?).unwrap_or(usize::MAX));
        let of_terms = |terms: Vec<Term>| terms.into_iter().map(frequency).sum::<Result<usize>>();
        for (field, keys) in [(self.fields.category_key, categories), (self.fields.brand_key, brands)] {
            if !keys.is_empty() {
                admitted.push(of_terms(keys.iter().map(|key| Term::from_field_text(field, key)).collect())?);
            }
        }
        if let Some(in_stock) = in_stock {
            admitted.push(frequency(Term::from_field_bool(self.fields.in_stock, *in_stock))?);
        }
        for attribute in attributes {
            admitted.push(match attribute {
                AttributeFilter::AnyOf { key, slugs } => {
                    let keys = slugs.iter().map(|slug| attribute_key(key, slug));
                    of_terms(keys.map(|key| Term::from_field_text(self.fields.attribute_key, &key)).collect())?
                }
                AttributeFilter::Range { .. } => 0,
            });
        }
        let of = if admitted.len() == 1 { OF_ONE } else { OF_SEVERAL };
        let most = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX) / of;
        Ok(admitted.into_iter().min().is_some_and(|least| least <= most))
    }

    /// At most so many products that stand next to `from` in this order, behind it, or `backwards` before it; without it
    /// those at the list's beginning, or at its end. Equal ones stand by id.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn listed(
        &self,
        filters: &Filters,
        sort: Sort,
        from: Option<&Key>,
        backwards: bool,
        most: usize,
    ) -> Result<Vec<ProductId>> {
        let searcher = self.generations.current().searcher;
        let weight = self.admitted(filters).weight(EnableScoring::disabled_from_searcher(&searcher))?;
        let mut found = Vec::new();
        for segment in searcher.segment_readers() {
            let mut columns = Columns::new(segment, sort)?;
            let from = from.map(|key| columns.place(key)).transpose()?;
            let mut nearest = Nearest::new(from, backwards, most);
            weight.for_each_no_score(segment, &mut |documents| {
                for doc in documents.iter().filter(|doc| !segment.is_deleted(**doc)) {
                    nearest.add(columns.number(*doc), || columns.products.segment_sort_key(*doc, 0.0));
                }
            })?;
            for place in nearest.places() {
                found.push(columns.across_segments(place)?);
            }
        }
        found.sort_unstable();
        if backwards {
            found.reverse();
        }
        found.truncate(most);
        Ok(found.into_iter().map(|(.., id)| ProductId::from_bits(id)).collect())
    }

    /// How many products the filters admit.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn count(&self, filters: &Filters) -> Result<usize> {
        Ok(self.generations.current().searcher.search(&self.admitted(filters), &Count)?)
    }

    fn admitted(&self, filters: &Filters) -> BooleanQuery {
        let mut clauses = filter_clauses(&self.fields, filters);
        if clauses.is_empty() {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        BooleanQuery::new(clauses)
    }
}

/// Of the places that it is given, the nearest behind another, or before it.
struct Nearest {
    /// The other; as the places are, turned round where those before it are wanted.
    from: Option<Place>,
    backwards: bool,
    most: usize,
    places: BinaryHeap<Place>,
}

impl Nearest {
    fn new(from: Option<Place>, backwards: bool, most: usize) -> Self {
        Self { from: from.map(|place| turned(place, backwards)), backwards, most, places: BinaryHeap::new() }
    }

    /// The id is read only where the number is near enough.
    fn add(&mut self, (is_last, number): (bool, i64), id: impl FnOnce() -> u128) {
        let (near, far) = (self.from, self.places.peek().filter(|_| self.places.len() >= self.most));
        let (turned_last, turned_number, _) = turned((is_last, number, 0), self.backwards);
        let is_beyond = |far: &Place| (turned_last, turned_number) > (far.0, far.1);
        if near.is_some_and(|near| (turned_last, turned_number) < (near.0, near.1)) || far.is_some_and(is_beyond) {
            return;
        }
        let place = turned((is_last, number, id()), self.backwards);
        if near.is_none_or(|near| place > near) {
            self.places.push(place);
            if self.places.len() > self.most {
                self.places.pop();
            }
        }
    }

    fn places(self) -> impl Iterator<Item = Place> {
        self.places.into_iter().map(move |place| turned(place, self.backwards))
    }
}

/// The place in the list as it is read backwards, and back again.
fn turned((is_last, number, id): Place, backwards: bool) -> Place {
    if backwards { (!is_last, !number, !id) } else { (is_last, number, id) }
}

/// What a segment's products are ordered by.
struct Columns {
    by: By,
    products: ProductColumns,
}

enum By {
    /// Where no product of the segment has a number, there may be no column.
    Rising(Option<Column<i64>>),
    Falling(Option<Column<i64>>),
    /// Names have numbers in their order, which are even: odd ones stand for names that the segment does not have.
    Name(Option<StrColumn>),
    Id,
}

impl Columns {
    fn new(segment: &SegmentReader, sort: Sort) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let numbers = |name: &str| columns.column_opt(name);
        let by = match sort {
            Sort::Price(currency) => By::Rising(numbers(&price_column(currency))?),
            Sort::PriceDesc(currency) => By::Falling(numbers(&price_column(currency))?),
            Sort::Popularity => By::Falling(numbers(column::POPULARITY)?),
            Sort::CreatedDesc => By::Falling(numbers(column::CREATED_AT)?),
            Sort::Name => By::Name(columns.str(column::NAME_ORDER)?),
            Sort::Relevance | Sort::Place => By::Id,
        };
        Ok(Self { by, products: ByProduct.segment_sort_key_computer(segment)? })
    }

    fn number(&self, doc: DocId) -> (bool, i64) {
        let number = match &self.by {
            By::Rising(numbers) => numbers.as_ref().and_then(|it| it.first(doc)),
            By::Falling(numbers) => numbers.as_ref().and_then(|it| it.first(doc)).map(|it| !it),
            By::Name(names) => names.as_ref().and_then(|it| it.ords().first(doc)).map(number_of_name),
            By::Id => None,
        };
        (number.is_none(), number.unwrap_or_default())
    }

    /// The place of a key that a list has written down.
    fn place(&self, key: &Key) -> Result<Place> {
        let (number, id) = match (key, &self.by) {
            (Key::Created(at, id), _) => (Some(!at.micros()), id),
            (Key::Number(number, id), By::Falling(_)) => (number.map(|it| !it), id),
            (Key::Number(number, id), _) => (*number, id),
            (Key::Name(name, id), By::Name(Some(names))) => {
                let found =
                    names.dictionary().term_ord_or_next(name.as_bytes()).map_err(tantivy::TantivyError::from)?;
                let number = match found {
                    TermOrdHit::Exact(place) => number_of_name(place),
                    TermOrdHit::Next(place) => number_of_name(place.min(names.num_terms() as u64)) - 1,
                };
                (Some(number), id)
            }
            (Key::Name(_, id), _) => (None, id),
        };
        Ok((number.is_none(), number.unwrap_or_default(), id.bits()))
    }

    /// The place as places of other segments can be compared with it.
    fn across_segments(&self, (is_last, number, id): Place) -> Result<(bool, i64, String, u128)> {
        let By::Name(Some(names)) = &self.by else { return Ok((is_last, number, String::new(), id)) };
        let mut name = String::new();
        names.ord_to_str(number.unsigned_abs() / 2, &mut name).map_err(tantivy::TantivyError::from)?;
        Ok((is_last, 0, name, id))
    }
}

/// Segments hold far fewer names than would make it too large.
fn number_of_name(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX / 2) * 2
}
