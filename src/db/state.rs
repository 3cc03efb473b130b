//! What a shop remembers of itself in single rows, each by its name.

use diesel::prelude::*;

use super::{Conn, schema::shop_state};
use crate::on_each_database;

/// What is remembered under the name.
///
/// # Errors
/// A database error.
pub fn get(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    shop_state::table.find(name).select(shop_state::value).first(conn).optional()
}

/// Remembers the value, unless there is one already; says whether it was new. A transaction that is about to write the
/// same name is waited for.
///
/// # Errors
/// A database error.
pub fn claim(conn: &mut Conn, name: &str, value: &str) -> QueryResult<bool> {
    let row = (shop_state::name.eq(name), shop_state::value.eq(value));
    let rows = on_each_database!(conn, conn => {
        diesel::insert_into(shop_state::table).values(row).on_conflict_do_nothing().execute(conn)
    })?;
    Ok(rows == 1)
}

/// Remembers another value.
///
/// # Errors
/// A database error.
pub fn change(conn: &mut Conn, name: &str, value: &str) -> QueryResult<()> {
    diesel::update(shop_state::table.find(name)).set(shop_state::value.eq(value)).execute(conn).map(drop)
}

/// Forgets the value.
///
/// # Errors
/// A database error.
pub fn forget(conn: &mut Conn, name: &str) -> QueryResult<()> {
    diesel::delete(shop_state::table.find(name)).execute(conn).map(drop)
}
