//! Adds a variant to a product that is being edited, changes one, or takes one away.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    create_product::{insert_prices, insert_variant, price_rows, variant_row, variant_taken},
    draft::{NewVariant, Terms, VariantChange},
    edit_product::Editing,
    model::{OrderQuantities, VariantOptions},
    rules, set_prices,
    store::VariantRow,
    taken::{self, Wanted},
    write_image,
};
use crate::{
    db::{Conn, columns::Json, schema::variants},
    error::{Code, Error, Result, Violation},
    ids::{ImageId, VariantId},
    inventory,
    patch::Patch,
    time::UtcTime,
};

/// The most variants of a product.
pub const VARIANTS: usize = 1000;

/// Adds a variant, behind those that there are. `at` is where the request names it, such as `#` or `#/variants/0`.
///
/// # Errors
/// 422 with every violation, 409 `sku_taken` or `external_id_taken`.
pub fn create_variant(
    conn: &mut Conn,
    editing: &mut Editing,
    new: &NewVariant,
    at: &str,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<VariantId> {
    let mut violations = check_options(editing, None, &new.options, at);
    violations.extend(rules::check_prices(&new.prices, terms.currencies, at));
    violations.extend(rules::check_quantities(new.order_quantities, &format!("{at}/max_order_quantity")));
    violations.extend(check_image(conn, editing, new.image_id, at)?);
    violations.extend(taken::of_variants(conn, None, &[Wanted::of(new, at)])?);
    if editing.variants.len() >= VARIANTS {
        let detail = format!("A product has at most {VARIANTS} variants.");
        violations.push(Violation::at(at, Code::TooManyEntries, detail).param("max", VARIANTS));
    }
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    let position = editing.variants.last().map_or(0, |it| it.position.saturating_add(1));
    let row = variant_row(&editing.row, new, position, terms.low_stock, now);
    let id = row.id;
    insert_variant(conn, &row, at)?;
    let prices: Vec<_> = price_rows(id, &new.prices).collect();
    insert_prices(conn, &prices)?;
    inventory::create_stock(conn, &[(id, new.stock)], now)?;
    editing.variants.push(row);
    editing.prices.extend(prices);
    editing.touched = true;
    editing.repriced = true;
    Ok(id)
}

/// Changes a variant.
///
/// # Errors
/// 404 where the product has no such variant, 422 with every violation, 409 `sku_taken` or `external_id_taken`.
pub fn change_variant(
    conn: &mut Conn,
    editing: &mut Editing,
    id: VariantId,
    change: &VariantChange,
    at: &str,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<()> {
    let before = editing.variant(id)?.clone();
    let VariantChange {
        external_id,
        sku,
        name,
        options,
        prices,
        barcode,
        weight_grams,
        min_order_quantity,
        max_order_quantity,
        image_id,
        position,
    } = change.clone();
    let product = &editing.row;
    let was_derived = before.name == rules::derived_name(&product.name, &product.options, &before.options);
    let chosen = options.map(|changes| merged(&before.options, changes));
    let mut violations = chosen.as_ref().map(|it| check_options(editing, Some(id), it, at)).unwrap_or_default();
    violations.extend(rules::check_prices(prices.as_deref().unwrap_or_default(), terms.currencies, at));
    let (quantities, unfit) = quantities_after(&before, min_order_quantity, max_order_quantity, at);
    violations.extend(unfit);
    let image_id = image_id.apply(before.image_id);
    violations.extend(check_image(conn, editing, image_id.filter(|_| image_id != before.image_id), at)?);
    let external_id = external_id.apply(before.external_id.clone());
    violations.extend(check_names(conn, &before, sku.as_deref(), external_id.as_deref(), at)?);
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    let chosen = chosen.unwrap_or_else(|| (*before.options).clone());
    let own_name = name.apply((!was_derived).then(|| before.name.clone()));
    let mut after = VariantRow {
        external_id,
        sku: sku.unwrap_or_else(|| before.sku.clone()),
        name: own_name.unwrap_or_else(|| rules::derived_name(&editing.row.name, &editing.row.options, &chosen)),
        options: Json::new(chosen),
        barcode: barcode.apply(before.barcode.clone()),
        weight_grams: weight_grams.apply(before.weight_grams),
        min_order_quantity: quantities.min,
        max_order_quantity: quantities.max,
        image_id,
        ..before.clone()
    };
    if after != before {
        after.updated_at = now;
        save(conn, editing, after, at)?;
    }
    if let Some(place) = position {
        move_to(conn, editing, id, place, now)?;
    }
    prices.map_or(Ok(()), |prices| set_prices::replace(conn, editing, id, &prices))
}

/// Puts a variant into its place, for which the others make room; behind the last one, it becomes the last.
fn move_to(conn: &mut Conn, editing: &mut Editing, id: VariantId, place: usize, now: UtcTime) -> QueryResult<()> {
    let mut order: Vec<VariantId> = editing.variants.iter().map(|it| it.id).filter(|it| *it != id).collect();
    order.insert(place.min(order.len()), id);
    put_in_order(conn, editing, &order, now)
}

/// Takes a variant away, with its prices and its stock.
///
/// # Errors
/// 404 where the product has no such variant, 409 `in_use` while units of it are reserved.
pub fn delete_variant(
    conn: &mut Conn,
    editing: &mut Editing,
    id: VariantId,
    actor_id: Option<&str>,
    now: UtcTime,
) -> Result<()> {
    editing.variant(id)?;
    inventory::remove(conn, &[id], actor_id, now)?;
    diesel::delete(variants::table.find(id)).execute(conn)?;
    editing.variants.retain(|it| it.id != id);
    editing.prices.retain(|it| it.variant_id != id);
    editing.touched = true;
    editing.repriced = true;
    Ok(())
}

/// Puts the product's variants into this order. Only those whose place is another are written.
///
/// # Errors
/// A database error.
pub fn put_in_order(conn: &mut Conn, editing: &mut Editing, order: &[VariantId], now: UtcTime) -> QueryResult<()> {
    for (position, id) in (0..).zip(order) {
        let Some(variant) = editing.variants.iter_mut().find(|it| it.id == *id && it.position != position) else {
            continue;
        };
        variant.position = position;
        variant.updated_at = now;
        diesel::update(variants::table.find(id))
            .set((variants::position.eq(position), variants::updated_at.eq(now)))
            .execute(conn)?;
        editing.touched = true;
    }
    editing.variants.sort_by_key(|it| (it.position, it.id));
    Ok(())
}

/// Writes a variant as it now is.
pub(super) fn save(conn: &mut Conn, editing: &mut Editing, after: VariantRow, at: &str) -> Result<()> {
    let VariantRow {
        id,
        product_id: _,
        external_id,
        sku,
        name,
        options,
        barcode,
        weight_grams,
        image_id,
        availability: _,
        position,
        min_order_quantity,
        max_order_quantity,
        created_at: _,
        updated_at,
    } = &after;
    diesel::update(variants::table.find(id))
        .set((
            variants::external_id.eq(external_id),
            variants::sku.eq(sku),
            variants::name.eq(name),
            variants::options.eq(options),
            variants::barcode.eq(barcode),
            variants::weight_grams.eq(weight_grams),
            variants::image_id.eq(image_id),
            variants::position.eq(position),
            variants::min_order_quantity.eq(min_order_quantity),
            variants::max_order_quantity.eq(max_order_quantity),
            variants::updated_at.eq(updated_at),
        ))
        .execute(conn)
        .map_err(|error| variant_taken(error, at))?;
    if let Some(own) = editing.variants.iter_mut().find(|it| it.id == after.id) {
        *own = after;
    }
    editing.variants.sort_by_key(|it| (it.position, it.id));
    editing.touched = true;
    Ok(())
}

fn merged(before: &VariantOptions, changes: BTreeMap<String, Option<String>>) -> VariantOptions {
    let mut options = before.clone();
    for (name, value) in changes {
        match value {
            Some(value) => options.insert(name, value),
            None => options.remove(&name),
        };
    }
    options
}

/// What is wrong with a variant's options, among the product's other variants.
fn check_options(editing: &Editing, own: Option<VariantId>, chosen: &VariantOptions, at: &str) -> Vec<Violation> {
    let at = format!("{at}/options");
    let mut violations = rules::check_variant_options(&editing.row.options, chosen, &at);
    let mut others = editing.variants.iter().filter(|it| Some(it.id) != own);
    if !editing.row.options.is_empty() && others.any(|it| *it.options == *chosen) {
        violations.push(rules::alike(&at));
    }
    violations
}

/// What others have already of what is new.
fn check_names(
    conn: &mut Conn,
    before: &VariantRow,
    sku: Option<&str>,
    external_id: Option<&str>,
    at: &str,
) -> QueryResult<Vec<Violation>> {
    let wanted = Wanted {
        at: at.to_owned(),
        sku: sku.filter(|it| *it != before.sku),
        external_id: external_id.filter(|_| external_id != before.external_id.as_deref()),
    };
    taken::of_variants(conn, Some(before.id), &[wanted])
}

/// The quantities after a change of either, and what is wrong with them.
fn quantities_after(
    before: &VariantRow,
    min: Option<i32>,
    max: Patch<i32>,
    at: &str,
) -> (OrderQuantities, Option<Violation>) {
    let changed = if max.is_absent() { "min_order_quantity" } else { "max_order_quantity" };
    let after =
        OrderQuantities { min: min.unwrap_or(before.min_order_quantity), max: max.apply(before.max_order_quantity) };
    (after, rules::check_quantities(after, &format!("{at}/{changed}")))
}

fn check_image(
    conn: &mut Conn,
    editing: &Editing,
    image_id: Option<ImageId>,
    at: &str,
) -> QueryResult<Option<Violation>> {
    let Some(image_id) = image_id else { return Ok(None) };
    let known = write_image::images_of(conn, editing.row.id)?.iter().any(|it| it.id == image_id);
    Ok((!known).then(|| Violation::at(format!("{at}/image_id"), Code::NotFound, "The product has no such image.")))
}
