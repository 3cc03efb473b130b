//! How a page of found products looks from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Counted, CountedRange, CountedValue, FacetBy, Filters, Highlighter, ranges};
use crate::{
    catalog::{
        filterable::{AttributeFilter, Filterable, PARAMETER},
        view::{CategoryRef, ProductSummary},
    },
    money::Money,
    page::Page,
};

/// Values of a facet that are shown.
const VALUES: usize = 50;

/// A page of found products.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SearchPage {
    /// The products.
    #[schema(max_items = 100)]
    pub items: Vec<FoundProduct>,
    /// Where this page stands.
    pub page: Page,
    /// How the products that were found divide, by each facet that was asked for.
    #[schema(max_items = 20)]
    pub facets: Vec<Facet>,
    /// What was searched for in the place of `q`, where that holds words that no product has.
    #[schema(required, max_length = 4000, example = "enamel mug")]
    pub corrected_query: Option<String>,
}

/// A product that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundProduct {
    /// The product.
    #[serde(flatten)]
    pub product: ProductSummary,
    /// Where the words were found.
    pub highlight: Highlight,
}

/// Texts as HTML, with the words that were found in `<mark>`. All else in them is text, with `<`, `>`, `&` and quotes
/// written as HTML wants it, so that they may be put into a page as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// The name; null where no word was found in it.
    #[schema(required, max_length = 10000, example = "Enamel <mark>mug</mark>")]
    pub name: Option<String>,
    /// Some words of the description around the first that was found; null where none was.
    #[schema(required, max_length = 10000)]
    pub description: Option<String>,
}

impl Highlight {
    /// Of a product's name and the text of its description.
    pub fn of(highlighter: &mut Highlighter, name: &str, description: &str) -> Self {
        Self { name: highlighter.marked(name), description: highlighter.excerpt(description) }
    }
}

/// What products are counted by.
#[derive(ToSchema)]
#[schema(
    pattern = "^(brand|category|price|attr\\.[a-z0-9][a-z0-9_]{0,79})$",
    min_length = 1,
    max_length = 85,
    example = "brand"
)]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct FacetName(String);

/// How products divide by one of their properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    /// As it was asked for.
    #[schema(min_length = 1, max_length = 100, example = "attr.color")]
    pub name: String,
    /// What shoppers call it.
    #[schema(min_length = 1, max_length = 300, example = "Color")]
    pub label: String,
    /// Of what kind its values are.
    #[serde(rename = "type")]
    pub kind: FacetKind,
    /// The values that most products have, or ranges from the lowest on.
    #[schema(max_items = 50)]
    pub values: Vec<FacetValue>,
    /// How often products have values that are not shown.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub other: u64,
}

/// Of what kind a facet's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FacetKind {
    /// Values, of which a filter takes any number.
    Value,
    /// Ranges of numbers.
    Range,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    /// What the filter takes: a slug, or a range such as `1000..4999`, whose ends `price_min` and `price_max` take.
    #[schema(min_length = 1, max_length = 400, example = "natural")]
    pub value: String,
    /// What shoppers call it.
    #[schema(min_length = 1, max_length = 500, example = "Natural")]
    pub label: String,
    /// Products that have it and fulfil every filter but those on this facet.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 7)]
    pub count: u64,
    /// Whether it is filtered by.
    pub selected: bool,
}

/// What somebody who is still typing may mean.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Suggestions {
    /// Texts to search for, the one that finds most products first.
    #[schema(value_type = Vec<SuggestedQuery>, max_items = 10)]
    pub queries: Vec<String>,
    /// Products, the best first.
    #[schema(max_items = 10)]
    pub products: Vec<ProductSummary>,
    /// Categories in whose name every word begins a word.
    #[schema(max_items = 10)]
    pub categories: Vec<CategoryRef>,
}

/// A text to search for.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 4000, example = "enamel mug")]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct SuggestedQuery(String);

impl Facet {
    /// What was counted by a facet, as it is shown.
    pub fn of(by: &FacetBy, counted: Counted, filterable: &Filterable, filters: &Filters) -> Self {
        let (name, label) = match by {
            FacetBy::Brand => ("brand".to_owned(), "Brand".to_owned()),
            FacetBy::Category => ("category".to_owned(), "Category".to_owned()),
            FacetBy::Price(_) => ("price".to_owned(), "Price".to_owned()),
            FacetBy::Values(key) | FacetBy::Numbers(key) => {
                let definition = filterable.get(key);
                let label = definition.map_or_else(|| key.clone(), |it| it.label.clone());
                let unit = definition.and_then(|it| it.unit.as_deref()).map(|unit| format!(" ({unit})"));
                (format!("{PARAMETER}{key}"), label + unit.as_deref().unwrap_or_default())
            }
        };
        let (kind, values, other) = match counted {
            Counted::Values(values) => {
                let (shown, other) = values_of(values, |it| is_chosen(by, filters, it));
                (FacetKind::Value, shown, other)
            }
            Counted::Numbers(numbers) => {
                let ranges = ranges(&numbers, matches!(by, FacetBy::Price(_)));
                let values = ranges.iter().map(|it| range_value(it, by, chosen_range(by, filters))).collect();
                (FacetKind::Range, values, 0)
            }
        };
        Self { name, label, kind, values, other }
    }
}

fn values_of(values: Vec<CountedValue>, is_chosen: impl Fn(&CountedValue) -> bool) -> (Vec<FacetValue>, u64) {
    let mut shown = Vec::new();
    let mut other = 0;
    for value in values {
        let selected = is_chosen(&value);
        // What is chosen is shown however rare it is.
        if shown.len() < VALUES || selected {
            let CountedValue { slug, label, count, .. } = value;
            shown.push(FacetValue { value: slug, label, count, selected });
        } else {
            other += value.count;
        }
    }
    while shown.len() > VALUES
        && let Some(place) = shown.iter().rposition(|it| !it.selected)
    {
        other += shown.remove(place).count;
    }
    shown.truncate(VALUES);
    (shown, other)
}

fn is_chosen(by: &FacetBy, filters: &Filters, value: &CountedValue) -> bool {
    let among = |chosen: &[String]| chosen.iter().any(|it| *it == value.slug || value.id.as_ref() == Some(it));
    match by {
        FacetBy::Brand => among(&filters.brands),
        FacetBy::Category => among(&filters.categories),
        FacetBy::Values(key) => filters.attributes.iter().any(|filter| match filter {
            AttributeFilter::AnyOf { key: of, slugs } => of == key && slugs.contains(&value.slug),
            AttributeFilter::Range { .. } => false,
        }),
        FacetBy::Price(_) | FacetBy::Numbers(_) => false,
    }
}

fn chosen_range(by: &FacetBy, filters: &Filters) -> Option<(Option<f64>, Option<f64>)> {
    match by {
        // Amounts are below 2^53, so that a float has each exactly.
        FacetBy::Price(_) => filters.price.map(|it| (it.min.map(|it| it as f64), it.max.map(|it| it as f64))),
        FacetBy::Numbers(key) => filters.attributes.iter().find_map(|filter| match filter {
            AttributeFilter::Range { key: of, min, max } if of == key => Some((*min, *max)),
            _ => None,
        }),
        _ => None,
    }
}

fn range_value(range: &CountedRange, by: &FacetBy, chosen: Option<(Option<f64>, Option<f64>)>) -> FacetValue {
    let CountedRange { min, max, count } = *range;
    let label = match by {
        FacetBy::Price(currency) => {
            // Bounds of prices are whole minor units below 2^53.
            let amount = |minor: f64| Money::new(minor as i64, *currency).decimal();
            format!("{} – {} {currency}", amount(min), amount(max))
        }
        _ => format!("{min} – {max}"),
    };
    FacetValue { value: format!("{min}..{max}"), label, count, selected: chosen == Some((Some(min), Some(max))) }
}
