//! Who stands behind an access token or an API key, as the database knows them now.

use diesel::prelude::*;

use super::{
    access_token::{Claims, Subject},
    rights::{RightName, Rights, Role, rights_of_role},
    second_factor,
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{customers, roles, sessions, staff},
    },
    ids::{CustomerId, KeyId, SessionId, StaffId},
};

/// A person whose session lives, or another system with a key that is good.
#[derive(Debug, Clone, Copy)]
pub enum Caller {
    /// A customer.
    Customer {
        /// Who.
        id: CustomerId,
        /// By which session.
        session_id: SessionId,
    },
    /// A member of the staff.
    Staff {
        /// Who.
        id: StaffId,
        /// By which session.
        session_id: SessionId,
        /// What they may do.
        rights: Rights,
        /// Whether they have to turn on a second factor first.
        lacks_second_factor: bool,
    },
    /// Another system, by its key.
    ApiKey {
        /// Which key.
        id: KeyId,
        /// Who made it.
        created_by: StaffId,
        /// What it may do.
        rights: Rights,
    },
}

impl Caller {
    /// The id of the person or the key.
    pub fn id(&self) -> &str {
        match self {
            Self::Customer { id, .. } => id.as_str(),
            Self::Staff { id, .. } => id.as_str(),
            Self::ApiKey { id, .. } => id.as_str(),
        }
    }
}

/// Whom `claims` stand for, unless their session has ended or they may no longer come in. `is_needed` says whether the
/// staff must have a second factor.
///
/// # Errors
/// A database error.
pub fn find_caller(conn: &mut Conn, claims: &Claims, is_needed: bool) -> QueryResult<Option<Caller>> {
    let session_id = claims.session;
    let living = sessions::table.find(session_id).filter(sessions::ended_at.is_null());
    match claims.subject {
        Subject::Customer(id) => living
            .inner_join(customers::table.on(customers::id.eq(sessions::owner_id)))
            .filter(customers::id.eq(id))
            .filter(customers::disabled_at.is_null())
            .select(customers::id)
            .first(conn)
            .optional()
            .map(|found| found.map(|id| Caller::Customer { id, session_id })),
        Subject::Staff(id) => {
            let found = living
                .inner_join(staff::table.on(staff::id.eq(sessions::owner_id)))
                .inner_join(roles::table.on(roles::id.eq(staff::role_id)))
                .filter(staff::id.eq(id))
                .filter(staff::disabled_at.is_null())
                .select((roles::built_in, roles::rights))
                .first::<(Option<Role>, Json<Vec<RightName>>)>(conn)
                .optional()?;
            let Some((role, own)) = found else { return Ok(None) };
            let lacks_second_factor = is_needed && !second_factor::is_on(conn, id.as_str())?;
            Ok(Some(Caller::Staff { id, session_id, rights: rights_of_role(role, own), lacks_second_factor }))
        }
    }
}

/// What a member of the staff may do now; nothing where they are gone or have been disabled.
///
/// # Errors
/// A database error.
pub fn rights_of_staff(conn: &mut Conn, id: StaffId) -> QueryResult<Option<Rights>> {
    let active = staff::table.inner_join(roles::table).filter(staff::id.eq(id)).filter(staff::disabled_at.is_null());
    let found: Option<(Option<Role>, Json<Vec<RightName>>)> =
        active.select((roles::built_in, roles::rights)).first(conn).optional()?;
    Ok(found.map(|(role, own)| rights_of_role(role, own)))
}
