//! Rows and queries of collections.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::rules::CollectionRules;
use crate::{
    catalog::model::Slug,
    db::{
        Conn,
        columns::Json,
        schema::{collection_products as members, collections, former_collection_slugs},
    },
    error::{Error, Result},
    http::cursor::PageRequest,
    ids::{CollectionId, ProductId},
    load_page_by, text_enum,
    time::UtcTime,
};

text_enum! {
    /// How a collection comes by its products.
    CollectionType {
        /// They are put in one by one, in an order.
        Manual = "manual",
        /// Whatever meets its rules is in it.
        Rules = "rules",
    }
}

/// A collection.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collections, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described where they are shown")]
pub struct CollectionRow {
    pub id: CollectionId,
    pub external_id: Option<String>,
    pub slug: Slug,
    pub name: String,
    pub name_folded: String,
    pub description: String,
    pub kind: CollectionType,
    pub rules: Option<Json<CollectionRules>>,
    pub published: bool,
    pub position: i32,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// How collections are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum CollectionSort {
    /// In the order to show them.
    #[serde(rename = "position")]
    Position,
    /// By name.
    #[serde(rename = "name")]
    Name,
    /// By name, last first.
    #[serde(rename = "-name")]
    NameDescending,
    /// Oldest first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// Which collections a list holds. `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct CollectionFilter {
    /// Those that shoppers see, or those that they do not.
    pub published: Option<bool>,
    /// The one that has, or had, this slug.
    pub slug: Option<String>,
    /// The one of this external id.
    pub external_id: Option<String>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let CollectionFilter { published, slug, external_id } = $filter;
        if let Some(published) = published {
            $query = $query.filter(collections::published.eq(*published));
        }
        if let Some(slug) = slug {
            let had = former_collection_slugs::table.filter(former_collection_slugs::slug.eq(slug.clone()));
            let had = had.select(former_collection_slugs::collection_id);
            $query = $query.filter(collections::slug.eq(slug.clone()).or(collections::id.eq_any(had)));
        }
        if let Some(external_id) = external_id {
            $query = $query.filter(collections::external_id.eq(external_id.clone()));
        }
    };
}

/// A page of collections, in reading order.
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_page(
    conn: &mut Conn,
    filter: &CollectionFilter,
    sort: CollectionSort,
    page: &PageRequest<'_>,
) -> Result<Vec<CollectionRow>> {
    let mut query = collections::table.select(CollectionRow::as_select()).into_boxed();
    narrow!(query, filter);
    Ok(match sort {
        CollectionSort::Position => {
            load_page_by!(conn, query, collections::position => i32, collections::id => CollectionId, true, page)?
        }
        CollectionSort::Name | CollectionSort::NameDescending => {
            let rising = sort == CollectionSort::Name;
            load_page_by!(conn, query, collections::name_folded => String, collections::id => CollectionId, rising, page)?
        }
        // Ids rise with the time at which they were made.
        CollectionSort::OldestFirst | CollectionSort::NewestFirst => {
            load_page_by!(conn, query, collections::id => CollectionId, sort == CollectionSort::OldestFirst, page)?
        }
    })
}

/// The sort values of a collection, for its cursor.
pub fn key_of(sort: CollectionSort, row: &CollectionRow) -> Vec<Value> {
    match sort {
        CollectionSort::Position => vec![json!(row.position), json!(row.id)],
        CollectionSort::Name | CollectionSort::NameDescending => vec![json!(row.name_folded), json!(row.id)],
        CollectionSort::OldestFirst | CollectionSort::NewestFirst => vec![json!(row.id)],
    }
}

/// How many collections the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &CollectionFilter) -> QueryResult<i64> {
    let mut query = collections::table.count().into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// A collection by its id.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: CollectionId) -> QueryResult<Option<CollectionRow>> {
    collections::table.find(id).select(CollectionRow::as_select()).first(conn).optional()
}

/// The collections that these ids name, and these slugs, which they have or had; in no order.
///
/// # Errors
/// A database error.
pub fn named(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<CollectionRow>> {
    let ids: Vec<CollectionId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let slugs: Vec<Slug> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let had = former_collection_slugs::table.filter(former_collection_slugs::slug.eq_any(slugs.clone()));
    let is_named = collections::id
        .eq_any(ids)
        .or(collections::slug.eq_any(slugs))
        .or(collections::id.eq_any(had.select(former_collection_slugs::collection_id)));
    collections::table.filter(is_named).select(CollectionRow::as_select()).load(conn)
}

/// What was put into these collections, with its place, in the order to show it.
///
/// # Errors
/// A database error.
pub fn products_of(conn: &mut Conn, ids: &[CollectionId]) -> QueryResult<Vec<(i32, ProductId)>> {
    let own = members::table.filter(members::collection_id.eq_any(ids));
    own.order((members::position.asc(), members::product_id.asc()))
        .select((members::position, members::product_id))
        .load(conn)
}

/// Collections that are held in memory together.
const AT_ONCE: i64 = 20;

/// Calls `each` with every collection and, in their order, the products that were put into it; a few collections at a
/// time, in the order of their ids.
///
/// # Errors
/// A database error, or what `each` returns.
pub fn for_each<E: From<diesel::result::Error>>(
    conn: &mut Conn,
    mut each: impl FnMut(&mut Conn, CollectionRow, Vec<ProductId>) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut last: Option<CollectionId> = None;
    loop {
        let mut query = collections::table
            .order(collections::id.asc())
            .limit(AT_ONCE)
            .select(CollectionRow::as_select())
            .into_boxed();
        if let Some(last) = last {
            query = query.filter(collections::id.gt(last));
        }
        let rows: Vec<CollectionRow> = query.load(conn)?;
        let Some(end) = rows.last().map(|row| row.id) else { return Ok(()) };
        last = Some(end);
        let ids: Vec<CollectionId> = rows.iter().map(|row| row.id).collect();
        let put: Vec<(CollectionId, ProductId)> = members::table
            .filter(members::collection_id.eq_any(&ids))
            .order((members::collection_id.asc(), members::position.asc(), members::product_id.asc()))
            .select((members::collection_id, members::product_id))
            .load(conn)?;
        let mut products: BTreeMap<CollectionId, Vec<ProductId>> = BTreeMap::new();
        for (id, product_id) in put {
            products.entry(id).or_default().push(product_id);
        }
        for row in rows {
            let own = products.remove(&row.id).unwrap_or_default();
            each(conn, row, own)?;
        }
    }
}

/// One collection with what was put into it, in its order.
///
/// # Errors
/// 404.
pub fn load_whole(conn: &mut Conn, id: CollectionId) -> Result<(CollectionRow, Vec<ProductId>)> {
    let row = find(conn, id)?.ok_or_else(Error::not_found)?;
    let put = products_of(conn, &[id])?;
    Ok((row, put.into_iter().map(|(_, product_id)| product_id).collect()))
}
