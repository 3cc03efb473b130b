//! Roles in the database.

use diesel::prelude::*;

use crate::{
    auth::rights::{RightName, Rights, Role, rights_of_role},
    db::{
        Conn,
        columns::Json,
        constraints::is_duplicate,
        schema::{roles, staff, staff_invitations},
    },
    error::{Code, Error, Result, Violation},
    http::cursor::PageRequest,
    ids::RoleId,
    load_page_by,
    text::fold,
    time::UtcTime,
};

/// A role.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = roles)]
pub(in crate::staff) struct RoleRow {
    pub(in crate::staff) id: RoleId,
    pub(super) built_in: Option<Role>,
    pub(in crate::staff) name: String,
    pub(super) name_folded: String,
    pub(super) rights: Json<Vec<RightName>>,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
}

impl RoleRow {
    /// A new role of the shop's own.
    pub(super) fn new(name: String, rights: Rights, now: UtcTime) -> Self {
        Self {
            id: RoleId::new(),
            built_in: None,
            name_folded: fold(&name),
            name,
            rights: Json::new(rights.names()),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What its holders may do.
    pub(in crate::staff) fn all_rights(&self) -> Rights {
        rights_of_role(self.built_in, self.rights.clone())
    }
}

pub(super) fn find(conn: &mut Conn, id: RoleId) -> QueryResult<Option<RoleRow>> {
    roles::table.find(id).select(RoleRow::as_select()).first(conn).optional()
}

/// A page, oldest first: those that come with the shop stand in front.
pub(super) fn load_page(conn: &mut Conn, page: &PageRequest<'_>) -> Result<Vec<RoleRow>> {
    let query = roles::table.select(RoleRow::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, roles::id => RoleId, true, page)?)
}

pub(super) fn count(conn: &mut Conn) -> QueryResult<i64> {
    roles::table.count().get_result(conn)
}

pub(super) fn insert(conn: &mut Conn, row: &RoleRow) -> Result<()> {
    diesel::insert_into(roles::table).values(row).execute(conn).map_err(name_taken)?;
    Ok(())
}

/// Writes name and rights as the next version.
pub(super) fn update(conn: &mut Conn, row: &mut RoleRow, now: UtcTime) -> Result<()> {
    row.name_folded = fold(&row.name);
    row.version += 1;
    row.updated_at = now;
    let changed = (
        roles::name.eq(&row.name),
        roles::name_folded.eq(&row.name_folded),
        roles::rights.eq(&row.rights),
        roles::version.eq(row.version),
        roles::updated_at.eq(now),
    );
    diesel::update(roles::table.find(row.id)).set(changed).execute(conn).map_err(name_taken)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, id: RoleId) -> QueryResult<()> {
    diesel::delete(roles::table.find(id)).execute(conn).map(drop)
}

/// Whether somebody has the role, or is invited to it.
pub(super) fn is_held(conn: &mut Conn, id: RoleId) -> QueryResult<bool> {
    let holders: i64 = staff::table.filter(staff::role_id.eq(id)).count().get_result(conn)?;
    let invited: i64 = staff_invitations::table.filter(staff_invitations::role_id.eq(id)).count().get_result(conn)?;
    Ok(holders + invited > 0)
}

fn name_taken(error: diesel::result::Error) -> Error {
    if is_duplicate(&error, "roles.name_folded") {
        return Violation::at("#/name", Code::NameTaken, "Another role has this name.").into();
    }
    error.into()
}
