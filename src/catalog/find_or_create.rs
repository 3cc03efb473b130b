//! Brands and categories by their names, made where there are none: what an import knows of them.

use diesel::prelude::*;
use serde_json::json;

use super::{
    model::Slug,
    store::{BrandRow, CategoryRow},
};
use crate::{
    db::{
        Conn,
        schema::{brands, categories, former_brand_slugs, former_category_slugs, images, products},
    },
    events::{EventType, record},
    ids::{BrandId, CategoryId, ProductId},
    media::ContentHash,
    text::fold,
    time::UtcTime,
};

/// The product of this external id.
///
/// # Errors
/// A database error.
pub fn product_of_external_id(conn: &mut Conn, external_id: &str) -> QueryResult<Option<ProductId>> {
    products::table.filter(products::external_id.eq(external_id)).select(products::id).first(conn).optional()
}

/// The brand of this name, whatever its case; made where there is none.
///
/// # Errors
/// A database error.
pub fn brand_named(conn: &mut Conn, name: &str, now: UtcTime) -> QueryResult<BrandId> {
    let name_folded = fold(name);
    let known = brands::table.filter(brands::name_folded.eq(&name_folded)).order(brands::id.asc());
    if let Some(id) = known.select(brands::id).first(conn).optional()? {
        return Ok(id);
    }
    let id = BrandId::new();
    let taken = |conn: &mut Conn, slug: &Slug| {
        let present = brands::table.filter(brands::slug.eq(slug));
        let former = former_brand_slugs::table.filter(former_brand_slugs::slug.eq(slug));
        diesel::select(diesel::dsl::exists(present).or(diesel::dsl::exists(former))).get_result(conn)
    };
    let slug = free_slug(conn, &[name], id.as_str(), taken)?;
    place_brand(conn, id, slug, name, now)?;
    Ok(id)
}

/// Makes a brand under an id that is known before.
///
/// # Errors
/// A database error, also where the id or the slug is taken.
pub fn place_brand(conn: &mut Conn, id: BrandId, slug: Slug, name: &str, now: UtcTime) -> QueryResult<()> {
    let name_folded = fold(name);
    let name = name.to_owned();
    let external_id = None;
    let version = 1;
    let row = BrandRow { id, external_id, slug, name, name_folded, version, created_at: now, updated_at: now };
    diesel::insert_into(brands::table).values(&row).execute(conn)?;
    record(conn, now, EventType::BrandCreated, id.as_str(), 1, json!({}))
}

/// A category to be made under an id that is known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedCategory<'a> {
    /// Its id.
    pub id: CategoryId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub name: &'a str,
    /// The category that it lies in.
    pub parent_id: Option<CategoryId>,
    /// Its place among its siblings.
    pub position: i32,
}

/// Makes a category.
///
/// # Errors
/// A database error, also where the id or the slug is taken.
pub fn place_category(conn: &mut Conn, new: PlacedCategory<'_>, now: UtcTime) -> QueryResult<()> {
    let PlacedCategory { id, slug, name, parent_id, position } = new;
    let name = name.to_owned();
    let external_id = None;
    let version = 1;
    let row =
        CategoryRow { id, external_id, slug, name, parent_id, position, version, created_at: now, updated_at: now };
    diesel::insert_into(categories::table).values(&row).execute(conn)?;
    record(conn, now, EventType::CategoryCreated, id.as_str(), 1, json!({}))
}

/// The category at the end of a path of names from the root down; what is missing of it is made. `None` for no names.
///
/// # Errors
/// A database error.
pub fn category_at(conn: &mut Conn, path: &[String], now: UtcTime) -> QueryResult<Option<CategoryId>> {
    let mut parent = None;
    for depth in 1..=path.len() {
        parent = Some(child_named(conn, parent, &path[..depth], now)?);
    }
    Ok(parent)
}

fn child_named(
    conn: &mut Conn,
    parent_id: Option<CategoryId>,
    path: &[String],
    now: UtcTime,
) -> QueryResult<CategoryId> {
    let name = path.last().map(String::as_str).unwrap_or_default();
    let mut query = categories::table.select((categories::id, categories::name, categories::position)).into_boxed();
    query = match parent_id {
        Some(parent) => query.filter(categories::parent_id.eq(parent)),
        None => query.filter(categories::parent_id.is_null()),
    };
    let siblings: Vec<(CategoryId, String, i32)> = query.order(categories::id.asc()).load(conn)?;
    if let Some((id, _, _)) = siblings.iter().find(|(_, sibling, _)| fold(sibling) == fold(name)) {
        return Ok(*id);
    }
    let id = CategoryId::new();
    let taken = |conn: &mut Conn, slug: &Slug| {
        let present = categories::table.filter(categories::slug.eq(slug));
        let former = former_category_slugs::table.filter(former_category_slugs::slug.eq(slug));
        diesel::select(diesel::dsl::exists(present).or(diesel::dsl::exists(former))).get_result(conn)
    };
    let new = PlacedCategory {
        id,
        slug: free_slug(conn, &[name, &path.join(" ")], id.as_str(), taken)?,
        name,
        parent_id,
        position: siblings.iter().map(|(_, _, position)| position.saturating_add(1)).max().unwrap_or(0),
    };
    place_category(conn, new, now)?;
    Ok(id)
}

/// The first slug that one of the names makes and nobody has; else the first name's with the end of the id behind it.
fn free_slug(
    conn: &mut Conn,
    names: &[&str],
    id: &str,
    taken: impl Fn(&mut Conn, &Slug) -> QueryResult<bool>,
) -> QueryResult<Slug> {
    for slug in names.iter().filter_map(|name| Slug::from_name(name)) {
        if !taken(conn, &slug)? {
            return Ok(slug);
        }
    }
    let end = &id[id.len().saturating_sub(10)..];
    let stem = names.first().and_then(|name| Slug::from_name(name));
    let slug = stem.and_then(|stem| stem.with_suffix(end)).or_else(|| Slug::from_name(end));
    // The characters of an id behind its prefix are lower-case letters and digits.
    slug.ok_or_else(|| diesel::result::Error::SerializationError(format!("{id} makes no slug").into()))
}

/// External id and hash of each image of the products of these external ids.
///
/// # Errors
/// A database error.
pub fn image_hashes(conn: &mut Conn, external_ids: &[String]) -> QueryResult<Vec<(String, ContentHash)>> {
    let found: Vec<(Option<String>, ContentHash)> = images::table
        .inner_join(products::table)
        .filter(products::external_id.eq_any(external_ids))
        .select((products::external_id, images::hash))
        .load(conn)?;
    Ok(found.into_iter().filter_map(|(external_id, hash)| Some((external_id?, hash))).collect())
}
