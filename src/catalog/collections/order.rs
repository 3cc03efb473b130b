//! Pages of a manual collection in the order that the staff gave it.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::membership::Membership;
use crate::{
    catalog::{
        list::{self, ListedProduct, ProductFilter},
        store::ProductRow,
    },
    db::{Conn, schema::products},
    error::Result,
    http::cursor::PageRequest,
    ids::ProductId,
    money::Currency,
    page::Direction,
};

/// A page in reading order, each product with its place. A manual collection holds a thousand products at most: which
/// of them the filter admits is asked first, and the page is cut here.
///
/// # Errors
/// 400 where the filter names no single manual collection, or where the cursor is not one of such a list.
pub fn load_page(
    conn: &mut Conn,
    filter: &ProductFilter,
    currency: Currency,
    page: &PageRequest<'_>,
) -> Result<Vec<ListedProduct>> {
    let in_order = Membership::in_order(filter.members.as_ref())?;
    let key: Option<(i32, ProductId)> = page.key()?;
    let admitted: HashSet<ProductId> = list::ids_of_all(conn, filter, currency)?.into_iter().collect();
    let admitted = in_order.iter().copied().filter(|(_, id)| admitted.contains(id));
    let most = usize::try_from(page.limit + 1).unwrap_or_default();
    let places: Vec<(i32, ProductId)> = match page.direction() {
        Direction::Next => admitted.filter(|place| key.is_none_or(|key| *place > key)).take(most).collect(),
        Direction::Prev => admitted.rev().filter(|place| key.is_none_or(|key| *place < key)).take(most).collect(),
    };
    let ids: Vec<ProductId> = places.iter().map(|(_, id)| *id).collect();
    let rows: Vec<ProductRow> =
        products::table.filter(products::id.eq_any(&ids)).select(ProductRow::as_select()).load(conn)?;
    let mut rows: HashMap<ProductId, ProductRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(places.into_iter().filter_map(|(place, id)| Some((rows.remove(&id)?, Some(i64::from(place))))).collect())
}
