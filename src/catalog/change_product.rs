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
    model::{Attributes, ProductOption, VariantOptions},
    rules,
    store::{ProductRow, VariantRow},
    write_variant,
};
use crate::{
    db::{Conn, columns::Json, schema::product_categories},
    error::{Code, Error, Result, Violation},
    ids::{BrandId, CategoryId},
    patch::Patch,
    text::fold,
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
        attributes,
    } = change.clone();
    let mut violations = Vec::new();
    let row = &mut editing.row;
    row.external_id = external_id.apply(row.external_id.take());
    row.slug = slug.unwrap_or_else(|| row.slug.clone());
    match description.map(description::cleaned).transpose() {
        Ok(None) => {}
        Ok(Some(cleaned)) => row.description = cleaned,
        Err(violation) => violations.push(violation),
    }
    row.status = status.unwrap_or(row.status);
    violations.extend(plan(row, publish_at, unpublish_at));
    let new_brand = brand_id.apply(row.brand_id);
    violations.extend(check_places(conn, editing, new_brand, category_ids.as_deref())?);
    editing.row.brand_id = new_brand;
    violations.extend(change_attributes(conn, editing, attributes)?);
    let variants = restate_variants(editing, name, options, &mut violations);
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

/// Sets the times at which the product appears and goes. What stands there already may stay as it is.
fn plan(row: &mut ProductRow, publish_at: Patch<UtcTime>, unpublish_at: Patch<UtcTime>) -> Option<Violation> {
    let before = (row.publish_at, row.unpublish_at);
    let changed = if unpublish_at.is_absent() { "#/publish_at" } else { "#/unpublish_at" };
    row.publish_at = publish_at.apply(row.publish_at);
    row.unpublish_at = unpublish_at.apply(row.unpublish_at);
    let is_new = before != (row.publish_at, row.unpublish_at);
    rules::check_schedule(row.publish_at, row.unpublish_at, changed).filter(|_| is_new)
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

/// Gives the product its name and options, and says what its variants become by that: an option that goes is taken
/// from them, and those without a name of their own follow the product's.
fn restate_variants(
    editing: &mut Editing,
    name: Option<String>,
    options: Option<Vec<ProductOption>>,
    violations: &mut Vec<Violation>,
) -> Vec<(VariantRow, VariantRow)> {
    let old_name = editing.row.name.clone();
    let old_options = editing.row.options.clone().into_inner();
    let new_options = options.unwrap_or_else(|| old_options.clone());
    let new_name = name.unwrap_or_else(|| old_name.clone());
    violations.extend(rules::check_options(&new_options));
    let restated = editing.variants.iter().map(|before| {
        let mut after = before.clone();
        let mut kept: VariantOptions = (*before.options).clone();
        kept.retain(|name, _| new_options.iter().any(|option| option.name == *name));
        if before.name == rules::derived_name(&old_name, &old_options, &before.options) {
            after.name = rules::derived_name(&new_name, &new_options, &kept);
        }
        after.options = Json::new(kept);
        (before.clone(), after)
    });
    let restated: Vec<_> = restated.collect();
    violations.extend(unfit(&new_options, &restated));
    editing.row.name_folded = fold(&new_name);
    editing.row.name = new_name;
    editing.row.options = Json::new(new_options);
    restated
}

/// Why the variants cannot live with these options: one has a value that would be gone, or two would be alike.
fn unfit(options: &[ProductOption], restated: &[(VariantRow, VariantRow)]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (place, option) in options.iter().enumerate() {
        let lost = restated.iter().filter_map(|(_, after)| after.options.get(&option.name));
        for value in lost.filter(|value| !option.values.contains(value)) {
            let detail = format!("A variant has the value `{value}`.");
            violations.push(Violation::at(format!("#/options/{place}/values"), Code::OptionsMismatch, detail));
        }
    }
    let shortened = restated.iter().any(|(before, after)| before.options.len() != after.options.len());
    let alike = restated
        .iter()
        .enumerate()
        .any(|(place, (_, after))| restated[..place].iter().any(|(_, other)| *other.options == *after.options));
    if shortened && !options.is_empty() && alike {
        let detail = "Two variants could no longer be told apart.";
        violations.push(Violation::at("#/options", Code::OptionsMismatch, detail));
    }
    violations
}
