//! Address books in the database. Every finder is scoped by the customer.

use diesel::prelude::*;

use super::{model::AddressRow, view::SavedAddress};
use crate::{
    address::Address,
    db::{
        Conn,
        schema::{addresses, customers},
    },
    error::{Error, Result},
    http::cursor::PageRequest,
    ids::{AddressId, CustomerId},
    keys::Keys,
    load_page_by, lock_rows,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// Makes this transaction the only one that changes the customer's book: the most that it may hold and its defaults are
/// about all of its rows.
pub(super) fn lock_book(conn: &mut Conn, customer: CustomerId) -> QueryResult<()> {
    lock_rows!(conn, customers::table.find(customer).select(customers::id))
}

pub(super) fn find_owned(conn: &mut Conn, customer: CustomerId, id: AddressId) -> Result<AddressRow> {
    let own = addresses::table.find(id).filter(addresses::customer_id.eq(customer));
    own.select(AddressRow::as_select()).first(conn).optional()?.ok_or_else(Error::not_found)
}

/// An address of the customer's book.
///
/// # Errors
/// A database error, or what is sealed cannot be opened.
pub fn find_address(conn: &mut Conn, shop: &Shop, customer: CustomerId, id: AddressId) -> Result<Option<Address>> {
    let own = addresses::table.find(id).filter(addresses::customer_id.eq(customer));
    let Some(row) = own.select(AddressRow::as_select()).first(conn).optional()? else { return Ok(None) };
    let key = vault::open(conn, &shop.keys, customer.as_str())?;
    Ok(Some(row.open(&key)?.address))
}

/// A page in the order in which the addresses were made, which is that of their ids.
pub(super) fn load_page(conn: &mut Conn, customer: CustomerId, page: &PageRequest<'_>) -> Result<Vec<AddressRow>> {
    let query =
        addresses::table.filter(addresses::customer_id.eq(customer)).select(AddressRow::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, addresses::id => AddressId, true, page)?)
}

/// All addresses of the customer, oldest first.
///
/// # Errors
/// A database error, or an address that cannot be opened.
pub fn all_of(conn: &mut Conn, keys: &Keys, customer: CustomerId) -> Result<Vec<SavedAddress>> {
    let own = addresses::table.filter(addresses::customer_id.eq(customer)).order(addresses::id);
    let rows: Vec<AddressRow> = own.select(AddressRow::as_select()).load(conn)?;
    let key = vault::open(conn, keys, customer.as_str())?;
    rows.into_iter().map(|row| Ok(SavedAddress::new(&row, row.open(&key)?))).collect()
}

pub(super) fn count(conn: &mut Conn, customer: CustomerId) -> QueryResult<i64> {
    addresses::table.filter(addresses::customer_id.eq(customer)).count().get_result(conn)
}

pub(super) fn insert(conn: &mut Conn, row: &AddressRow) -> QueryResult<()> {
    diesel::insert_into(addresses::table).values(row).execute(conn).map(drop)
}

/// Writes what a change may change.
pub(super) fn update(conn: &mut Conn, row: &AddressRow) -> QueryResult<()> {
    let changed = (
        addresses::country.eq(row.country),
        addresses::content.eq(&row.content),
        addresses::default_shipping.eq(row.default_shipping),
        addresses::default_billing.eq(row.default_billing),
        addresses::version.eq(row.version),
        addresses::updated_at.eq(row.updated_at),
    );
    diesel::update(addresses::table.find(row.id)).set(changed).execute(conn).map(drop)
}

/// Whichever other address is one of `row`'s defaults is it no longer.
pub(super) fn take_defaults_from_others(conn: &mut Conn, row: &AddressRow, now: UtcTime) -> QueryResult<()> {
    let others = addresses::table.filter(addresses::customer_id.eq(row.customer_id)).filter(addresses::id.ne(row.id));
    let newer = (addresses::version.eq(addresses::version + 1), addresses::updated_at.eq(now));
    if row.default_shipping {
        let former = others.filter(addresses::default_shipping.eq(true));
        diesel::update(former).set((addresses::default_shipping.eq(false), newer)).execute(conn)?;
    }
    if row.default_billing {
        let former = others.filter(addresses::default_billing.eq(true));
        diesel::update(former).set((addresses::default_billing.eq(false), newer)).execute(conn)?;
    }
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, id: AddressId) -> QueryResult<()> {
    diesel::delete(addresses::table.find(id)).execute(conn).map(drop)
}

/// Deletes the book of a customer who leaves.
///
/// # Errors
/// A database error.
pub fn forget_customer(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    diesel::delete(addresses::table.filter(addresses::customer_id.eq(id))).execute(conn).map(drop)
}
