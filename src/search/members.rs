//! What is in collections, as a query: rules are put to the index as every other filter is, so that it holds nothing of
//! collections that could be older than they are.

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    PriceFilter,
    fields::Fields,
    query::{attribute_query, created_query, one_of, price_query},
};
use crate::catalog::collections::{
    membership::Membership,
    rules::{CollectionRules, Condition, CreatedCondition, PriceCondition, RulesMatch},
};

/// The products that were put in one by one, and those that meet any of the rules.
pub(super) fn members_query(fields: &Fields, members: &Membership) -> Box<dyn Query> {
    let ids: Vec<_> = members.products().collect();
    let put_in = one_of(fields.product, ids.iter().map(|id| id.as_str()));
    let by_rules = members.rules().iter().map(|rules| rules_query(fields, rules));
    Box::new(BooleanQuery::union([put_in].into_iter().chain(by_rules).collect()))
}

fn rules_query(fields: &Fields, rules: &CollectionRules) -> Box<dyn Query> {
    let conditions = rules.conditions.iter().map(|condition| condition_query(fields, condition)).collect();
    match rules.matching {
        RulesMatch::All => Box::new(BooleanQuery::intersection(conditions)),
        RulesMatch::Any => Box::new(BooleanQuery::union(conditions)),
    }
}

fn condition_query(fields: &Fields, condition: &Condition) -> Box<dyn Query> {
    match condition {
        Condition::Category(ids) => one_of(fields.category_key, ids.iter().map(|id| id.as_str())),
        Condition::Brand(ids) => one_of(fields.brand_key, ids.iter().map(|id| id.as_str())),
        Condition::Price(PriceCondition { currency, min, max }) => {
            price_query(fields.prices, PriceFilter { currency: *currency, min: *min, max: *max })
        }
        Condition::Attribute(attribute) => attribute_query(fields, &attribute.filter()),
        Condition::CreatedAt(CreatedCondition { from, before }) => {
            created_query(fields.created_at, *from, *before).unwrap_or_else(|| Box::new(AllQuery))
        }
        Condition::InStock(in_stock) => {
            Box::new(TermQuery::new(Term::from_field_bool(fields.in_stock, *in_stock), IndexRecordOption::Basic))
        }
    }
}
