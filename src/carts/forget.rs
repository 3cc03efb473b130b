//! Forgets what carts know of a person who leaves.

use diesel::prelude::*;

use super::model::CartStatus;
use crate::{
    db::{Conn, schema::carts},
    ids::CustomerId,
};

/// Deletes the customer's open carts; of those that have become orders, or are about to, it keeps the lines.
///
/// # Errors
/// A database error.
pub fn forget_customer(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    let own = carts::table.filter(carts::customer_id.eq(id));
    diesel::delete(own.filter(carts::status.eq(CartStatus::Open))).execute(conn)?;
    let blank = (carts::contact.eq(None::<Vec<u8>>), carts::email_hash.eq(None::<String>));
    diesel::update(own).set(blank).execute(conn).map(drop)
}
