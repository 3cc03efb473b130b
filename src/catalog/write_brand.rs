//! Makes, changes and deletes a brand.

use diesel::{prelude::*, result::Error as DieselError};
use serde_json::json;

use super::{
    collections::named,
    former_slugs::of_brands as former_slugs,
    model::Slug,
    store::{self, BrandRow},
};
use crate::{
    db::{
        Conn,
        constraints::{Failure, classify, is_duplicate},
        schema::brands,
    },
    error::{Code, Error, Result, Violation},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::BrandId,
    lock_rows, on_each_database,
    patch::Patch,
    text::fold,
    time::UtcTime,
};

/// A brand to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBrand {
    /// The shop's own key for it.
    pub external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: String,
}

/// What is to change of a brand; what is `None` or absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrandChange {
    /// The shop's own key for it.
    pub external_id: Patch<String>,
    /// Its name in addresses; the one before still leads to it.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: Option<String>,
}

/// Makes a brand.
///
/// # Errors
/// 409 `slug_taken` or `external_id_taken`.
pub fn create_brand(conn: &mut Conn, new: &NewBrand, now: UtcTime) -> Result<BrandRow> {
    let id = BrandId::new();
    for slug in slugs_for(new, id) {
        let row = BrandRow {
            id,
            external_id: new.external_id.clone(),
            slug,
            name: new.name.clone(),
            name_folded: fold(&new.name),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let inserted = on_each_database!(conn, conn => {
            diesel::insert_into(brands::table).values(&row).on_conflict(brands::slug).do_nothing().execute(conn)
        });
        if inserted.map_err(taken)? == 0 {
            continue;
        }
        // Looked at only now: the row just written has waited for whoever was leaving this slug.
        if !former_slugs::was_anothers(conn, &row.slug, id)? {
            record(conn, now, EventType::BrandCreated, id.as_str(), row.version, json!({}))?;
            return Ok(row);
        }
        diesel::delete(brands::table.find(id)).execute(conn)?;
    }
    Err(slug_taken())
}

/// The slug that is given, or those that the name makes: by itself, and with the end of the id.
fn slugs_for(new: &NewBrand, id: BrandId) -> Vec<Slug> {
    if let Some(given) = &new.slug {
        return vec![given.clone()];
    }
    let text = id.as_str();
    let own = &text[text.len() - 10..];
    let stem = Slug::from_name(&new.name);
    let unique = stem.as_ref().map_or_else(|| Slug::from_name(own), |it| it.with_suffix(own));
    [stem, unique].into_iter().flatten().collect()
}

/// Changes a brand. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `slug_taken` or `external_id_taken`.
pub fn change_brand(
    conn: &mut Conn,
    id: BrandId,
    condition: &IfMatch,
    change: BrandChange,
    now: UtcTime,
) -> Result<BrandRow> {
    let before = lock(conn, id, condition)?;
    let BrandChange { external_id, slug, name } = change;
    let mut after = before.clone();
    after.external_id = external_id.apply(after.external_id);
    after.slug = slug.unwrap_or(after.slug);
    after.name = name.unwrap_or(after.name);
    after.name_folded = fold(&after.name);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = now;
    diesel::update(brands::table.find(id).filter(brands::version.eq(before.version)))
        .set((
            brands::external_id.eq(&after.external_id),
            brands::slug.eq(&after.slug),
            brands::name.eq(&after.name),
            brands::name_folded.eq(&after.name_folded),
            brands::version.eq(after.version),
            brands::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(taken)?;
    if after.slug != before.slug {
        if former_slugs::was_anothers(conn, &after.slug, id)? {
            return Err(slug_taken());
        }
        former_slugs::keep(conn, id, &before.slug, &after.slug)?;
    }
    record(conn, now, EventType::BrandUpdated, id.as_str(), after.version, json!({}))?;
    Ok(after)
}

/// Deletes a brand.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `in_use` while products, or rules of collections, name it.
pub fn delete_brand(conn: &mut Conn, id: BrandId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    let before = lock(conn, id, condition)?;
    named::spare_brand(conn, id)?;
    let own = brands::table.find(id).filter(brands::version.eq(before.version));
    diesel::delete(own).execute(conn).map_err(|error| match classify(&error) {
        Failure::ForeignKey => Error::problem(Code::InUse, "Products name it as their brand, or collections do."),
        _ => error.into(),
    })?;
    Ok(record(conn, now, EventType::BrandDeleted, id.as_str(), before.version + 1, json!({}))?)
}

fn lock(conn: &mut Conn, id: BrandId, condition: &IfMatch) -> Result<BrandRow> {
    lock_rows!(conn, brands::table.find(id).select(brands::id))?;
    let row = store::find_brand(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(row)
}

fn slug_taken() -> Error {
    Violation::at("#/slug", Code::SlugTaken, "Another brand has, or had, this slug.").into()
}

fn taken(error: DieselError) -> Error {
    if is_duplicate(&error, "brands.slug") {
        return slug_taken();
    }
    if is_duplicate(&error, "brands.external_id") {
        return Violation::at("#/external_id", Code::ExternalIdTaken, "Another brand has this external id.").into();
    }
    error.into()
}
