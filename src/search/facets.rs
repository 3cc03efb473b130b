//! How many hits have which value: of a brand, a category, a price, an attribute.

use std::collections::{BTreeMap, HashMap};

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
                numbers.sort_by(f64::total_cmp);
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
        for tally in &mut self.0 {
            match tally {
                SegmentTally::Values { column: Some(column), counts } => {
                    for ordinal in column.term_ords(doc) {
                        // Ordinals count from 0 to the number of terms.
                        counts[ordinal as usize] += 1;
                    }
                }
                // Amounts are below 2^53, so that a float has each exactly.
                SegmentTally::Amounts { column: Some(column), found } => {
                    found.extend(column.first(doc).map(|it| it as f64));
                }
                SegmentTally::Numbers { column: Some(column), found } => found.extend(column.first(doc)),
                SegmentTally::Values { .. } | SegmentTally::Amounts { .. } | SegmentTally::Numbers { .. } => {}
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.0.into_iter().map(SegmentTally::harvest).collect()
    }
}

impl SegmentTally {
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

/// Ranges with round bounds that part `numbers` (sorted) into about equal shares. `whole` numbers are parted so that
/// none lies in two ranges; others may share a bound, as the filter by them has it.
pub fn ranges(numbers: &[f64], whole: bool) -> Vec<CountedRange> {
    let (Some(&least), Some(&most)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let mut bounds = vec![round_down(least, most - least)];
    for share in 1..RANGES {
        let bound = round_down(numbers[numbers.len() * share / RANGES], most - least);
        if bound > bounds[bounds.len() - 1] {
            bounds.push(bound);
        }
    }
    let ends = bounds[1..].iter().map(|&bound| if whole { bound - 1.0 } else { bound });
    let last = if whole { most.ceil() } else { most };
    let ends: Vec<f64> = ends.chain([last]).collect();
    let counted = bounds.iter().zip(ends).map(|(&min, max)| {
        let below_min = numbers.partition_point(|&it| it < min);
        let up_to_max = numbers.partition_point(|&it| it <= max);
        CountedRange { min, max, count: (up_to_max - below_min) as u64 }
    });
    counted.filter(|range| range.count > 0).collect()
}

/// The number without what is finer than a fiftieth of the spread, counted in steps of 1, 2 or 5 of a power of ten.
fn round_down(number: f64, spread: f64) -> f64 {
    if spread <= 0.0 {
        return number;
    }
    let finest = spread / 50.0;
    let power = 10f64.powf(finest.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power).find(|it| *it >= finest).unwrap_or(power * 10.0);
    let rounded = (number / step).floor() * step;
    // What floats cannot say exactly shows behind the ninth digit.
    let scale = 1e9 / 10f64.powf(spread.log10().ceil());
    (rounded * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whole_numbers_lie_in_one_range_each(mut numbers in prop::collection::vec(0u32..1_000_000, 1..200)) {
            numbers.sort_unstable();
            let numbers: Vec<f64> = numbers.into_iter().map(f64::from).collect();
            let ranges = ranges(&numbers, true);
            prop_assert!(ranges.len() <= RANGES);
            prop_assert_eq!(ranges.iter().map(|it| it.count).sum::<u64>(), numbers.len() as u64);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].max < pair[1].min));
        }

        #[test]
        fn no_number_lies_outside_the_ranges(mut numbers in prop::collection::vec(-1e6f64..1e6, 1..200)) {
            numbers.sort_by(f64::total_cmp);
            let ranges = ranges(&numbers, false);
            prop_assert!(numbers.iter().all(|it| ranges.iter().any(|range| (range.min..=range.max).contains(it))));
        }
    }

    #[test]
    fn bounds_are_round() {
        let numbers: Vec<f64> = (0..1000).map(|it| f64::from(it) * 13.0 + 299.0).collect();
        let bounds: Vec<(f64, f64)> = ranges(&numbers, true).iter().map(|it| (it.min, it.max)).collect();
        assert_eq!(bounds, [(0.0, 2499.0), (2500.0, 4999.0), (5000.0, 7999.0), (8000.0, 10499.0), (10500.0, 13286.0)]);
        assert_eq!(ranges(&[7.5], false), [CountedRange { min: 7.5, max: 7.5, count: 1 }]);
        assert!(ranges(&[], true).is_empty());
    }
}
