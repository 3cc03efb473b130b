//! The open carts of a customer.

use std::collections::HashMap;

use diesel::{dsl::sum, prelude::*};

use crate::{
    carts::model::{CartRow, CartStatus},
    db::{
        Conn,
        schema::{cart_lines, carts},
    },
    error::Result,
    http::cursor::PageRequest,
    ids::{CartId, CustomerId},
    load_page_by,
    time::UtcTime,
};

/// The carts that can still be bought, of one customer.
macro_rules! open_carts {
    ($customer_id:expr, $now:expr) => {
        carts::table
            .filter(carts::customer_id.eq($customer_id))
            .filter(carts::status.eq(CartStatus::Open))
            .filter(carts::expires_at.gt($now))
    };
}

/// A page of the customer's open carts, the last changed first, each with its units.
///
/// # Errors
/// A database error.
pub fn load_page(
    conn: &mut Conn,
    customer_id: CustomerId,
    now: UtcTime,
    page: &PageRequest<'_>,
) -> Result<Vec<(CartRow, i64)>> {
    let query = open_carts!(customer_id, now).select(CartRow::as_select()).into_boxed();
    let rows: Vec<CartRow> =
        load_page_by!(conn, query, carts::updated_at => UtcTime, carts::id => CartId, false, page)?;
    let ids: Vec<CartId> = rows.iter().map(|row| row.id).collect();
    let units: Vec<(CartId, Option<i64>)> = cart_lines::table
        .filter(cart_lines::cart_id.eq_any(ids))
        .group_by(cart_lines::cart_id)
        .select((cart_lines::cart_id, sum(cart_lines::quantity)))
        .load(conn)?;
    let units: HashMap<CartId, i64> = units.into_iter().map(|(id, units)| (id, units.unwrap_or(0))).collect();
    let with_units = |row: CartRow| {
        let of_cart = units.get(&row.id).copied().unwrap_or(0);
        (row, of_cart)
    };
    Ok(rows.into_iter().map(with_units).collect())
}

/// All open carts of the customer, oldest first.
///
/// # Errors
/// A database error.
pub fn all_of(conn: &mut Conn, customer_id: CustomerId, now: UtcTime) -> QueryResult<Vec<CartRow>> {
    open_carts!(customer_id, now).select(CartRow::as_select()).order(carts::id).load(conn)
}

/// How many open carts the customer has.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, customer_id: CustomerId, now: UtcTime) -> QueryResult<i64> {
    open_carts!(customer_id, now).count().get_result(conn)
}
