//! Who stands behind an access token, as the database knows them now.

use diesel::prelude::*;

use super::{
    access_token::{Claims, Subject},
    rights::{RightName, Role},
};
use crate::{
    db::{
        Conn,
        schema::{customers, sessions, staff},
    },
    ids::{CustomerId, SessionId, StaffId},
};

/// A person whose session lives.
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
        rights: &'static [RightName],
    },
}

impl Caller {
    /// The person's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Customer { id, .. } => id.as_str(),
            Self::Staff { id, .. } => id.as_str(),
        }
    }
}

/// Whom `claims` stand for, unless their session has ended or they may no longer come in.
///
/// # Errors
/// A database error.
pub fn find_caller(conn: &mut Conn, claims: &Claims) -> QueryResult<Option<Caller>> {
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
        Subject::Staff(id) => living
            .inner_join(staff::table.on(staff::id.eq(sessions::owner_id)))
            .filter(staff::id.eq(id))
            .filter(staff::disabled_at.is_null())
            .select((staff::id, staff::role))
            .first::<(StaffId, Role)>(conn)
            .optional()
            .map(|found| found.map(|(id, role)| Caller::Staff { id, session_id, rights: role.rights() })),
    }
}
