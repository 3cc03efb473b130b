//! What whoever changes the staff, roles, invitations or keys may do, asked at the moment of the change.

use diesel::prelude::*;

use crate::{
    audit::By,
    auth::{
        api_keys::rights_of_key,
        caller::rights_of_staff,
        rights::{Right as _, RightName, Rights, Role, StaffWrite},
    },
    db::{
        Conn,
        schema::{roles, staff},
    },
    error::{Code, Error, Result},
    ids::StaffId,
    lock_rows,
    time::UtcTime,
};

impl By {
    /// What they may do now. Until this transaction ends nobody else changes what anybody may do.
    ///
    /// # Errors
    /// 403 `forbidden` where they have lost the right since they were let in.
    pub(super) fn lock(&self, conn: &mut Conn, now: UtcTime) -> Result<Rights> {
        lock(conn)?;
        let rights = rights_of(conn, self.actor.as_str(), now)?;
        rights
            .filter(|it| it.contains(StaffWrite::NAME))
            .ok_or_else(|| Error::problem(Code::Forbidden, "You do not hold the right `staff:write` any more."))
    }
}

/// Makes this transaction the only one that changes what anybody may do.
pub(super) fn lock(conn: &mut Conn) -> QueryResult<()> {
    lock_rows!(conn, roles::table.find(Role::Admin.id()).select(roles::id))
}

/// What the member of the staff or the key of this id may do now.
pub(super) fn rights_of(conn: &mut Conn, actor: &str, now: UtcTime) -> QueryResult<Option<Rights>> {
    match (actor.parse(), actor.parse()) {
        (Ok(id), _) => rights_of_staff(conn, id),
        (_, Ok(id)) => rights_of_key(conn, id, now),
        _ => Ok(None),
    }
}

/// Refuses who does not hold all of `touched` themself.
pub(super) fn require(held: Rights, touched: Rights) -> Result<()> {
    if held.cover(touched) {
        return Ok(());
    }
    let beyond: Vec<&str> = touched.names().iter().filter(|it| !held.contains(**it)).map(RightName::as_str).collect();
    let detail = format!("You do not hold these rights yourself: {}.", beyond.join(", "));
    Err(Error::problem(Code::BeyondOwnRights, detail))
}

/// Refuses where nobody but `id` is an admin who may come in.
pub(super) fn keep_an_admin_besides(conn: &mut Conn, id: StaffId) -> Result<()> {
    let others: i64 = staff::table
        .filter(staff::role_id.eq(Role::Admin.id()))
        .filter(staff::disabled_at.is_null())
        .filter(staff::id.ne(id))
        .count()
        .get_result(conn)?;
    if others > 0 { Ok(()) } else { Err(Error::problem(Code::LastAdmin, Code::LastAdmin.about())) }
}
