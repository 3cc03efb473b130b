//! Changes what a product says of itself: its name, texts, options, attributes and place in the shop.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::Value;

use super::{
    attribute_definition,
    create_product::{check_references, place_in_categories},
    description,
    draft::ProductChange,
    edit_product::Editing,
    model::{Attributes, ProductStatus},
    restate_variants::restate_variants,
    rules,
    store::ProductRow,
    taken, write_variant,
};
use crate::{
    db::{Conn, columns::Json, schema::product_categories},
    error::{Code, Error, Result, Violation},
    ids::{BrandId, CategoryId},
    patch::Patch,
    time::UtcTime,
};

/// The most attributes of a product.
pub const ATTRIBUTES: usize = 250;

/// Makes the change to a product that is being edited.
///
/// # Errors
/// 422 with every violation.
pub fn change_product(conn: &mut Conn, editing: &mut Editing, change: &ProductChange, now: UtcTime) -> Result<()> {
    let ProductChange {
        external_id,
        slug,
        name,
        description,
        status,
        publish_at,
        unpublish_at,
        brand_id,
        category_ids,
        options,
        variant_options,
        attributes,
    } = change.clone();
    let mut violations = Vec::new();
    violations.extend(taken(conn, editing, change)?);
    let row = &mut editing.row;
    row.external_id = external_id.apply(row.external_id.take());
    row.slug = slug.unwrap_or_else(|| row.slug.clone());
    match description.map(description::cleaned).transpose() {
        Ok(None) => {}
        Ok(Some(cleaned)) => row.description = cleaned,
        Err(violation) => violations.push(violation),
    }
    let status = status.unwrap_or(row.status);
    violations.extend(plan(row, status, publish_at, unpublish_at, now));
    let new_brand = brand_id.apply(row.brand_id);
    violations.extend(check_places(conn, editing, new_brand, category_ids.as_deref())?);
    editing.row.brand_id = new_brand;
    violations.extend(change_attributes(conn, editing, attributes)?);
    let variants = restate_variants(editing, name, options, &variant_options, &mut violations);
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    for (before, mut after) in variants {
        if before != after {
            after.updated_at = now;
            write_variant::save(conn, editing, after, "#")?;
        }
    }
    if let Some(ids) = category_ids.filter(|ids| *ids != editing.category_ids) {
        let own = product_categories::table.filter(product_categories::product_id.eq(editing.row.id));
        diesel::delete(own).execute(conn)?;
        place_in_categories(conn, editing.row.id, &ids)?;
        editing.category_ids = ids;
        editing.touched = true;
    }
    Ok(())
}

/// What others have already of what is new. What stands there already may stay as it is.
fn taken(conn: &mut Conn, editing: &Editing, change: &ProductChange) -> QueryResult<Vec<Violation>> {
    let row = &editing.row;
    let slug = change.slug.as_ref().filter(|slug| **slug != row.slug);
    let external_id = match &change.external_id {
        Patch::Value(key) if row.external_id.as_ref() != Some(key) => Some(key.as_str()),
        _ => None,
    };
    taken::of_product(conn, Some(row.id), slug, external_id)
}

/// Sets the state, and the times at which the product appears and goes; what is published by hand appears no more by
/// itself. What stands there already may stay as it is.
fn plan(
    row: &mut ProductRow,
    status: ProductStatus,
    publish_at: Patch<UtcTime>,
    unpublish_at: Patch<UtcTime>,
    now: UtcTime,
) -> Vec<Violation> {
    let before = (row.status, row.publish_at, row.unpublish_at);
    let changed = if unpublish_at.is_absent() { "#/publish_at" } else { "#/unpublish_at" };
    let is_published = status == ProductStatus::Published && row.status != status;
    row.publish_at = if is_published && publish_at.is_absent() { None } else { publish_at.apply(row.publish_at) };
    row.unpublish_at = unpublish_at.apply(row.unpublish_at);
    row.status = status;
    let times_are_new = (before.1, before.2) != (row.publish_at, row.unpublish_at);
    let reversed = rules::check_schedule(row.publish_at, row.unpublish_at, changed).filter(|_| times_are_new);
    let state_is_new = (before.0, before.1) != (row.status, row.publish_at);
    let too_late = rules::check_publication(row.status, row.publish_at, now).filter(|_| state_is_new);
    reversed.into_iter().chain(too_late).collect()
}

/// Looks only for what is new: what stands there already is there.
fn check_places(
    conn: &mut Conn,
    editing: &Editing,
    brand_id: Option<BrandId>,
    category_ids: Option<&[CategoryId]>,
) -> QueryResult<Vec<Violation>> {
    let brand_id = brand_id.filter(|_| brand_id != editing.row.brand_id);
    let category_ids = category_ids.filter(|ids| **ids != editing.category_ids);
    check_references(conn, brand_id, category_ids.unwrap_or_default())
}

/// Merges attributes key by key, as a JSON merge patch does. What was there before its definition may stay as it is.
fn change_attributes(
    conn: &mut Conn,
    editing: &mut Editing,
    patch: Patch<BTreeMap<String, Option<Value>>>,
) -> QueryResult<Vec<Violation>> {
    let before: Attributes = (*editing.row.attributes).clone();
    let mut attributes = before.clone();
    match patch {
        Patch::Absent => return Ok(Vec::new()),
        Patch::Null => attributes.clear(),
        Patch::Value(changes) => {
            for (key, value) in changes {
                match value {
                    Some(value) => attributes.insert(key, value),
                    None => attributes.remove(&key),
                };
            }
        }
    }
    if attributes.len() > ATTRIBUTES {
        let detail = format!("A product has at most {ATTRIBUTES} attributes.");
        return Ok(vec![Violation::at("#/attributes", Code::TooManyEntries, detail).param("max", ATTRIBUTES)]);
    }
    let mut new = attributes.clone();
    new.retain(|key, value| before.get(key) != Some(value));
    let violations = attribute_definition::check_kinds(conn, &new)?;
    editing.row.attributes = Json::new(attributes);
    Ok(violations)
}
