//! Makes, changes, moves and deletes a category.

use diesel::{prelude::*, result::Error as DieselError};
use serde_json::json;

use super::{
    collections::named, former_slugs::of_categories as former_slugs, model::Slug, store::CategoryRow,
    tree::CategoryTree,
};
use crate::{
    db::{
        Conn,
        constraints::{Failure, classify, is_duplicate},
        schema::categories,
    },
    error::{Code, Error, Result, Violation},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::CategoryId,
    lock_rows, on_each_database,
    patch::Patch,
    time::UtcTime,
};

/// How many levels the tree has at most.
pub const LEVELS: usize = 20;

/// A category to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCategory {
    /// The shop's own key for it.
    pub external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: String,
    /// The category that it lies in.
    pub parent_id: Option<CategoryId>,
    /// Its place among its siblings; behind them where it is not given.
    pub position: Option<i32>,
}

/// What is to change of a category; what is `None` or absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CategoryChange {
    /// The shop's own key for it.
    pub external_id: Patch<String>,
    /// Its name in addresses; the one before still leads to it.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: Option<String>,
    /// The category that it is to lie in; null makes it a root.
    pub parent_id: Patch<CategoryId>,
    /// Its place among its siblings.
    pub position: Option<i32>,
}

/// Makes a category.
///
/// # Errors
/// 422 for a parent that cannot be, 409 `slug_taken` or `external_id_taken`.
pub fn create_category(conn: &mut Conn, new: &NewCategory, now: UtcTime) -> Result<CategoryRow> {
    let tree = CategoryTree::load(conn)?;
    check_parent(&tree, new.parent_id, None)?;
    let behind = tree.children(new.parent_id).last().map_or(0, |it| it.position.saturating_add(1));
    let id = CategoryId::new();
    for slug in slugs_for(&tree, new, id) {
        let row = CategoryRow {
            id,
            external_id: new.external_id.clone(),
            slug,
            name: new.name.clone(),
            parent_id: new.parent_id,
            position: new.position.unwrap_or(behind),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let inserted = on_each_database!(conn, conn => {
            diesel::insert_into(categories::table).values(&row).on_conflict(categories::slug).do_nothing().execute(conn)
        });
        if inserted.map_err(taken)? == 0 {
            continue;
        }
        // Looked at only now: the row just written has waited for whoever was leaving this slug.
        if !former_slugs::was_anothers(conn, &row.slug, id)? {
            record(conn, now, EventType::CategoryCreated, id.as_str(), row.version, json!({}))?;
            return Ok(row);
        }
        diesel::delete(categories::table.find(id)).execute(conn)?;
    }
    Err(slug_taken())
}

/// The slug that is given, or those that the name makes: by itself, behind the parent's, with the end of the id.
fn slugs_for(tree: &CategoryTree, new: &NewCategory, id: CategoryId) -> Vec<Slug> {
    if let Some(given) = &new.slug {
        return vec![given.clone()];
    }
    let text = id.as_str();
    let own = &text[text.len() - 10..];
    let parent = new.parent_id.and_then(|id| tree.get(id)).map(|it| it.slug.as_str().to_owned());
    let stem = Slug::from_name(&new.name);
    let behind_parent = parent.and_then(|it| Slug::from_name(&format!("{it} {}", new.name)));
    let unique = stem.as_ref().map_or_else(|| Slug::from_name(own), |it| it.with_suffix(own));
    [stem, behind_parent, unique].into_iter().flatten().collect()
}

/// Changes a category. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 for a parent that cannot be, 409 `slug_taken` or `external_id_taken`.
pub fn change_category(
    conn: &mut Conn,
    id: CategoryId,
    condition: &IfMatch,
    change: CategoryChange,
    now: UtcTime,
) -> Result<CategoryRow> {
    let moves = !change.parent_id.is_absent();
    let (tree, before) = lock(conn, id, condition, moves)?;
    let CategoryChange { external_id, slug, name, parent_id, position } = change;
    let mut after = CategoryRow {
        external_id: external_id.apply(before.external_id.clone()),
        slug: slug.unwrap_or_else(|| before.slug.clone()),
        name: name.unwrap_or_else(|| before.name.clone()),
        parent_id: parent_id.apply(before.parent_id),
        position: position.unwrap_or(before.position),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    if after.parent_id != before.parent_id {
        check_parent(&tree, after.parent_id, Some(id))?;
    }
    after.version += 1;
    after.updated_at = now;
    diesel::update(categories::table.find(id).filter(categories::version.eq(before.version)))
        .set((
            categories::external_id.eq(&after.external_id),
            categories::slug.eq(&after.slug),
            categories::name.eq(&after.name),
            categories::parent_id.eq(after.parent_id),
            categories::position.eq(after.position),
            categories::version.eq(after.version),
            categories::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(taken)?;
    if after.slug != before.slug {
        if former_slugs::was_anothers(conn, &after.slug, id)? {
            return Err(slug_taken());
        }
        former_slugs::keep(conn, id, &before.slug, &after.slug)?;
    }
    record(conn, now, EventType::CategoryUpdated, id.as_str(), after.version, json!({}))?;
    Ok(after)
}

/// Deletes a category.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `in_use` while products or categories lie in it, or rules of collections name it.
pub fn delete_category(conn: &mut Conn, id: CategoryId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    // With the whole tree, as moves have it: one that has locked a part would wait for the other, and it for the part.
    let (_, before) = lock(conn, id, condition, true)?;
    named::spare_category(conn, id)?;
    let own = categories::table.find(id).filter(categories::version.eq(before.version));
    diesel::delete(own).execute(conn).map_err(|error| match classify(&error) {
        Failure::ForeignKey => {
            Error::problem(Code::InUse, "Products or other categories lie in it, or collections name it.")
        }
        _ => error.into(),
    })?;
    Ok(record(conn, now, EventType::CategoryDeleted, id.as_str(), before.version + 1, json!({}))?)
}

/// Locks the category; the whole tree where it moves or goes, so that two moves cannot close a circle.
fn lock(conn: &mut Conn, id: CategoryId, condition: &IfMatch, whole: bool) -> Result<(CategoryTree, CategoryRow)> {
    if whole {
        let all = categories::table.order(categories::id.asc()).select(categories::id);
        lock_rows!(conn, all, for_no_key_update)?;
    } else {
        lock_rows!(conn, categories::table.find(id).select(categories::id), for_no_key_update)?;
    }
    let tree = CategoryTree::load(conn)?;
    let row = tree.get(id).cloned().ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok((tree, row))
}

/// A parent is there, is not below the category itself, and leaves the tree within its levels.
fn check_parent(tree: &CategoryTree, parent_id: Option<CategoryId>, own: Option<CategoryId>) -> Result<()> {
    let Some(parent_id) = parent_id else { return Ok(()) };
    let refuse = |code, detail: String| Err(Violation::at("#/parent_id", code, detail).into());
    if tree.get(parent_id).is_none() {
        return refuse(Code::NotFound, "There is no such category.".to_owned());
    }
    if own.is_some_and(|id| tree.with_descendants(id).contains(&parent_id)) {
        return refuse(
            Code::CategoryMisplaced,
            "A category cannot lie in itself, nor in one that lies in it.".to_owned(),
        );
    }
    let above = tree.lineage(parent_id).len();
    if above + own.map_or(1, |id| height(tree, id)) > LEVELS {
        return refuse(Code::CategoryMisplaced, format!("The tree has at most {LEVELS} levels."));
    }
    Ok(())
}

/// The levels of a category and all below it.
fn height(tree: &CategoryTree, id: CategoryId) -> usize {
    let own_level = tree.lineage(id).len();
    let below = tree.with_descendants(id).into_iter().map(|it| tree.lineage(it).len());
    below.max().unwrap_or(own_level) + 1 - own_level
}

fn slug_taken() -> Error {
    Violation::at("#/slug", Code::SlugTaken, "Another category has, or had, this slug.").into()
}

fn taken(error: DieselError) -> Error {
    if is_duplicate(&error, "categories.slug") {
        return slug_taken();
    }
    if is_duplicate(&error, "categories.external_id") {
        return Violation::at("#/external_id", Code::ExternalIdTaken, "Another category has this external id.").into();
    }
    if classify(&error) == Failure::ForeignKey {
        return Violation::at("#/parent_id", Code::NotFound, "There is no such category.").into();
    }
    error.into()
}
