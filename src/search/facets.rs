//! How many hits have which value: of a brand, a category, a price, an attribute.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use tantivy::{
    DocId, Score, Searcher, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, StrColumn},
    query::Query,
};

use super::fields::{SEPARATOR, attribute_column, column, number_column};
use crate::{error::Result, money::Currency};

/// What hits are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacetBy {
    /// The brand.
    Brand,
    /// The categories, those above them too.
    Category,
    /// The price of the cheapest variant, in ranges.
    Price(Currency),
    /// The values of a filterable attribute.
    Values(String),
    /// The numbers of a filterable attribute, in ranges.
    Numbers(String),
}

/// What was counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Counted {
    /// Hits by value, the most frequent first.
    Values(Vec<CountedValue>),
    /// Every hit's number, from the smallest on.
    Numbers(Vec<f64>),
}

/// A value that hits have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedValue {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub label: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The hits that have it.
    pub count: u64,
}

/// Counts the hits of `query` by each of `facets`.
pub(super) fn count(searcher: &Searcher, query: &dyn Query, facets: &[FacetBy]) -> Result<Vec<Counted>> {
    Ok(searcher.search(query, &Facets(facets.to_vec()))?)
}

struct Facets(Vec<FacetBy>);

/// Of one segment: how many hits have each value, or all numbers.
enum Tally {
    Values(HashMap<String, u64>),
    Numbers(Vec<f64>),
}

impl Collector for Facets {
    type Fruit = Vec<Counted>;
    type Child = SegmentFacets;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentFacets> {
        let columns = segment.fast_fields();
        let values = |name: &str| -> tantivy::Result<SegmentTally> {
            let column = columns.str(name)?;
            let counts = vec![0; column.as_ref().map_or(0, |column| column.num_terms())];
            Ok(SegmentTally::Values { column, counts })
        };
        let opened = self.0.iter().map(|facet| match facet {
            FacetBy::Brand => values(column::BRAND),
            FacetBy::Category => values(column::CATEGORY),
            FacetBy::Values(key) => values(&attribute_column(key)),
            FacetBy::Price(currency) => {
                let column = columns.column_opt(&format!("{}.{currency}", column::PRICES))?;
                Ok(SegmentTally::Amounts { column, found: Vec::new() })
            }
            FacetBy::Numbers(key) => {
                Ok(SegmentTally::Numbers { column: columns.column_opt(&number_column(key))?, found: Vec::new() })
            }
        });
        Ok(SegmentFacets(opened.collect::<tantivy::Result<_>>()?))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Vec<Tally>>>) -> tantivy::Result<Vec<Counted>> {
        let mut values: Vec<BTreeMap<String, u64>> = vec![BTreeMap::new(); self.0.len()];
        let mut numbers: Vec<Vec<f64>> = vec![Vec::new(); self.0.len()];
        for segment in segments {
            for (place, tally) in segment?.into_iter().enumerate() {
                match tally {
                    Tally::Values(counts) => {
                        counts.into_iter().for_each(|(value, count)| *values[place].entry(value).or_default() += count);
                    }
                    Tally::Numbers(found) => numbers[place].extend(found),
                }
            }
        }
        let counted = self.0.iter().zip(values.into_iter().zip(numbers)).map(|(facet, (values, mut numbers))| {
            if matches!(facet, FacetBy::Price(_) | FacetBy::Numbers(_)) {
                numbers.sort_unstable_by(f64::total_cmp);
                Counted::Numbers(numbers)
            } else {
                Counted::Values(by_frequency(values))
            }
        });
        Ok(counted.collect())
    }
}

/// Values that share a slug are one: what differs in case or accents only is filtered as one, too.
fn by_frequency(values: BTreeMap<String, u64>) -> Vec<CountedValue> {
    let mut found: Vec<CountedValue> = Vec::new();
    for (value, count) in values {
        let mut parts = value.split(SEPARATOR).map(str::to_owned);
        let slug = parts.next().unwrap_or_default();
        let label = parts.next().unwrap_or_default();
        match found.last_mut().filter(|last| last.slug == slug) {
            Some(last) => last.count += count,
            None => found.push(CountedValue { slug, label, id: parts.next(), count }),
        }
    }
    found.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.slug.cmp(&b.slug)));
    found
}

struct SegmentFacets(Vec<SegmentTally>);

enum SegmentTally {
    Values { column: Option<StrColumn>, counts: Vec<u64> },
    Amounts { column: Option<Column<i64>>, found: Vec<f64> },
    Numbers { column: Option<Column<f64>>, found: Vec<f64> },
}

impl SegmentCollector for SegmentFacets {
    type Fruit = tantivy::Result<Vec<Tally>>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.0.iter_mut().for_each(|tally| tally.count(docs));
    }

    fn harvest(self) -> Self::Fruit {
        self.0.into_iter().map(SegmentTally::harvest).collect()
    }
}

/// The values of those documents that have one.
fn first_of_each<N: PartialOrd + Copy + Debug + Send + Sync + 'static>(
    column: &Column<N>,
    docs: &[DocId],
) -> impl Iterator<Item = N> {
    let mut values = vec![None; docs.len()];
    column.first_vals(docs, &mut values);
    values.into_iter().flatten()
}

impl SegmentTally {
    fn count(&mut self, docs: &[DocId]) {
        match self {
            Self::Values { column: Some(column), counts } => {
                for ordinal in docs.iter().flat_map(|&doc| column.term_ords(doc)) {
                    // Ordinals count from 0 to the number of terms.
                    counts[ordinal as usize] += 1;
                }
            }
            // Amounts are below 2^53, so that a float has each exactly.
            Self::Amounts { column: Some(column), found } => {
                found.extend(first_of_each(column, docs).map(|it| it as f64));
            }
            Self::Numbers { column: Some(column), found } => found.extend(first_of_each(column, docs)),
            Self::Values { .. } | Self::Amounts { .. } | Self::Numbers { .. } => {}
        }
    }

    fn harvest(self) -> tantivy::Result<Tally> {
        let (column, counts) = match self {
            Self::Amounts { found, .. } | Self::Numbers { found, .. } => return Ok(Tally::Numbers(found)),
            Self::Values { column: None, .. } => return Ok(Tally::Values(HashMap::new())),
            Self::Values { column: Some(column), counts } => (column, counts),
        };
        let mut values = HashMap::new();
        for (ordinal, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let mut value = String::new();
            column.ord_to_str(ordinal as u64, &mut value)?;
            values.insert(value, count);
        }
        Ok(Tally::Values(values))
    }
}

/// A range of numbers, both ends inclusive, and how many hits lie in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountedRange {
    /// From here.
    pub min: f64,
    /// To here.
    pub max: f64,
    /// Hits in it.
    pub count: u64,
}

/// At most this many ranges.
const RANGES: usize = 5;
/// Powers of ten that are tried for a round bound: beyond them a float has no more digits.
const POWERS: i32 = 17;

/// Ranges that part `numbers` (sorted) into about equal shares, however far apart some of them lie. Each number lies in
/// one range: where one ends below the next begins, at the integer before it of `whole` numbers, else at the greatest
/// number that is really there.
pub fn ranges(numbers: &[f64], whole: bool) -> Vec<CountedRange> {
    let (Some(&least), Some(&most)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let mut bounds = Vec::new();
    let mut rest = numbers;
    while bounds.len() + 1 < RANGES
        && let Some(bound) = bound_between(rest, RANGES - bounds.len())
    {
        bounds.push(bound);
        rest = &rest[rest.partition_point(|&it| it < bound)..];
    }
    let first = match bounds.first() {
        Some(&bound) => roundest(least - (bound - least) / 4.0, least),
        None => least,
    };
    let ends: Vec<f64> = bounds.iter().copied().chain([f64::INFINITY]).collect();
    let begins = [first].into_iter().chain(bounds);
    let mut left = numbers;
    let counted = begins.zip(ends).map(|(min, end)| {
        let (inside, behind) = left.split_at(left.partition_point(|&it| it < end));
        left = behind;
        // Below each bound there is a number.
        let greatest = inside.last().copied().unwrap_or(most);
        let max = if whole && end.is_finite() { end - 1.0 } else { greatest };
        CountedRange { min, max, count: inside.len() as u64 }
    });
    counted.collect()
}

/// The roundest number above which a range may begin, so that about one of `shares` of the numbers lies below it; none
/// where all of them are the same from there on.
fn bound_between(numbers: &[f64], shares: usize) -> Option<f64> {
    let last = numbers.len().checked_sub(1)?;
    let share = numbers.len() as f64 / shares as f64;
    let at = |part: f64| numbers[((share * part) as usize).min(last)];
    let (below, upto) = (at(2.0 / 3.0), at(4.0 / 3.0));
    let upto = if upto > below { Some(upto) } else { numbers.get(numbers.partition_point(|&it| it <= below)).copied() };
    Some(roundest(below, upto?))
}

/// The roundest number above `below` up to `upto`: the one that is a multiple of the greatest 1, 2 or 5 of a power of ten.
fn roundest(below: f64, upto: f64) -> f64 {
    let highest = below.abs().max(upto.abs()).log10().ceil();
    if !highest.is_finite() {
        return upto;
    }
    // Within the powers of ten that there are floats of.
    let highest = highest as i32;
    for power in (highest - POWERS..=highest).rev() {
        // By the power's inverse, where it is a fraction, so that what comes of it is the float nearest to the decimal.
        let scale = 10f64.powi(power.abs());
        for times in [1.0, 0.5, 0.2] {
            let rounded = match power > 0 {
                true => (upto / (times * scale)).floor() * (times * scale),
                false => (upto * scale / times).floor() * (times * 10.0) / (scale * 10.0),
            };
            if rounded > below && rounded <= upto {
                return rounded;
            }
        }
    }
    upto
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What holds of all ranges: as a filter that takes both ends has them, each number lies in one.
    fn check(numbers: &[f64], whole: bool) -> Result<(), TestCaseError> {
        let ranges = ranges(numbers, whole);
        prop_assert!(ranges.len() <= RANGES);
        prop_assert!(ranges.windows(2).all(|pair| pair[0].max < pair[1].min), "{:?}", ranges);
        for CountedRange { min, max, count } in &ranges {
            let inside = numbers.iter().filter(|&it| it >= min && it <= max).count() as u64;
            prop_assert!(*count > 0 && inside == *count, "{:?}", ranges);
        }
        prop_assert_eq!(ranges.iter().map(|it| it.count).sum::<u64>(), numbers.len() as u64);
        let mut different = numbers.to_vec();
        different.dedup();
        prop_assert!(ranges.len() > 1 || different.len() == 1, "{:?}", ranges);
        if different.len() == numbers.len() && numbers.len() >= 20 {
            let largest = ranges.iter().map(|it| it.count).max().unwrap_or_default();
            prop_assert!(largest <= numbers.len() as u64 / 2, "{:?}", ranges);
        }
        Ok(())
    }

    fn sorted(numbers: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers
    }

    proptest! {
        #[test]
        fn each_price_lies_in_one_range_whatever_the_outliers(
            prices in prop::collection::vec(0u32..5_000, 1..200),
            outliers in prop::collection::vec(0i64..900_000_000_000, 0..4),
        ) {
            let prices = prices.into_iter().map(f64::from).chain(outliers.into_iter().map(|it| it as f64));
            check(&sorted(prices), true)?;
        }

        #[test]
        fn each_number_lies_in_one_range(numbers in prop::collection::vec(-1e6f64..1e6, 1..200)) {
            check(&sorted(numbers), false)?;
        }

        #[test]
        fn numbers_of_any_size_are_parted(numbers in prop::collection::vec(
            prop_oneof![-1e15f64..1e15, -1e-9f64..1e-9, Just(0.1), Just(0.2), Just(0.3)], 1..60,
        )) {
            check(&sorted(numbers.into_iter().map(|it| it + 0.0)), false)?;
        }
    }

    #[test]
    fn bounds_are_round() {
        let bounds = |numbers: &[f64], whole| -> Vec<(f64, f64, u64)> {
            ranges(numbers, whole).iter().map(|it| (it.min, it.max, it.count)).collect()
        };
        let mut prices: Vec<f64> = (0..100).map(|it| f64::from(it) * 37.0 + 500.0).collect();
        prices.push(1_000_000.0);
        assert_eq!(
            bounds(&prices, true),
            [
                (500.0, 999.0, 14),
                (1000.0, 1999.0, 27),
                (2000.0, 2499.0, 14),
                (2500.0, 3499.0, 27),
                (3500.0, 1_000_000.0, 19)
            ]
        );
        let capacities = [340.0, 540.0, 600.0, 750.0, 1100.0];
        assert_eq!(
            bounds(&capacities, false),
            [(340.0, 340.0, 1), (500.0, 540.0, 1), (600.0, 600.0, 1), (700.0, 750.0, 1), (1000.0, 1100.0, 1)]
        );
        assert_eq!(bounds(&[0.1, 0.3, 0.3, 0.3], false), [(0.1, 0.1, 1), (0.2, 0.3, 3)]);
        assert_eq!(ranges(&[7.5], false), [CountedRange { min: 7.5, max: 7.5, count: 1 }]);
        assert!(ranges(&[], true).is_empty());
    }
}
