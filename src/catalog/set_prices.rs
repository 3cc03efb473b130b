//! Sets the prices of a variant.

use diesel::prelude::*;

use super::{
    create_product::{insert_prices, price_rows},
    draft::{Price, Terms},
    edit_product::Editing,
    rules,
    store::PriceRow,
};
use crate::{
    db::{Conn, schema::prices},
    error::{Error, Result},
    ids::VariantId,
};

/// Makes these the variant's prices, and takes those in other currencies away.
///
/// # Errors
/// 404 where the product has no such variant, 422 with every violation.
pub fn set_prices(
    conn: &mut Conn,
    editing: &mut Editing,
    variant_id: VariantId,
    new: &[Price],
    terms: Terms<'_>,
) -> Result<()> {
    editing.variant(variant_id)?;
    let violations = rules::check_prices(new, terms.currencies, "#");
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    replace(conn, editing, variant_id, new)
}

/// The variant's present prices with these in the place of those in the same currencies, for [`set_prices`].
pub fn with_prices(editing: &Editing, variant_id: VariantId, new: &[Price]) -> Vec<Price> {
    let present = editing.prices.iter().filter(|it| it.variant_id == variant_id);
    let others = present.filter(|it| new.iter().all(|price| price.currency != it.currency));
    new.iter().copied().chain(others.map(PriceRow::price)).collect()
}

pub(super) fn replace(conn: &mut Conn, editing: &mut Editing, variant_id: VariantId, new: &[Price]) -> Result<()> {
    let mut after: Vec<PriceRow> = price_rows(variant_id, new).collect();
    after.sort_by_key(|it| it.currency);
    let before = editing.prices.iter().filter(|it| it.variant_id == variant_id);
    if before.eq(&after) {
        return Ok(());
    }
    diesel::delete(prices::table.filter(prices::variant_id.eq(variant_id))).execute(conn)?;
    insert_prices(conn, &after)?;
    editing.prices.retain(|it| it.variant_id != variant_id);
    editing.prices.extend(after);
    editing.touched = true;
    editing.repriced = true;
    Ok(())
}
