//! Makes, changes and deletes a collection.

use std::collections::BTreeSet;

use diesel::{dsl::max, prelude::*, result::Error as DieselError};
use serde_json::json;

use super::{
    named,
    rules::CollectionRules,
    store::{self, CollectionRow, CollectionType},
};
use crate::{
    catalog::{description, former_slugs::of_collections as former_slugs, model::Slug},
    db::{
        Conn,
        columns::Json,
        constraints::{Failure, classify, is_duplicate},
        dialect,
        schema::{collection_products as members, collections, products},
    },
    error::{Code, Error, Result, Violation},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::{CollectionId, ProductId},
    lock_rows,
    money::Currency,
    on_each_database,
    patch::Patch,
    text::fold,
    time::UtcTime,
};

/// A collection to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCollection {
    /// The shop's own key for it.
    pub external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// How it comes by its products.
    pub kind: CollectionType,
    /// Of one by rules.
    pub rules: Option<CollectionRules>,
    /// Of one by hand.
    pub product_ids: Option<Vec<ProductId>>,
    /// Whether shoppers see it.
    pub published: bool,
    /// Its place among the collections; behind them where it is not given.
    pub position: Option<i32>,
}

/// What is to change of a collection; what is `None` or absent stays. Its kind does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CollectionChange {
    /// The shop's own key for it.
    pub external_id: Patch<String>,
    /// Its name in addresses; the one before still leads to it.
    pub slug: Option<Slug>,
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Of one by rules.
    pub rules: Option<CollectionRules>,
    /// Of one by hand.
    pub product_ids: Option<Vec<ProductId>>,
    /// Whether shoppers see it.
    pub published: Option<bool>,
    /// Its place among the collections.
    pub position: Option<i32>,
}

/// Makes a collection, in a shop that sells in the `offered` currencies.
///
/// # Errors
/// 422 with every violation, 409 `slug_taken` or `external_id_taken`.
pub fn create_collection(
    conn: &mut Conn,
    new: &NewCollection,
    offered: &[Currency],
    now: UtcTime,
) -> Result<CollectionId> {
    let NewCollection { external_id, slug, name, description, kind, rules, product_ids, published, position } =
        new.clone();
    if rules.is_some() {
        dialect::hold_definitions(conn)?;
    }
    let mut violations = check_content(conn, kind, rules.as_ref(), product_ids.as_deref(), offered)?;
    if kind == CollectionType::Rules && rules.is_none() {
        violations.push(Violation::at("#/rules", Code::Required, "A collection by rules needs them."));
    }
    let description = cleaned(Some(description), &mut violations).unwrap_or_default();
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    let id = CollectionId::new();
    let behind = collections::table.select(max(collections::position)).first::<Option<i32>>(conn)?;
    let position = position.unwrap_or(behind.map_or(0, |last| last.saturating_add(1)));
    for slug in slugs_for(slug, &name, id) {
        let row = CollectionRow {
            id,
            external_id: external_id.clone(),
            slug,
            name_folded: fold(&name),
            name: name.clone(),
            description: description.clone(),
            kind,
            rules: rules.clone().map(Json::new),
            published,
            position,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let inserted = on_each_database!(conn, conn => {
            diesel::insert_into(collections::table).values(&row).on_conflict(collections::slug).do_nothing().execute(conn)
        });
        if inserted.map_err(taken)? == 0 {
            continue;
        }
        // Looked at only now: the row just written has waited for whoever was leaving this slug.
        if !former_slugs::was_anothers(conn, &row.slug, id)? {
            put_in(conn, id, product_ids.as_deref().unwrap_or_default())?;
            rules.iter().try_for_each(|rules| named::note(conn, id, rules))?;
            record(conn, now, EventType::CollectionCreated, id.as_str(), row.version, json!({}))?;
            return Ok(id);
        }
        diesel::delete(collections::table.find(id)).execute(conn)?;
    }
    Err(slug_taken())
}

/// The slug that is given, or those that the name makes: by itself, and with the end of the id.
fn slugs_for(given: Option<Slug>, name: &str, id: CollectionId) -> Vec<Slug> {
    if let Some(given) = given {
        return vec![given];
    }
    let text = id.as_str();
    let own = &text[text.len() - 10..];
    let stem = Slug::from_name(name);
    let unique = stem.as_ref().map_or_else(|| Slug::from_name(own), |it| it.with_suffix(own));
    [stem, unique].into_iter().flatten().collect()
}

/// Changes a collection. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 with every violation, 409 `slug_taken` or `external_id_taken`.
pub fn change_collection(
    conn: &mut Conn,
    id: CollectionId,
    condition: &IfMatch,
    change: CollectionChange,
    offered: &[Currency],
    now: UtcTime,
) -> Result<()> {
    if change.rules.is_some() {
        // Before the collection's own lock, so that who waits here keeps nobody waiting.
        dialect::hold_definitions(conn)?;
    }
    let before = lock(conn, id, condition)?;
    let CollectionChange { external_id, slug, name, description, rules, product_ids, published, position } = change;
    // What stands there already may name what has gone since.
    let rules = rules.filter(|rules| before.rules.as_deref() != Some(rules));
    let product_ids = match product_ids {
        Some(ids) if ids != ids_in(conn, id)? => Some(ids),
        _ => None,
    };
    let mut violations = check_content(conn, before.kind, rules.as_ref(), product_ids.as_deref(), offered)?;
    let description = cleaned(description, &mut violations);
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    let name = name.unwrap_or_else(|| before.name.clone());
    let mut after = CollectionRow {
        external_id: external_id.apply(before.external_id.clone()),
        slug: slug.unwrap_or_else(|| before.slug.clone()),
        name_folded: fold(&name),
        name,
        description: description.unwrap_or_else(|| before.description.clone()),
        rules: rules.map(Json::new).or_else(|| before.rules.clone()),
        published: published.unwrap_or(before.published),
        position: position.unwrap_or(before.position),
        ..before.clone()
    };
    if after == before && product_ids.is_none() {
        return Ok(());
    }
    after.version += 1;
    after.updated_at = now;
    save(conn, &before, &after)?;
    if after.rules != before.rules {
        after.rules.iter().try_for_each(|rules| named::note(conn, id, rules))?;
    }
    if let Some(ids) = product_ids {
        diesel::delete(members::table.filter(members::collection_id.eq(id))).execute(conn)?;
        put_in(conn, id, &ids)?;
    }
    Ok(record(conn, now, EventType::CollectionUpdated, id.as_str(), after.version, json!({}))?)
}

fn save(conn: &mut Conn, before: &CollectionRow, after: &CollectionRow) -> Result<()> {
    diesel::update(collections::table.find(after.id).filter(collections::version.eq(before.version)))
        .set((
            collections::external_id.eq(&after.external_id),
            collections::slug.eq(&after.slug),
            collections::name.eq(&after.name),
            collections::name_folded.eq(&after.name_folded),
            collections::description.eq(&after.description),
            collections::rules.eq(&after.rules),
            collections::published.eq(after.published),
            collections::position.eq(after.position),
            collections::version.eq(after.version),
            collections::updated_at.eq(after.updated_at),
        ))
        .execute(conn)
        .map_err(taken)?;
    if after.slug != before.slug {
        if former_slugs::was_anothers(conn, &after.slug, after.id)? {
            return Err(slug_taken());
        }
        former_slugs::keep(conn, after.id, &before.slug, &after.slug)?;
    }
    Ok(())
}

/// Deletes a collection. Its products stay.
///
/// # Errors
/// 404, 412 `stale_version`.
pub fn delete_collection(conn: &mut Conn, id: CollectionId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    let before = lock(conn, id, condition)?;
    diesel::delete(collections::table.find(id).filter(collections::version.eq(before.version))).execute(conn)?;
    Ok(record(conn, now, EventType::CollectionDeleted, id.as_str(), before.version + 1, json!({}))?)
}

fn lock(conn: &mut Conn, id: CollectionId, condition: &IfMatch) -> Result<CollectionRow> {
    lock_rows!(conn, collections::table.find(id).select(collections::id))?;
    let row = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(row)
}

/// Rules and products belong to one kind of collection each, and name what is there.
fn check_content(
    conn: &mut Conn,
    kind: CollectionType,
    rules: Option<&CollectionRules>,
    product_ids: Option<&[ProductId]>,
    offered: &[Currency],
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    match (kind, rules) {
        (CollectionType::Manual, Some(_)) => {
            violations.push(Violation::at("#/rules", Code::UnknownField, "A manual collection takes no rules."));
        }
        (CollectionType::Rules, Some(rules)) => violations.extend(rules.check(conn, offered)?),
        (_, None) => {}
    }
    match (kind, product_ids) {
        (CollectionType::Manual, Some(ids)) => violations.extend(check_products(conn, ids)?),
        (CollectionType::Rules, Some(_)) => {
            let detail = "Rules bring the products of this collection; none are put in.";
            violations.push(Violation::at("#/product_ids", Code::UnknownField, detail));
        }
        (_, None) => {}
    }
    Ok(violations)
}

fn check_products(conn: &mut Conn, ids: &[ProductId]) -> QueryResult<Vec<Violation>> {
    let known: Vec<ProductId> = products::table.filter(products::id.eq_any(ids)).select(products::id).load(conn)?;
    let known: BTreeSet<ProductId> = known.into_iter().collect();
    let mut seen = BTreeSet::new();
    let wrong = ids.iter().enumerate().filter_map(|(place, id)| {
        let at = format!("#/product_ids/{place}");
        if !seen.insert(*id) {
            return Some(Violation::at(at, Code::Duplicate, "The product stands in the list already."));
        }
        (!known.contains(id)).then(|| Violation::at(at, Code::NotFound, "There is no such product."))
    });
    Ok(wrong.collect())
}

fn cleaned(description: Option<String>, violations: &mut Vec<Violation>) -> Option<String> {
    match description.map(description::cleaned)? {
        Ok(cleaned) => Some(cleaned),
        Err(violation) => {
            violations.push(violation);
            None
        }
    }
}

fn ids_in(conn: &mut Conn, id: CollectionId) -> QueryResult<Vec<ProductId>> {
    Ok(store::products_of(conn, &[id])?.into_iter().map(|(_, product_id)| product_id).collect())
}

/// Puts products into an empty collection, in their order.
fn put_in(conn: &mut Conn, id: CollectionId, ids: &[ProductId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = (0..)
        .zip(ids)
        .map(|(position, product_id): (i32, _)| {
            (members::collection_id.eq(id), members::product_id.eq(product_id), members::position.eq(position))
        })
        .collect();
    let inserted =
        on_each_database!(conn, conn => diesel::insert_into(members::table).values(&rows).execute(conn).map(drop));
    inserted.map_err(|error| match classify(&error) {
        // It was deleted since it was looked for.
        Failure::ForeignKey => Violation::at("#/product_ids", Code::NotFound, "One of the products is gone.").into(),
        _ => error.into(),
    })
}

fn slug_taken() -> Error {
    Violation::at("#/slug", Code::SlugTaken, "Another collection has, or had, this slug.").into()
}

fn taken(error: DieselError) -> Error {
    if is_duplicate(&error, "collections.slug") {
        return slug_taken();
    }
    if is_duplicate(&error, "collections.external_id") {
        return Violation::at("#/external_id", Code::ExternalIdTaken, "Another collection has this external id.")
            .into();
    }
    error.into()
}
