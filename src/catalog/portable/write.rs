//! Makes what the products stand on, or changes it to what is said: definitions of attributes, brands, categories.

use diesel::prelude::*;
use serde_json::json;

use super::{PortableAttribute, PortableBrand, PortableCategory};
use crate::{
    catalog::{
        attribute_definition::{self, AttributeKind, DefinitionChange, NewDefinition},
        former_slugs,
        model::Slug,
        write_brand::{BrandChange, NewBrand, change_brand, create_brand},
        write_category::{CategoryChange, NewCategory, change_category, create_category},
    },
    db::{
        Conn,
        schema::{attribute_definitions, brands, categories},
    },
    error::{Code, Result, Violation},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::{AttributeId, BrandId, CategoryId},
    patch::Patch,
    time::UtcTime,
};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It was another.
    Updated,
    /// It was so already.
    Unchanged,
}

impl Written {
    pub(super) fn by_version(before: i64, after: i64) -> Self {
        if before == after { Self::Unchanged } else { Self::Updated }
    }
}

/// A null patch for nothing.
pub(super) fn exactly<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Null, Patch::Value)
}

/// Writes a definition, which is found by its key.
///
/// # Errors
/// 422 where the key is one of another kind, 409 where the shop has as many definitions as it may.
pub fn write_attribute(conn: &mut Conn, new: PortableAttribute, now: UtcTime) -> Result<Written> {
    let PortableAttribute { key, label, kind, unit, filterable, position } = new;
    let of_key = attribute_definitions::table.filter(attribute_definitions::key.eq(&key));
    let known = of_key
        .select((attribute_definitions::id, attribute_definitions::kind, attribute_definitions::version))
        .first::<(AttributeId, AttributeKind, i64)>(conn)
        .optional()?;
    // It was not always refused that others than numbers had a unit.
    let unit = unit.filter(|_| kind == AttributeKind::Number);
    let Some((id, present, version)) = known else {
        let new = NewDefinition { key, label, kind, unit, filterable, position };
        return attribute_definition::create(conn, &new, now).map(|_| Written::Created);
    };
    if present != kind {
        let detail = format!("The shop defines `{key}` as {}.", present.as_str());
        return Err(Violation::at("#/kind", Code::InvalidValue, detail).into());
    }
    let change = DefinitionChange {
        label: Some(label),
        unit: exactly(unit),
        filterable: Some(filterable),
        position: Some(position),
    };
    let after = attribute_definition::change(conn, id, &IfMatch::Any, change, now)?;
    Ok(Written::by_version(version, after.version))
}

/// Writes a brand, which is found by its slug.
///
/// # Errors
/// 409 `slug_taken` or `external_id_taken`.
pub fn write_brand(conn: &mut Conn, new: PortableBrand, now: UtcTime) -> Result<Written> {
    let PortableBrand { slug, external_id, name, former_slugs: former } = new;
    let of_slug = brands::table.filter(brands::slug.eq(&slug)).select((brands::id, brands::version));
    let Some((id, version)) = of_slug.first::<(BrandId, i64)>(conn).optional()? else {
        let made = create_brand(conn, &NewBrand { external_id, slug: Some(slug), name }, now)?;
        former_slugs::of_brands::adopt(conn, made.id, &made.slug, &former)?;
        return Ok(Written::Created);
    };
    let change = BrandChange { external_id: exactly(external_id), slug: None, name: Some(name) };
    let after = change_brand(conn, id, &IfMatch::Any, change, now)?;
    let is_new = former_slugs::of_brands::adopt(conn, id, &after.slug, &former)?;
    if is_new && after.version == version {
        record(conn, now, EventType::BrandUpdated, id.as_str(), version, json!({}))?;
        return Ok(Written::Updated);
    }
    Ok(Written::by_version(version, after.version))
}

/// Writes a category, which is found by its external id where it has one, else by its slug.
///
/// # Errors
/// 422 for a parent that is not there or cannot be, 409 `slug_taken` or `external_id_taken`.
pub fn write_category(conn: &mut Conn, new: PortableCategory, now: UtcTime) -> Result<Written> {
    let PortableCategory { slug, external_id, name, parent, position, former_slugs: former } = new;
    let parent_id = match &parent {
        None => None,
        Some(parent) => {
            let missing = || Violation::at("#/parent", Code::NotFound, format!("There is no category `{parent}`."));
            Some(category_of_slug(conn, parent)?.ok_or_else(missing)?)
        }
    };
    let Some((id, version)) = find_category(conn, external_id.as_deref(), &slug)? else {
        let new = NewCategory { external_id, slug: Some(slug), name, parent_id, position: Some(position) };
        let made = create_category(conn, &new, now)?;
        former_slugs::of_categories::adopt(conn, made.id, &made.slug, &former)?;
        return Ok(Written::Created);
    };
    let change = CategoryChange {
        external_id: exactly(external_id),
        slug: Some(slug),
        name: Some(name),
        parent_id: exactly(parent_id),
        position: Some(position),
    };
    let after = change_category(conn, id, &IfMatch::Any, change, now)?;
    let is_new = former_slugs::of_categories::adopt(conn, id, &after.slug, &former)?;
    if is_new && after.version == version {
        record(conn, now, EventType::CategoryUpdated, id.as_str(), version, json!({}))?;
        return Ok(Written::Updated);
    }
    Ok(Written::by_version(version, after.version))
}

pub(super) fn category_of_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<CategoryId>> {
    categories::table.filter(categories::slug.eq(slug)).select(categories::id).first(conn).optional()
}

fn find_category(conn: &mut Conn, external_id: Option<&str>, slug: &Slug) -> QueryResult<Option<(CategoryId, i64)>> {
    let found = (categories::id, categories::version);
    if let Some(key) = external_id {
        let by_key = categories::table.filter(categories::external_id.eq(key)).select(found).first(conn).optional()?;
        if by_key.is_some() {
            return Ok(by_key);
        }
    }
    categories::table.filter(categories::slug.eq(slug)).select(found).first(conn).optional()
}
