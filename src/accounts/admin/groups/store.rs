//! Customer groups in the database.

use diesel::prelude::*;

use super::view::CustomerGroup;
use crate::{
    db::{Conn, constraints::is_duplicate, schema::customer_groups},
    error::{Code, Error, Result, Violation},
    http::{cursor::PageRequest, etag::IfMatch},
    ids::CustomerGroupId,
    load_page_by, lock_rows,
    text::fold,
    time::UtcTime,
};

/// A page, oldest first.
pub(super) fn load_page(conn: &mut Conn, page: &PageRequest<'_>) -> Result<Vec<CustomerGroup>> {
    let query = customer_groups::table.select(CustomerGroup::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, customer_groups::id => CustomerGroupId, true, page)?)
}

pub(super) fn count(conn: &mut Conn) -> QueryResult<i64> {
    customer_groups::table.count().get_result(conn)
}

pub(super) fn find(conn: &mut Conn, id: CustomerGroupId) -> Result<CustomerGroup> {
    let found = customer_groups::table.find(id).select(CustomerGroup::as_select()).first(conn).optional()?;
    found.ok_or_else(Error::not_found)
}

pub(super) fn insert(conn: &mut Conn, name: &str, now: UtcTime) -> Result<CustomerGroup> {
    let id = CustomerGroupId::new();
    let row = (
        customer_groups::id.eq(id),
        customer_groups::name.eq(name),
        customer_groups::name_folded.eq(fold(name)),
        customer_groups::version.eq(1_i64),
        customer_groups::created_at.eq(now),
        customer_groups::updated_at.eq(now),
    );
    diesel::insert_into(customer_groups::table).values(row).execute(conn).map_err(name_taken)?;
    find(conn, id)
}

/// Gives the group of this version another name.
pub(super) fn rename(
    conn: &mut Conn,
    id: CustomerGroupId,
    condition: &IfMatch,
    name: Option<&str>,
    now: UtcTime,
) -> Result<CustomerGroup> {
    let group = lock(conn, id, condition)?;
    let Some(name) = name.filter(|it| *it != group.name) else { return Ok(group) };
    let changed = (
        customer_groups::name.eq(name),
        customer_groups::name_folded.eq(fold(name)),
        customer_groups::version.eq(group.version + 1),
        customer_groups::updated_at.eq(now),
    );
    diesel::update(customer_groups::table.find(id)).set(changed).execute(conn).map_err(name_taken)?;
    find(conn, id)
}

/// Deletes the group of this version; its members stay what they are.
pub(super) fn delete(conn: &mut Conn, id: CustomerGroupId, condition: &IfMatch) -> Result<()> {
    lock(conn, id, condition)?;
    Ok(diesel::delete(customer_groups::table.find(id)).execute(conn).map(drop)?)
}

/// The group, if it is the version that is meant; this transaction alone changes it.
fn lock(conn: &mut Conn, id: CustomerGroupId, condition: &IfMatch) -> Result<CustomerGroup> {
    lock_rows!(conn, customer_groups::table.find(id).select(customer_groups::id))?;
    let group = find(conn, id)?;
    condition.require(group.version)?;
    Ok(group)
}

fn name_taken(error: diesel::result::Error) -> Error {
    if is_duplicate(&error, "customer_groups.name_folded") {
        return Violation::at("#/name", Code::NameTaken, "Another customer group has this name.").into();
    }
    error.into()
}
