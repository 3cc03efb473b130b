//! Gives a customer the orders that they bought as a guest.

use diesel::prelude::*;

use super::{model::OrderRow, store};
use crate::{
    db::{Conn, schema::orders},
    email::Email,
    error::Result,
    ids::CustomerId,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// The orders that were bought with this address and belong to no account become the customer's: what is sealed in them is
/// sealed with the customer's key from now on. The address must have been shown to be theirs.
///
/// People are found by folded addresses, and addresses that fold alike may be different ones where mail goes:
/// `große.example` and `grosse.example` are two domains. So the orders' own address has to be this one, letters' case in
/// ASCII aside.
///
/// # Errors
/// A database error, or what is sealed cannot be opened.
pub fn claim_orders_of_guest(
    conn: &mut Conn,
    shop: &Shop,
    customer: CustomerId,
    address: &Email,
    now: UtcTime,
) -> Result<()> {
    let email_hash = shop.keys.email_hash(address.as_str());
    let unowned = orders::table.filter(orders::email_hash.eq(email_hash)).filter(orders::customer_id.is_null());
    let rows: Vec<OrderRow> = unowned.order(orders::id.asc()).select(OrderRow::as_select()).load(conn)?;
    if rows.is_empty() {
        return Ok(());
    }
    let key = vault::open(conn, &shop.keys, customer.as_str())?;
    let contacts = store::open_contacts(conn, shop, &rows)?;
    for (row, contact) in rows.into_iter().zip(contacts) {
        if !contact.email.as_str().eq_ignore_ascii_case(address.as_str()) {
            continue;
        }
        let claimed = (
            orders::customer_id.eq(customer),
            orders::contact.eq(vault::seal_json(&key, row.id.as_str(), store::CONTACT, &contact)),
            // Whose it is is none of its states: the version, which counts those, stays.
            orders::updated_at.eq(now),
        );
        let still = orders::table.find(row.id).filter(orders::customer_id.is_null());
        if diesel::update(still).set(claimed).execute(conn)? == 1 {
            vault::destroy(conn, row.id.as_str())?;
        }
    }
    Ok(())
}
