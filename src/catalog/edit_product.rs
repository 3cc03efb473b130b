//! Changes to a product and its parts, made together: one new version and one event, however many they are.
//!
//! [`open`] locks the product and loads it; the functions of `change_product`, `write_variant` and `set_prices` write
//! their parts and note what the product itself becomes; [`finish`] writes that, if anything changed at all.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::json;

use super::{
    create_product::{insert_price_ranges, product_taken, slug_taken},
    draft::ChosenOptions,
    filterable,
    former_slugs::of_products as former_slugs,
    model::{Availability, VariantOptions},
    store::{self, PriceRow, ProductRow, VariantRow},
};
use crate::{
    db::{
        Conn, dialect,
        schema::{prices, product_categories, product_price_ranges, products, variants},
    },
    error::{Error, Result},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::{CategoryId, ProductId, VariantId},
    lock_rows,
    time::UtcTime,
};

/// A product that is being changed. It is locked until the transaction ends.
#[derive(Debug, Clone)]
pub struct Editing {
    before: ProductRow,
    /// The product as it is to be.
    pub row: ProductRow,
    /// Its variants as they are, in the order to show them.
    pub variants: Vec<VariantRow>,
    /// Its prices as they are.
    pub prices: Vec<PriceRow>,
    /// Its categories as they are, in the order to show them.
    pub category_ids: Vec<CategoryId>,
    /// Whether a part has been written.
    pub(super) touched: bool,
    /// Whether prices, or the variants that have them, have been written.
    pub(super) repriced: bool,
}

/// What came of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The product has a new version.
    Changed,
    /// It was so already.
    Unchanged,
}

/// Locks a product, checks its version and loads what can be changed.
///
/// # Errors
/// 404, 412 `stale_version`.
pub fn open(conn: &mut Conn, id: ProductId, condition: &IfMatch) -> Result<Editing> {
    // Before the product's own lock, so that who waits here keeps nobody waiting.
    dialect::hold_definitions(conn)?;
    lock_rows!(conn, products::table.find(id).select(products::id))?;
    let row = store::find_product(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(Editing {
        before: row.clone(),
        row,
        variants: variants::table
            .filter(variants::product_id.eq(id))
            .order((variants::position.asc(), variants::id.asc()))
            .select(VariantRow::as_select())
            .load(conn)?,
        prices: prices::table
            .inner_join(variants::table)
            .filter(variants::product_id.eq(id))
            .order((prices::variant_id.asc(), prices::currency.asc()))
            .select(PriceRow::as_select())
            .load(conn)?,
        category_ids: product_categories::table
            .filter(product_categories::product_id.eq(id))
            .order((product_categories::position.asc(), product_categories::category_id.asc()))
            .select(product_categories::category_id)
            .load(conn)?,
        touched: false,
        repriced: false,
    })
}

/// [`open`] for the product of a variant.
///
/// # Errors
/// 404, 412 `stale_version`.
pub fn open_of_variant(conn: &mut Conn, id: VariantId, condition: &IfMatch) -> Result<Editing> {
    let of_variant = variants::table.find(id).select(variants::product_id).first(conn).optional()?;
    let editing = open(conn, of_variant.ok_or_else(Error::not_found)?, condition)?;
    editing.variant(id)?;
    Ok(editing)
}

impl Editing {
    /// One of the product's variants.
    ///
    /// # Errors
    /// 404 where it has no such variant.
    pub fn variant(&self, id: VariantId) -> Result<&VariantRow> {
        self.variants.iter().find(|it| it.id == id).ok_or_else(Error::not_found)
    }

    /// The product's variant of this SKU.
    pub fn variant_of_sku(&self, sku: &str) -> Option<VariantId> {
        self.variants.iter().find(|it| it.sku == sku).map(|it| it.id)
    }

    /// What the variants that are there are to have of the options, by what is said of all variants, in order: the SKU of
    /// each, and its options where they are said.
    pub fn chosen_options<'a>(
        &self,
        said: impl Iterator<Item = (&'a str, Option<&'a VariantOptions>)>,
    ) -> BTreeMap<VariantId, ChosenOptions> {
        let known = said.enumerate().filter_map(|(place, (sku, values))| {
            let chosen = ChosenOptions { at: format!("#/variants/{place}/options"), values: values?.clone() };
            Some((self.variant_of_sku(sku)?, chosen))
        });
        known.collect()
    }
}

/// Writes what the product has become: a new version, its price ranges and availability, and the event.
///
/// # Errors
/// 409 `slug_taken` or `external_id_taken`.
pub fn finish(conn: &mut Conn, editing: Editing, now: UtcTime) -> Result<Outcome> {
    let Editing { before, mut row, variants, prices, category_ids: _, touched, repriced } = editing;
    row.availability = Availability::best(variants.iter().map(|it| it.availability));
    if !touched && row == before {
        return Ok(Outcome::Unchanged);
    }
    row.version = before.version + 1;
    row.updated_at = now;
    update(conn, &before, &row)?;
    if row.slug != before.slug {
        keep_former_slug(conn, &before, &row)?;
    }
    if repriced {
        let ranges = product_price_ranges::table.filter(product_price_ranges::product_id.eq(row.id));
        diesel::delete(ranges).execute(conn)?;
        insert_price_ranges(conn, row.id, &prices)?;
    }
    if touched || row.attributes != before.attributes {
        filterable::replace(conn, row.id, &row.attributes, variants.iter().map(|it| &*it.options))?;
    }
    record(conn, now, EventType::ProductUpdated, row.id.as_str(), row.version, json!({}))?;
    Ok(Outcome::Changed)
}

fn update(conn: &mut Conn, before: &ProductRow, row: &ProductRow) -> Result<()> {
    let ProductRow {
        id,
        external_id,
        slug,
        name,
        name_folded,
        description,
        status,
        brand_id,
        options,
        attributes,
        availability,
        publish_at,
        unpublish_at,
        version,
        created_at: _,
        updated_at,
    } = row;
    let changed = diesel::update(products::table.find(id).filter(products::version.eq(before.version)))
        .set((
            products::external_id.eq(external_id),
            products::slug.eq(slug),
            products::name.eq(name),
            products::name_folded.eq(name_folded),
            products::description.eq(description),
            products::status.eq(status),
            products::brand_id.eq(brand_id),
            products::options.eq(options),
            products::attributes.eq(attributes),
            products::availability.eq(availability),
            products::publish_at.eq(publish_at),
            products::unpublish_at.eq(unpublish_at),
            products::version.eq(version),
            products::updated_at.eq(updated_at),
        ))
        .execute(conn)
        .map_err(product_taken)?;
    // The row has been locked since it was read.
    if changed == 1 { Ok(()) } else { Err(Error::Internal(format!("{id} has changed under its lock"))) }
}

/// The slug before still leads to the product.
fn keep_former_slug(conn: &mut Conn, before: &ProductRow, row: &ProductRow) -> Result<()> {
    if former_slugs::was_anothers(conn, &row.slug, row.id)? {
        return Err(slug_taken().into());
    }
    Ok(former_slugs::keep(conn, row.id, &before.slug, &row.slug)?)
}
