//! Conditions on products as values: what lists are narrowed by, and what rules of collections are made of.

use diesel::{
    BoxableExpression,
    backend::Backend,
    connection::Connection,
    dsl::{case_when, exists},
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

use super::{
    filterable::AttributeFilter,
    model::{Availability, ProductStatus},
};
use crate::{
    db::{
        Conn,
        schema::{
            collection_products, product_attribute_values as values, product_categories,
            product_price_ranges as ranges, products,
        },
    },
    ids::{BrandId, CategoryId, CollectionId, ProductId},
    money::Currency,
    time::UtcTime,
};

type OfConn = <Conn as Connection>::Backend;

/// A condition on the table `products`, good for any query in which that stands once.
pub struct Condition(Box<dyn BoxableExpression<products::table, OfConn, SqlType = Bool>>);

impl Condition {
    /// It is one of these.
    pub fn one_of(ids: Vec<ProductId>) -> Self {
        Self(Box::new(products::id.eq_any(ids)))
    }

    /// It is in one of these states.
    pub fn in_states(states: Vec<ProductStatus>) -> Self {
        // PostgreSQL reads an index in its order for one state only.
        match states.as_slice() {
            [only] => Self(Box::new(products::status.eq(*only))),
            _ => Self(Box::new(products::status.eq_any(states))),
        }
    }

    /// Some category of the product is one of these.
    pub fn in_categories(ids: Vec<CategoryId>) -> Self {
        let placed = product_categories::table
            .filter(product_categories::product_id.eq(products::id))
            .filter(product_categories::category_id.eq_any(ids));
        Self(Box::new(exists(placed)))
    }

    /// Its brand is one of these.
    pub fn of_brands(ids: Vec<BrandId>) -> Self {
        // No brand at all is as good as false here: conditions are joined by AND and OR alone.
        Self(Box::new(products::brand_id.assume_not_null().eq_any(ids)))
    }

    /// It can be bought from the shelf, or cannot.
    pub fn in_stock(in_stock: bool) -> Self {
        let on_the_shelf = vec![Availability::InStock, Availability::LowStock];
        match in_stock {
            true => Self(Box::new(products::availability.eq_any(on_the_shelf))),
            false => Self(Box::new(products::availability.ne_all(on_the_shelf))),
        }
    }

    /// It was made at or after `from`, and before `before`.
    pub fn made(from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
        match (from, before) {
            (Some(from), Some(before)) => {
                Self(Box::new(products::created_at.ge(from).and(products::created_at.lt(before))))
            }
            (Some(from), None) => Self(Box::new(products::created_at.ge(from))),
            (None, Some(before)) => Self(Box::new(products::created_at.lt(before))),
            (None, None) => Self::all(Vec::new()),
        }
    }

    /// It has such an attribute or option.
    pub fn has(attribute: AttributeFilter) -> Self {
        let of_product = values::table.filter(values::product_id.eq(products::id));
        match attribute {
            AttributeFilter::AnyOf { key, slugs } => {
                Self(Box::new(exists(of_product.filter(values::key.eq(key)).filter(values::slug.eq_any(slugs)))))
            }
            AttributeFilter::Range { key, min, max } => {
                let of_key = of_product.filter(values::key.eq(key));
                let above = of_key.filter(values::number.ge(min.unwrap_or(f64::MIN)));
                Self(Box::new(exists(above.filter(values::number.le(max.unwrap_or(f64::MAX))))))
            }
        }
    }

    /// Its cheapest variant in this currency costs from `min` to `max` minor units.
    pub fn costs(currency: Currency, min: Option<i64>, max: Option<i64>) -> Self {
        let fitting = ranges::table
            .filter(ranges::product_id.eq(products::id))
            .filter(ranges::currency.eq(currency))
            .filter(ranges::min_amount.ge(min.unwrap_or(i64::MIN)))
            .filter(ranges::min_amount.le(max.unwrap_or(i64::MAX)));
        Self(Box::new(exists(fitting)))
    }

    /// It was put into one of these collections.
    pub fn put_into(ids: Vec<CollectionId>) -> Self {
        let put = collection_products::table
            .filter(collection_products::product_id.eq(products::id))
            .filter(collection_products::collection_id.eq_any(ids));
        Self(Box::new(exists(put)))
    }

    /// All of these hold; where there are none, every product is meant.
    pub fn all(conditions: Vec<Self>) -> Self {
        let both = |one: Self, other: Self| Self(Box::new(one.and(other)));
        let every = || Self(Box::new(products::id.ne_all(Vec::<ProductId>::new())));
        conditions.into_iter().reduce(both).unwrap_or_else(every)
    }

    /// One of these holds; where there are none, no product is meant.
    pub fn any(conditions: Vec<Self>) -> Self {
        let either = |one: Self, other: Self| Self(Box::new(one.or(other)));
        conditions.into_iter().reduce(either).unwrap_or_else(|| Self::one_of(Vec::new()))
    }
}

/// Whether the condition holds, as a column. Of a product without a brand, the database does not know whether it has this
/// one: it has not.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn told(condition: Condition) -> _ {
    case_when(condition, true.into_sql::<Bool>()).otherwise(false.into_sql::<Bool>())
}

impl Expression for Condition {
    type SqlType = Bool;
}

impl<QS: ?Sized> AppearsOnTable<QS> for Condition {}

impl<QS: ?Sized> SelectableExpression<QS> for Condition {}

impl<GB> ValidGrouping<GB> for Condition {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Condition {
    type QueryId = ();

    // What stands in the box decides the text of the query.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Condition
where
    DB: Backend,
    Box<dyn BoxableExpression<products::table, OfConn, SqlType = Bool>>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}
