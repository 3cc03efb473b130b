//! Customers in the database, and what is sealed in their rows.

use diesel::prelude::*;

use crate::{
    db::{Conn, schema::customers},
    email::Email,
    error::{Error, Result},
    ids::CustomerId,
    keys::{Keys, PersonKey},
    time::UtcTime,
    vault,
};

const EMAIL: &str = "email";
const NAME: &str = "name";
/// The pattern of what stands in the place of an erased customer's address.
pub(super) const ERASED: &str = "erased %";

/// A customer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = customers)]
pub(super) struct CustomerRow {
    pub(super) id: CustomerId,
    pub(super) external_id: Option<String>,
    pub(super) email_hash: String,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) email_verified: bool,
    pub(super) disabled_at: Option<UtcTime>,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
}

/// What is sealed in a row.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) name: Option<String>,
}

pub(super) fn seal_email(key: &PersonKey, id: CustomerId, email: &str) -> Vec<u8> {
    key.seal(id.as_str(), EMAIL, email.as_bytes())
}

pub(super) fn seal_name(key: &PersonKey, id: CustomerId, name: &str) -> Vec<u8> {
    key.seal(id.as_str(), NAME, name.as_bytes())
}

pub(super) fn insert(conn: &mut Conn, row: &CustomerRow) -> QueryResult<()> {
    diesel::insert_into(customers::table).values(row).execute(conn).map(drop)
}

/// The customer, unless they have been disabled or are gone.
pub(super) fn find_active(conn: &mut Conn, id: CustomerId) -> QueryResult<Option<CustomerRow>> {
    customers::table
        .find(id)
        .filter(customers::disabled_at.is_null())
        .select(CustomerRow::as_select())
        .first(conn)
        .optional()
}

/// The customer, disabled or not.
///
/// # Errors
/// 404, also where they have been erased.
pub(super) fn require(conn: &mut Conn, id: CustomerId) -> Result<CustomerRow> {
    let living = customers::table.find(id).filter(customers::email_hash.not_like(ERASED));
    living.select(CustomerRow::as_select()).first(conn).optional()?.ok_or_else(Error::not_found)
}

/// Makes this transaction the only one that changes the customer, disabled or not.
///
/// # Errors
/// 404, also where they have been erased.
pub(super) fn lock(conn: &mut Conn, id: CustomerId) -> Result<CustomerRow> {
    touch(conn, id)?;
    require(conn, id)
}

/// Makes this transaction the only one that changes the customer.
pub(super) fn lock_active(conn: &mut Conn, id: CustomerId) -> QueryResult<Option<CustomerRow>> {
    touch(conn, id)?;
    find_active(conn, id)
}

/// Changes nothing: PostgreSQL locks a row that is written, SQLite's writer is alone anyway.
fn touch(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    let row = customers::table.find(id);
    diesel::update(row).set(customers::updated_at.eq(customers::updated_at)).execute(conn).map(drop)
}

/// Opens what is sealed in the row.
pub(super) fn open(conn: &mut Conn, keys: &Keys, row: &CustomerRow) -> Result<Person> {
    open_with(&vault::open(conn, keys, row.id.as_str())?, row)
}

/// Opens what is sealed in the row with the customer's key.
pub(super) fn open_with(key: &PersonKey, row: &CustomerRow) -> Result<Person> {
    let open = |column, sealed: &[u8]| vault::open_text(key, row.id.as_str(), column, sealed);
    Ok(Person {
        email: open(EMAIL, &row.email)?,
        name: row.name.as_deref().map(|sealed| open(NAME, sealed)).transpose()?,
    })
}

pub(super) fn set_name(
    conn: &mut Conn,
    keys: &Keys,
    row: &CustomerRow,
    name: Option<&str>,
    now: UtcTime,
) -> Result<()> {
    let key = vault::open(conn, keys, row.id.as_str())?;
    let changed = (
        customers::name.eq(name.map(|name| seal_name(&key, row.id, name))),
        customers::version.eq(customers::version + 1),
        customers::updated_at.eq(now),
    );
    diesel::update(customers::table.find(row.id)).set(changed).execute(conn)?;
    Ok(())
}

/// The address is shown to be the customer's.
pub(super) fn set_verified(conn: &mut Conn, id: CustomerId, now: UtcTime) -> QueryResult<()> {
    let changed = (
        customers::email_verified.eq(true),
        customers::version.eq(customers::version + 1),
        customers::updated_at.eq(now),
    );
    diesel::update(customers::table.find(id)).set(changed).execute(conn).map(drop)
}

/// Another address, shown to be the customer's.
pub(super) fn set_email(
    conn: &mut Conn,
    keys: &Keys,
    id: CustomerId,
    email: &Email,
    email_hash: &str,
    now: UtcTime,
) -> Result<()> {
    let key = vault::open(conn, keys, id.as_str())?;
    let changed = (
        customers::email_hash.eq(email_hash),
        customers::email.eq(seal_email(&key, id, email.as_str())),
        customers::email_verified.eq(true),
        customers::version.eq(customers::version + 1),
        customers::updated_at.eq(now),
    );
    Ok(diesel::update(customers::table.find(id)).set(changed).execute(conn).map(drop)?)
}

/// Leaves of the customer what orders refer to: an id that nobody can log in as, without a name or an address.
pub(super) fn bury(conn: &mut Conn, id: CustomerId, now: UtcTime) -> QueryResult<()> {
    let tombstone = (
        customers::external_id.eq(None::<String>),
        // Unique, and not the hash of any address.
        customers::email_hash.eq(format!("erased {id}")),
        customers::email.eq(Vec::new()),
        customers::name.eq(None::<Vec<u8>>),
        customers::email_verified.eq(false),
        customers::disabled_at.eq(now),
        customers::version.eq(customers::version + 1),
        customers::updated_at.eq(now),
    );
    diesel::update(customers::table.find(id)).set(tombstone).execute(conn).map(drop)
}
