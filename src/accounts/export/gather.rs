//! Gathers all that is held of a customer.

use super::view::PersonalData;
use crate::{
    accounts::{admin, store},
    address_book, audit,
    auth::{access_token::Subject, session},
    carts::{self, priced},
    db::Conn,
    error::Result,
    ids::CustomerId,
    mail, orders,
    shop::Shop,
    time::UtcTime,
};

/// All that is held of the customer, as of one moment.
///
/// # Errors
/// 404 where they have been erased meanwhile.
pub(super) fn gather(conn: &mut Conn, shop: &Shop, id: CustomerId, now: UtcTime) -> Result<PersonalData> {
    let row = store::require(conn, id)?;
    let open_carts = carts::own::store::all_of(conn, id, now)?;
    let bought = orders::store::all_of(conn, id)?;
    Ok(PersonalData {
        exported_at: now,
        account: admin::view_of(conn, &shop.keys, row)?,
        addresses: address_book::all_of(conn, &shop.keys, id)?,
        sessions: session::all_of(conn, &shop.keys, Subject::Customer(id))?,
        carts: open_carts
            .into_iter()
            .map(|row| Ok(priced::load(conn, shop, row)?.view(shop, None)))
            .collect::<Result<_>>()?,
        orders: orders::read::views(conn, shop, bought)?,
        mails: mail::all_of(conn, id.as_str())?,
        notes: admin::notes::store::all_of(conn, &shop.keys, id)?,
        audit_log: audit::view::all_of(conn, &shop.keys, id.as_str())?,
    })
}
