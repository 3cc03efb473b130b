//! The rules by which products come into a collection.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    catalog::{
        attribute_definition::AttributeKind,
        filterable::{AttributeFilter, Filterable, is_slug},
    },
    db::{
        Conn,
        schema::{brands, categories},
    },
    error::{Code, Violation},
    ids::{BrandId, CategoryId},
    money::Currency,
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// Whether a product meets all conditions or any of them.
    RulesMatch {
        /// Every one.
        All = "all",
        /// One of them at least.
        Any = "any",
    }
}

/// What a product must meet to be in a collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"match": "all", "conditions": [{"price": {"currency": "EUR", "max": 5000}}, {"in_stock": true}]}))]
pub struct CollectionRules {
    /// How many of the conditions it must meet.
    #[serde(rename = "match")]
    pub matching: RulesMatch,
    /// The conditions.
    #[schema(value_type = Vec<CollectionCondition>, min_items = 1, max_items = 20)]
    pub conditions: Vec<Condition>,
}

/// A condition, as it is kept and sent: an object with one member. [`CollectionCondition`] says what that may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It stands in one of these categories, or below.
    Category(Vec<CategoryId>),
    /// It is of one of these brands.
    Brand(Vec<BrandId>),
    /// What its cheapest variant costs.
    Price(PriceCondition),
    /// A filterable attribute or option.
    Attribute(AttributeCondition),
    /// When it was made.
    CreatedAt(CreatedCondition),
    /// Whether it can be bought from the shelf.
    InStock(bool),
}

impl Condition {
    /// How many values it compares with, at most.
    pub fn values(&self) -> usize {
        match self {
            Self::Category(ids) => ids.len(),
            Self::Brand(ids) => ids.len(),
            // Of an attribute also the key, of a price the currency.
            Self::Attribute(attribute) => 3 + attribute.any_of.as_ref().map_or(0, Vec::len),
            Self::Price(_) | Self::CreatedAt(_) | Self::InStock(_) => 3,
        }
    }
}

/// A condition: one of these members.
#[derive(ToSchema)]
#[schema(min_properties = 1, max_properties = 1, example = json!({"price": {"currency": "EUR", "max": 5000}}))]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "stands for a condition in the document")]
pub struct CollectionCondition {
    /// The product stands in one of these categories, or below.
    #[schema(nullable = false, min_items = 1, max_items = 100)]
    category: Option<Vec<CategoryId>>,
    /// It is of one of these brands.
    #[schema(nullable = false, min_items = 1, max_items = 100)]
    brand: Option<Vec<BrandId>>,
    /// What its cheapest variant costs.
    #[schema(nullable = false)]
    price: Option<PriceCondition>,
    /// A filterable attribute or option of it.
    #[schema(nullable = false)]
    attribute: Option<AttributeCondition>,
    /// When it was made.
    #[schema(nullable = false)]
    created_at: Option<CreatedCondition>,
    /// Whether it can be bought from the shelf.
    #[schema(nullable = false)]
    in_stock: Option<bool>,
}

/// The price of a product's cheapest variant; without bounds, that it has a price in the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceCondition {
    /// ISO 4217 code.
    pub currency: Currency,
    /// At least this, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    pub min: Option<i64>,
    /// At most this, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    pub max: Option<i64>,
}

/// A filterable attribute or option: `any_of` its values, or of a number `min`, `max` or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeCondition {
    /// Its key.
    #[schema(pattern = "^[a-z0-9][a-z0-9_]{0,79}$", min_length = 1, max_length = 80, example = "color")]
    pub key: String,
    /// Values, as facets give them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<AttributeSlug>, required = false, nullable = false, min_items = 1, max_items = 100)]
    pub any_of: Option<Vec<String>>,
    /// At least this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = -1e15, maximum = 1e15)]
    pub min: Option<f64>,
    /// At most this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = -1e15, maximum = 1e15)]
    pub max: Option<f64>,
}

/// A value of an attribute.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 400, example = "natural")]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct AttributeSlug(String);

/// A time in which products were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct CreatedCondition {
    /// At or after this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<UtcTime>,
    /// Before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<UtcTime>,
}

impl AttributeCondition {
    /// The filter that it puts.
    pub fn filter(&self) -> AttributeFilter {
        let Self { key, any_of, min, max } = self.clone();
        match any_of {
            Some(slugs) => AttributeFilter::AnyOf { key, slugs },
            None => AttributeFilter::Range { key, min, max },
        }
    }
}

impl CollectionRules {
    /// The categories and brands that they name.
    pub(super) fn named(&self) -> (BTreeSet<CategoryId>, BTreeSet<BrandId>) {
        let (mut categories, mut brands): (BTreeSet<CategoryId>, BTreeSet<BrandId>) = Default::default();
        for condition in &self.conditions {
            match condition {
                Condition::Category(ids) => categories.extend(ids),
                Condition::Brand(ids) => brands.extend(ids),
                _ => {}
            }
        }
        (categories, brands)
    }

    /// Whether they name an attribute.
    pub(super) fn name_attribute(&self, key: &str) -> bool {
        self.conditions.iter().any(|it| matches!(it, Condition::Attribute(attribute) if attribute.key == key))
    }

    /// What is wrong with rules in the shop as it is: they name what is not there, or what never is.
    ///
    /// # Errors
    /// A database error.
    pub fn check(&self, conn: &mut Conn, offered: &[Currency]) -> QueryResult<Vec<Violation>> {
        let filterable = Filterable::load(conn)?;
        let (named_categories, named_brands) = self.named();
        let found = categories::table.filter(categories::id.eq_any(&named_categories)).select(categories::id);
        let found_categories: Vec<CategoryId> = found.load(conn)?;
        let found = brands::table.filter(brands::id.eq_any(&named_brands)).select(brands::id);
        let found_brands: Vec<BrandId> = found.load(conn)?;
        let wrong = self.conditions.iter().enumerate().flat_map(|(place, condition)| {
            let at = format!("#/rules/conditions/{place}");
            match condition {
                Condition::Category(ids) => missing(ids, &found_categories, &format!("{at}/category")),
                Condition::Brand(ids) => missing(ids, &found_brands, &format!("{at}/brand")),
                Condition::Price(price) => wrong_price(price, offered, &format!("{at}/price")),
                Condition::Attribute(attribute) => wrong_attribute(attribute, &filterable, &format!("{at}/attribute")),
                Condition::CreatedAt(CreatedCondition { from, before }) => {
                    reversed(*from, *before, &format!("{at}/created_at/before")).into_iter().collect()
                }
                Condition::InStock(_) => Vec::new(),
            }
        });
        Ok(wrong.collect())
    }
}

fn missing<I: PartialEq>(named: &[I], found: &[I], at: &str) -> Vec<Violation> {
    let missing = named.iter().enumerate().filter(|(_, id)| !found.contains(id));
    missing
        .map(|(place, _)| Violation::at(format!("{at}/{place}"), Code::NotFound, "The shop has nothing of this id."))
        .collect()
}

fn reversed<T: PartialOrd>(from: Option<T>, to: Option<T>, at: &str) -> Option<Violation> {
    let is_reversed = matches!((from, to), (Some(from), Some(to)) if from > to);
    is_reversed.then(|| Violation::at(at, Code::ReversedRange, "The range ends before it begins."))
}

fn wrong_price(price: &PriceCondition, offered: &[Currency], at: &str) -> Vec<Violation> {
    let foreign = (!offered.contains(&price.currency)).then(|| {
        let detail = "The shop does not sell in this currency.";
        Violation::at(format!("{at}/currency"), Code::CurrencyNotOffered, detail)
    });
    foreign.into_iter().chain(reversed(price.min, price.max, &format!("{at}/max"))).collect()
}

/// An attribute is one that products are filtered by, and the condition of its kind. Whether a product has such a value
/// is not asked: the rules may be there before the products, and stay when the last of them is sold off.
fn wrong_attribute(attribute: &AttributeCondition, filterable: &Filterable, at: &str) -> Vec<Violation> {
    let AttributeCondition { key, any_of, min, max } = attribute;
    let refuse = |member: &str, code, detail: &'static str| vec![Violation::at(format!("{at}/{member}"), code, detail)];
    let Some(definition) = filterable.get(key) else {
        return refuse("key", Code::NotFound, "The shop does not filter by this attribute.");
    };
    match (definition.kind, any_of, min, max) {
        (AttributeKind::Number, Some(_), ..) => {
            refuse("any_of", Code::UnknownField, "The attribute is a number: give `min`, `max` or both.")
        }
        (AttributeKind::Number, None, None, None) => {
            refuse("min", Code::Required, "The attribute is a number: give `min`, `max` or both.")
        }
        (AttributeKind::Number, None, min, max) => reversed(*min, *max, &format!("{at}/max")).into_iter().collect(),
        (_, None, ..) => refuse("any_of", Code::Required, "Give the values that fit."),
        (_, _, Some(_), _) => refuse("min", Code::UnknownField, "The attribute is no number: give `any_of`."),
        (_, _, _, Some(_)) => refuse("max", Code::UnknownField, "The attribute is no number: give `any_of`."),
        (kind, Some(slugs), None, None) => wrong_slugs(kind, slugs, &format!("{at}/any_of")),
    }
}

/// Values that no product can ever have.
fn wrong_slugs(kind: AttributeKind, slugs: &[String], at: &str) -> Vec<Violation> {
    let wrong = slugs.iter().enumerate().filter_map(|(place, slug)| {
        let refuse = |code, detail| Some(Violation::at(format!("{at}/{place}"), code, detail));
        match kind {
            AttributeKind::Boolean if !matches!(slug.as_str(), "true" | "false") => {
                refuse(Code::InvalidValue, "The attribute is `true` or `false`.")
            }
            _ if !is_slug(slug) => refuse(Code::InvalidFormat, "No value is so written: take it as facets give it."),
            _ => None,
        }
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        error::{Error, Place},
        http::json::parse,
    };

    fn wrong(rules: &serde_json::Value) -> Vec<(String, &'static str)> {
        let Err(Error::Problem(problem)) = parse::<CollectionRules>(rules.to_string()) else {
            panic!("{rules} is accepted");
        };
        let pointer = |place| match place {
            Place::Pointer(pointer) => pointer,
            other => panic!("{other:?}"),
        };
        problem.errors.into_iter().map(|it| (pointer(it.place), it.code.as_str())).collect()
    }

    #[test]
    fn rules_are_written_as_they_are_read() {
        let rules = json!({"match": "any", "conditions": [
            {"category": ["cat_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"brand": ["brand_01kdxkk1a0f2ethrwsbq5wfaw2"]},
            {"price": {"currency": "EUR", "min": 100}},
            {"attribute": {"key": "color", "any_of": ["natural"]}},
            {"attribute": {"key": "height", "min": 40.0, "max": 45.5}},
            {"created_at": {"from": "2026-01-01T00:00:00.000Z"}},
            {"in_stock": false},
        ]});
        let read: CollectionRules = parse(rules.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), rules);
    }

    #[test]
    fn what_is_no_condition_is_named_where_it_stands() {
        let one = |condition: serde_json::Value| wrong(&json!({"match": "all", "conditions": [condition]}));
        let at = |rest: &str, code| vec![(format!("#/conditions/0{rest}"), code)];
        assert_eq!(one(json!({})), at("", "too_short"));
        assert_eq!(one(json!({"in_stock": true, "brand": ["brand_01kdxkk1a0f2ethrwsbq5wfaw2"]})), at("", "too_long"));
        assert_eq!(one(json!({"colour": 1})), at("/colour", "unknown_field"));
        assert_eq!(one(json!({"in_stock": null})), at("/in_stock", "invalid_type"));
        assert_eq!(one(json!({"category": []})), at("/category", "too_short"));
        assert_eq!(one(json!({"category": ["var_01kdxkk1a0f2ethrwsbq5wfaw2"]})), at("/category/0", "invalid_format"));
        assert_eq!(one(json!({"price": {"min": 1}})), at("/price/currency", "required"));
        assert_eq!(one(json!({"price": {"currency": "EUR", "min": -1}})), at("/price/min", "out_of_range"));
        assert_eq!(one(json!({"attribute": {"key": "color", "is": 1}})), at("/attribute/is", "unknown_field"));
        assert_eq!(one(json!({"created_at": {}})), at("/created_at", "too_short"));
        assert_eq!(wrong(&json!({"match": "none", "conditions": []})).len(), 2);
    }
}
