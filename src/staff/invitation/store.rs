//! Invitations in the database.

use diesel::prelude::*;

use super::view::Invitation;
use crate::{
    db::{
        Conn,
        schema::{roles, staff_invitations},
    },
    error::{Error, Result},
    http::cursor::PageRequest,
    ids::{InvitationId, RoleId},
    keys::{Keys, PersonKey},
    load_page_by,
    staff::{
        roles::store::RoleRow,
        store::{EMAIL, NAME},
        view::HeldRole,
    },
    time::UtcTime,
    vault,
};

/// An invitation. It is sealed with a key of its own.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_invitations)]
pub(super) struct InvitationRow {
    pub(super) id: InvitationId,
    pub(super) email_hash: String,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) role_id: RoleId,
    pub(super) invited_by: String,
    pub(super) expires_at: UtcTime,
    pub(super) created_at: UtcTime,
}

/// What is sealed in a row.
pub(super) struct Sealed {
    pub(super) email: String,
    pub(super) name: Option<String>,
}

pub(super) fn insert(conn: &mut Conn, row: &InvitationRow) -> QueryResult<()> {
    diesel::insert_into(staff_invitations::table).values(row).execute(conn).map(drop)
}

/// The invitation with its role, unless it has expired.
pub(super) fn find(conn: &mut Conn, id: InvitationId, now: UtcTime) -> QueryResult<Option<(InvitationRow, RoleRow)>> {
    staff_invitations::table
        .inner_join(roles::table)
        .filter(staff_invitations::id.eq(id))
        .filter(staff_invitations::expires_at.gt(now))
        .select((InvitationRow::as_select(), RoleRow::as_select()))
        .first(conn)
        .optional()
}

pub(super) fn is_invited(conn: &mut Conn, email_hash: &str) -> QueryResult<bool> {
    let to_them = staff_invitations::table.filter(staff_invitations::email_hash.eq(email_hash));
    to_them.count().get_result::<i64>(conn).map(|count| count > 0)
}

/// A page of those that have not expired, newest first.
pub(super) fn load_page(
    conn: &mut Conn,
    page: &PageRequest<'_>,
    now: UtcTime,
) -> Result<Vec<(InvitationRow, RoleRow)>> {
    let query = staff_invitations::table
        .inner_join(roles::table)
        .filter(staff_invitations::expires_at.gt(now))
        .select((InvitationRow::as_select(), RoleRow::as_select()))
        .into_boxed();
    Ok(load_page_by!(conn, query, staff_invitations::id => InvitationId, false, page)?)
}

pub(super) fn count(conn: &mut Conn, now: UtcTime) -> QueryResult<i64> {
    staff_invitations::table.filter(staff_invitations::expires_at.gt(now)).count().get_result(conn)
}

/// Takes an invitation away with all that is sealed in it; says whether it was there.
pub(super) fn delete(conn: &mut Conn, id: InvitationId) -> QueryResult<bool> {
    vault::destroy(conn, id.as_str())?;
    diesel::delete(staff_invitations::table.find(id)).execute(conn).map(|rows| rows == 1)
}

/// Takes away those that nobody has accepted in time.
pub(super) fn forget_expired(conn: &mut Conn, now: UtcTime) -> QueryResult<()> {
    let expired: Vec<InvitationId> = staff_invitations::table
        .filter(staff_invitations::expires_at.le(now))
        .select(staff_invitations::id)
        .load(conn)?;
    expired.into_iter().try_for_each(|id| delete(conn, id).map(drop))
}

pub(super) fn open(row: &InvitationRow, key: &PersonKey) -> Result<Sealed> {
    let record = row.id.as_str();
    let email = vault::open_text(key, record, EMAIL, &row.email)?;
    let name = row.name.as_deref().map(|sealed| vault::open_text(key, record, NAME, sealed)).transpose()?;
    Ok(Sealed { email, name })
}

/// How the invitations look from outside; the keys are loaded at once.
pub(super) fn views(conn: &mut Conn, keys: &Keys, rows: Vec<(InvitationRow, RoleRow)>) -> Result<Vec<Invitation>> {
    let owners: Vec<&str> = rows.iter().map(|(row, _)| row.id.as_str()).collect();
    let opened = vault::find_all(conn, keys, &owners)?;
    let view = |(row, role): (InvitationRow, RoleRow)| {
        let key = opened.get(row.id.as_str()).ok_or_else(|| Error::Internal(format!("{} has no key", row.id)))?;
        let Sealed { email, name } = open(&row, key)?;
        let InvitationRow { id, invited_by, expires_at, created_at, .. } = row;
        let role = HeldRole { id: role.id, name: role.name };
        Ok(Invitation { id, email, name, role, invited_by, version: 1, expires_at, created_at })
    };
    rows.into_iter().map(view).collect()
}

/// One of [`views`].
pub(super) fn view(conn: &mut Conn, keys: &Keys, id: InvitationId, now: UtcTime) -> Result<Invitation> {
    let found = find(conn, id, now)?.ok_or_else(Error::not_found)?;
    views(conn, keys, vec![found])?.pop().ok_or_else(Error::not_found)
}
