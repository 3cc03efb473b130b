//! Pages of brands and of categories: filters, sorts and keys.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::store::{BrandRow, CategoryRow};
use crate::{
    db::{
        Conn,
        schema::{brands, categories, former_brand_slugs, former_category_slugs},
    },
    error::Result,
    http::cursor::PageRequest,
    ids::{BrandId, CategoryId},
    load_page_by,
};

/// How brands are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum BrandSort {
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

/// How categories are sorted in a list without levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum CategorySort {
    /// By slug.
    #[serde(rename = "slug")]
    Slug,
    /// By slug, last first.
    #[serde(rename = "-slug")]
    SlugDescending,
    /// In the order to show siblings.
    #[serde(rename = "position")]
    Position,
    /// Oldest first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// Which categories a list holds. `None` does not narrow; an empty list holds nothing.
#[derive(Debug, Clone, Default)]
pub struct CategoryFilter {
    /// Those that lie in one of these.
    pub parents: Option<Vec<CategoryId>>,
    /// The one that has, or had, this slug.
    pub slug: Option<String>,
    /// The one of this external id.
    pub external_id: Option<String>,
}

/// Which brands a list holds. `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct BrandFilter {
    /// The one that has, or had, this slug.
    pub slug: Option<String>,
    /// The one of this external id.
    pub external_id: Option<String>,
}

macro_rules! narrow_brands {
    ($query:ident, $filter:expr) => {
        let BrandFilter { slug, external_id } = $filter;
        if let Some(slug) = slug {
            let had = former_brand_slugs::table.filter(former_brand_slugs::slug.eq(slug.clone()));
            let had = had.select(former_brand_slugs::brand_id);
            $query = $query.filter(brands::slug.eq(slug.clone()).or(brands::id.eq_any(had)));
        }
        if let Some(external_id) = external_id {
            $query = $query.filter(brands::external_id.eq(external_id.clone()));
        }
    };
}

/// A page of brands, in reading order.
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_brands(
    conn: &mut Conn,
    filter: &BrandFilter,
    sort: BrandSort,
    page: &PageRequest<'_>,
) -> Result<Vec<BrandRow>> {
    let mut query = brands::table.select(BrandRow::as_select()).into_boxed();
    narrow_brands!(query, filter);
    Ok(match sort {
        BrandSort::Name | BrandSort::NameDescending => {
            let rising = sort == BrandSort::Name;
            load_page_by!(conn, query, brands::name_folded => String, brands::id => BrandId, rising, page)?
        }
        // Ids rise with the time at which they were made.
        BrandSort::OldestFirst | BrandSort::NewestFirst => {
            load_page_by!(conn, query, brands::id => BrandId, sort == BrandSort::OldestFirst, page)?
        }
    })
}

/// The sort values of a brand, for its cursor.
pub fn brand_key(sort: BrandSort, row: &BrandRow) -> Vec<Value> {
    match sort {
        BrandSort::Name | BrandSort::NameDescending => vec![json!(row.name_folded), json!(row.id)],
        BrandSort::OldestFirst | BrandSort::NewestFirst => vec![json!(row.id)],
    }
}

/// How many brands the filter admits.
///
/// # Errors
/// A database error.
pub fn count_brands(conn: &mut Conn, filter: &BrandFilter) -> QueryResult<i64> {
    let mut query = brands::table.count().into_boxed();
    narrow_brands!(query, filter);
    query.get_result(conn)
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let CategoryFilter { parents, slug, external_id } = $filter;
        if let Some(parents) = parents {
            $query = $query.filter(categories::parent_id.eq_any(parents.clone()));
        }
        if let Some(slug) = slug {
            let had = former_category_slugs::table.filter(former_category_slugs::slug.eq(slug.clone()));
            let had = had.select(former_category_slugs::category_id);
            $query = $query.filter(categories::slug.eq(slug.clone()).or(categories::id.eq_any(had)));
        }
        if let Some(external_id) = external_id {
            $query = $query.filter(categories::external_id.eq(external_id.clone()));
        }
    };
}

/// A page of categories, in reading order.
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this sort.
pub fn load_categories(
    conn: &mut Conn,
    filter: &CategoryFilter,
    sort: CategorySort,
    page: &PageRequest<'_>,
) -> Result<Vec<CategoryRow>> {
    let mut query = categories::table.select(CategoryRow::as_select()).into_boxed();
    narrow!(query, filter);
    Ok(match sort {
        CategorySort::Slug | CategorySort::SlugDescending => {
            load_page_by!(conn, query, categories::slug => String, sort == CategorySort::Slug, page)?
        }
        CategorySort::OldestFirst | CategorySort::NewestFirst => {
            load_page_by!(conn, query, categories::id => CategoryId, sort == CategorySort::OldestFirst, page)?
        }
        CategorySort::Position => {
            load_page_by!(conn, query, categories::position => i32, categories::id => CategoryId, true, page)?
        }
    })
}

/// The sort values of a category, for its cursor.
pub fn category_key(sort: CategorySort, row: &CategoryRow) -> Vec<Value> {
    match sort {
        CategorySort::Slug | CategorySort::SlugDescending => vec![json!(row.slug)],
        CategorySort::Position => vec![json!(row.position), json!(row.id)],
        CategorySort::OldestFirst | CategorySort::NewestFirst => vec![json!(row.id)],
    }
}

/// How many categories the filter admits.
///
/// # Errors
/// A database error.
pub fn count_categories(conn: &mut Conn, filter: &CategoryFilter) -> QueryResult<i64> {
    let mut query = categories::table.count().into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}
