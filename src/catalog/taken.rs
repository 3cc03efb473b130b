//! Slugs, SKUs and external ids that others have already. They are looked for before anything is written, so that all are
//! told at once; the constraints have the last word, as two may ask for one at the same time.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{
    create_product::{external_id_taken, slug_taken},
    draft::NewVariant,
    former_slugs::of_products as former_slugs,
    model::Slug,
};
use crate::{
    db::{
        Conn,
        schema::{products, variants},
    },
    error::{Code, Violation},
    ids::{ProductId, VariantId},
};

/// What others have of what the product `own` is to have: three statements at most.
///
/// # Errors
/// A database error.
pub(super) fn of_product(
    conn: &mut Conn,
    own: Option<ProductId>,
    slug: Option<&Slug>,
    external_id: Option<&str>,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    if let Some(key) = external_id {
        let of_key = products::table.filter(products::external_id.eq(key)).select(products::id);
        let holder: Option<ProductId> = of_key.first(conn).optional()?;
        let holder = holder.filter(|id| Some(*id) != own);
        violations.extend(holder.map(|id| external_id_taken().param("product_id", id.as_str())));
    }
    if let Some(slug) = slug {
        let present = products::table.filter(products::slug.eq(slug)).select(products::id).first(conn).optional()?;
        let holder = match present {
            Some(id) => Some(id),
            None => former_slugs::holder(conn, slug)?,
        };
        let holder = holder.filter(|id| Some(*id) != own);
        violations.extend(holder.map(|id| slug_taken().param("product_id", id.as_str())));
    }
    Ok(violations)
}

/// What a variant is to have, and where the request says so.
pub(super) struct Wanted<'a> {
    /// Of the variant, such as `#/variants/0`.
    pub(super) at: String,
    /// Its SKU, where it is new.
    pub(super) sku: Option<&'a str>,
    /// Its external id, where it is new.
    pub(super) external_id: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Of a new variant.
    pub(super) fn of(new: &'a NewVariant, at: impl Into<String>) -> Self {
        Self { at: at.into(), sku: Some(&new.sku), external_id: new.external_id.as_deref() }
    }
}

/// What others, or two of the request, have of what variants are to have, of which `own` is there already. One statement,
/// however many they are.
///
/// # Errors
/// A database error.
pub(super) fn of_variants(
    conn: &mut Conn,
    own: Option<VariantId>,
    wanted: &[Wanted<'_>],
) -> QueryResult<Vec<Violation>> {
    let skus: Vec<&str> = wanted.iter().filter_map(|it| it.sku).collect();
    let keys: Vec<&str> = wanted.iter().filter_map(|it| it.external_id).collect();
    let mut query = variants::table.select((variants::id, variants::sku, variants::external_id)).into_boxed();
    let has_sku = variants::sku.eq_any(&skus);
    let has_key = variants::external_id.eq_any(&keys).assume_not_null();
    // Of no names at all nothing is asked: SQLite would read all variants.
    query = match (skus.is_empty(), keys.is_empty()) {
        (true, true) => return Ok(Vec::new()),
        (false, true) => query.filter(has_sku),
        (true, false) => query.filter(has_key),
        (false, false) => query.filter(has_sku.or(has_key)),
    };
    let found: Vec<(VariantId, String, Option<String>)> = query.load(conn)?;
    let others = || found.iter().filter(|(id, ..)| Some(*id) != own);
    let of_skus: HashMap<&str, VariantId> = others().map(|(id, sku, _)| (sku.as_str(), *id)).collect();
    let of_keys: HashMap<&str, VariantId> = others().filter_map(|(id, _, key)| Some((key.as_deref()?, *id))).collect();
    let (mut seen_skus, mut seen_keys) = (HashSet::new(), HashSet::new());
    let mut violations = Vec::new();
    for Wanted { at, sku, external_id } in wanted {
        if let Some(sku) = sku {
            let violation = of_one(of_skus.get(sku), !seen_skus.insert(*sku), || sku_taken(at));
            violations.extend(violation);
        }
        if let Some(key) = external_id {
            let violation = of_one(of_keys.get(key), !seen_keys.insert(*key), || variant_key_taken(at));
            violations.extend(violation);
        }
    }
    Ok(violations)
}

fn of_one(holder: Option<&VariantId>, is_twice: bool, violation: impl Fn() -> Violation) -> Option<Violation> {
    match holder {
        Some(id) => Some(violation().param("variant_id", id.as_str())),
        None => is_twice.then(violation),
    }
}

/// The violation of a variant at `at` whose SKU another has.
pub(super) fn sku_taken(at: &str) -> Violation {
    Violation::at(format!("{at}/sku"), Code::SkuTaken, "Another variant has this SKU.")
}

/// The violation of a variant at `at` whose external id another has.
pub(super) fn variant_key_taken(at: &str) -> Violation {
    Violation::at(format!("{at}/external_id"), Code::ExternalIdTaken, "Another variant has this external id.")
}
