//! Members of the staff in the database, and what is sealed in their rows.

use diesel::prelude::*;

use super::view::StaffMember;
use crate::{
    auth::rights::Role,
    db::{Conn, schema::staff},
    email::Email,
    error::{Error, Result},
    ids::StaffId,
    keys::Keys,
    time::UtcTime,
    vault,
};

pub(super) const EMAIL: &str = "email";
const NAME: &str = "name";

/// A member of the staff.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff)]
pub(super) struct StaffRow {
    pub(super) id: StaffId,
    pub(super) email_hash: String,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) role: Role,
    pub(super) disabled_at: Option<UtcTime>,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
}

pub(super) fn insert(conn: &mut Conn, row: &StaffRow) -> QueryResult<()> {
    diesel::insert_into(staff::table).values(row).execute(conn).map(drop)
}

/// The member of the staff, unless they have been disabled.
///
/// # Errors
/// A database error, or a row that cannot be opened.
pub fn find_member(conn: &mut Conn, keys: &Keys, id: StaffId) -> Result<Option<StaffMember>> {
    let active = staff::table.find(id).filter(staff::disabled_at.is_null());
    let Some(row) = active.select(StaffRow::as_select()).first(conn).optional()? else { return Ok(None) };
    let key = vault::open(conn, keys, id.as_str())?;
    let opened = |column: &str, sealed: &[u8]| -> Result<String> {
        let plain = key.open(id.as_str(), column, sealed)?;
        String::from_utf8(plain).map_err(|_| Error::Internal("what was sealed as text is none".to_owned()))
    };
    Ok(Some(StaffMember {
        id,
        email: opened(EMAIL, &row.email)?,
        name: row.name.as_deref().map(|sealed| opened(NAME, sealed)).transpose()?,
        rights: row.role.rights().to_vec(),
    }))
}

/// Gives a member of the staff another address to log in by.
///
/// # Errors
/// A database error, or a person without a key.
pub fn set_email(
    conn: &mut Conn,
    keys: &Keys,
    id: StaffId,
    email: &Email,
    email_hash: &str,
    now: UtcTime,
) -> Result<()> {
    let key = vault::open(conn, keys, id.as_str())?;
    let changed = (
        staff::email_hash.eq(email_hash),
        staff::email.eq(key.seal(id.as_str(), EMAIL, email.as_str().as_bytes())),
        staff::version.eq(staff::version + 1),
        staff::updated_at.eq(now),
    );
    Ok(diesel::update(staff::table.find(id)).set(changed).execute(conn).map(drop)?)
}
