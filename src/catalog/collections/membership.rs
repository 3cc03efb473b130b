//! Which products are in the collections that a list or a search is narrowed by.

use std::collections::BTreeSet;

use super::{
    rules::{CollectionRules, Condition as Rule, CreatedCondition, PriceCondition, RulesMatch},
    store::{self, CollectionType},
};
use crate::{
    catalog::{condition::Condition, tree::CategoryTree},
    db::Conn,
    error::{Code, Result, Violation},
    ids::{CategoryId, CollectionId, ProductId},
};

/// SQLite takes 32,766 parameters in a statement.
const MOST_IDS: usize = 25_000;

/// Whose collections count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Those that shoppers see.
    Published,
    /// All of them.
    Everything,
}

/// What is in any of some collections.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Membership {
    manual: Vec<CollectionId>,
    products: Vec<(i32, ProductId)>,
    rules: Vec<CollectionRules>,
}

impl Membership {
    /// Of the collections of these ids and slugs; `None` where none are given. A name that names nothing adds nothing.
    /// Two statements, however many there are.
    ///
    /// # Errors
    /// 400 where they come to more ids than a statement takes.
    pub fn named(conn: &mut Conn, tree: &CategoryTree, names: Option<&[String]>, seen: Seen) -> Result<Option<Self>> {
        let Some(names) = names else { return Ok(None) };
        let mut found = Self::default();
        for row in store::named(conn, names)? {
            match (row.kind, row.rules) {
                _ if seen == Seen::Published && !row.published => {}
                (CollectionType::Manual, _) => found.manual.push(row.id),
                (CollectionType::Rules, rules) => {
                    found.rules.extend(rules.map(|it| with_all_below(tree, it.into_inner())))
                }
            }
        }
        found.products = store::products_of(conn, &found.manual)?;
        if found.size() > MOST_IDS {
            let detail = "Together these collections have too many products and values in rules; name fewer of them.";
            return Err(Violation::in_parameter("collection", Code::InvalidParameter, detail).into());
        }
        Ok(Some(found))
    }

    /// The ids and values that are looked for.
    fn size(&self) -> usize {
        let rules = self.rules.iter().flat_map(|rules| &rules.conditions);
        self.products.len() + self.manual.len() + rules.map(Rule::values).sum::<usize>()
    }

    /// The products that were put in one by one.
    pub fn products(&self) -> impl Iterator<Item = ProductId> {
        self.products.iter().map(|(_, id)| *id)
    }

    /// The rules by which others are in, any of which are to be met; their categories have all that lie below.
    pub fn rules(&self) -> &[CollectionRules] {
        &self.rules
    }

    /// The condition on a product to be in.
    pub fn condition(&self) -> Condition {
        let manual = (!self.manual.is_empty()).then(|| Condition::put_into(self.manual.clone()));
        Condition::any(manual.into_iter().chain(self.rules.iter().map(met)).collect())
    }

    /// The products of one collection, with their places, in the order that the staff gave them.
    ///
    /// # Errors
    /// 400 where the list is not of one collection, by hand: it has no such order.
    pub fn in_order(members: Option<&Self>) -> Result<&[(i32, ProductId)]> {
        match members {
            Some(Self { manual, products, rules }) if manual.len() <= 1 && rules.is_empty() => Ok(products),
            _ => {
                let detail =
                    "Only the products of one manual collection, named by `collection`, have an order of their own.";
                Err(Violation::in_parameter("sort", Code::InvalidParameter, detail).into())
            }
        }
    }
}

fn with_all_below(tree: &CategoryTree, mut rules: CollectionRules) -> CollectionRules {
    for rule in &mut rules.conditions {
        if let Rule::Category(ids) = rule {
            let all: BTreeSet<CategoryId> = ids.iter().flat_map(|id| tree.with_descendants(*id)).collect();
            *ids = all.into_iter().collect();
        }
    }
    rules
}

fn met(rules: &CollectionRules) -> Condition {
    let conditions = rules.conditions.iter().map(|rule| match rule.clone() {
        Rule::Category(ids) => Condition::in_categories(ids),
        Rule::Brand(ids) => Condition::of_brands(ids),
        Rule::Price(PriceCondition { currency, min, max }) => Condition::costs(currency, min, max),
        Rule::Attribute(attribute) => Condition::has(attribute.filter()),
        Rule::CreatedAt(CreatedCondition { from, before }) => Condition::made(from, before),
        Rule::InStock(in_stock) => Condition::in_stock(in_stock),
    });
    match rules.matching {
        RulesMatch::All => Condition::all(conditions.collect()),
        RulesMatch::Any => Condition::any(conditions.collect()),
    }
}
