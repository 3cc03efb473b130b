//! Products, categories and brands by what a caller calls them.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    former_slugs,
    model::Slug,
    store::{self, BrandRow, CategoryRow},
    tree::CategoryTree,
};
use crate::{
    db::{
        Conn,
        schema::{brands, former_brand_slugs, products},
    },
    ids::{BrandId, CategoryId, ProductId},
};

/// The products that are named by their ids, by a slug that one has or had, and by an external id, where more than one
/// is given by all of them; `None` where none is. What names nothing leaves nothing.
///
/// # Errors
/// A database error.
pub fn ids_named(
    conn: &mut Conn,
    ids: Option<&[String]>,
    slug: Option<&str>,
    external_id: Option<&str>,
) -> QueryResult<Option<Vec<ProductId>>> {
    let mut left: Option<Vec<ProductId>> = ids.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let of_slug = slug.map(|slug| id_of_slug(conn, slug)).transpose()?;
    let of_external_id = external_id.map(|key| id_of_external_id(conn, key)).transpose()?;
    for found in [of_slug, of_external_id].into_iter().flatten() {
        let fits = |id: &ProductId| left.as_ref().is_none_or(|left| left.contains(id));
        left = Some(found.into_iter().filter(fits).collect());
    }
    Ok(left)
}

/// The category that is named by its id, or by a slug that it has or had. The database is asked for what the tree does not
/// know alone.
///
/// # Errors
/// A database error.
pub fn category_named<'a>(conn: &mut Conn, tree: &'a CategoryTree, name: &str) -> QueryResult<Option<&'a CategoryRow>> {
    if let Ok(id) = name.parse::<CategoryId>() {
        return Ok(tree.get(id));
    }
    let Ok(slug) = name.parse::<Slug>() else { return Ok(None) };
    match tree.by_slug(&slug) {
        Some(row) => Ok(Some(row)),
        None => Ok(former_slugs::of_categories::holder(conn, &slug)?.and_then(|id| tree.get(id))),
    }
}

/// Categories by id or slug, with all below them.
pub fn categories_named(conn: &mut Conn, tree: &CategoryTree, names: &[String]) -> QueryResult<Vec<CategoryId>> {
    // Each once, however often it lies in one that is named.
    let mut all = BTreeSet::new();
    for name in names {
        if let Some(row) = category_named(conn, tree, name)? {
            all.extend(tree.with_descendants(row.id));
        }
    }
    Ok(all.into_iter().collect())
}

/// Brands by id or slug.
pub fn brands_named(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<BrandId>> {
    let slugs: Vec<Slug> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let mut ids: Vec<BrandId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    ids.extend(store::brand_ids_of_slugs(conn, &slugs)?);
    Ok(ids)
}

/// These names of categories, with present slugs in the place of those that categories had before.
///
/// # Errors
/// A database error.
pub fn with_present_slugs(conn: &mut Conn, tree: &CategoryTree, names: &[String]) -> QueryResult<Vec<String>> {
    let mut present = names.to_vec();
    for name in &mut present {
        if name.parse::<CategoryId>().is_err()
            && let Some(row) = category_named(conn, tree, name)?
        {
            *name = row.slug.as_str().to_owned();
        }
    }
    Ok(present)
}

/// The brand that is named by its id, or by a slug that it has or had.
///
/// # Errors
/// A database error.
pub fn brand_named(conn: &mut Conn, name: &str) -> QueryResult<Option<BrandRow>> {
    match (name.parse::<BrandId>(), name.parse::<Slug>()) {
        (Ok(id), _) => store::find_brand(conn, id),
        (_, Ok(slug)) => store::find_brand_by_slug(conn, &slug),
        _ => Ok(None),
    }
}

/// These names of brands, with present slugs in the place of those that brands had before. One statement at most.
///
/// # Errors
/// A database error.
pub fn with_present_brands(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<String>> {
    let slugs: Vec<Slug> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if slugs.is_empty() {
        return Ok(names.to_vec());
    }
    let had = former_brand_slugs::table.inner_join(brands::table).filter(former_brand_slugs::slug.eq_any(slugs));
    let present: Vec<(Slug, Slug)> = had.select((former_brand_slugs::slug, brands::slug)).load(conn)?;
    let present_of = |name: &String| {
        let found = present.iter().find(|(former, _)| former.as_str() == name);
        found.map_or_else(|| name.clone(), |(_, slug)| slug.as_str().to_owned())
    };
    Ok(names.iter().map(present_of).collect())
}

fn id_of_slug(conn: &mut Conn, slug: &str) -> QueryResult<Option<ProductId>> {
    let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
    Ok(store::find_product_by_slug(conn, &slug)?.map(|row| row.id))
}

fn id_of_external_id(conn: &mut Conn, external_id: &str) -> QueryResult<Option<ProductId>> {
    products::table.filter(products::external_id.eq(external_id)).select(products::id).first(conn).optional()
}
