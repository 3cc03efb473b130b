//! The sessions of somebody that have not ended: what they are shown of them, and how they end them.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DEVICE, REFRESH_LIFETIME, SessionRow};
use crate::{
    auth::access_token::Subject,
    db::{Conn, schema::sessions},
    error::Result,
    http::cursor::PageRequest,
    ids::SessionId,
    keys::Keys,
    load_page_by,
    time::UtcTime,
    vault,
};

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivingSession {
    /// The session.
    pub id: SessionId,
    /// What the program called itself that began it.
    pub device: Option<String>,
    /// When it was begun.
    pub created_at: UtcTime,
    /// When its tokens were last renewed.
    pub last_used_at: UtcTime,
    /// When its refresh token ends.
    pub expires_at: UtcTime,
}

/// A session, ended or not, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptSession {
    /// The session.
    pub id: SessionId,
    /// What the program called itself that began it (`User-Agent`); null where it did not say.
    #[schema(required, min_length = 1, max_length = 300, example = "Mozilla/5.0 (X11; Linux x86_64) Firefox/146.0")]
    pub device: Option<String>,
    /// When it was begun.
    pub created_at: UtcTime,
    /// When its tokens were last renewed.
    pub last_used_at: UtcTime,
    /// When it was ended.
    #[schema(required)]
    pub ended_at: Option<UtcTime>,
}

/// The sessions that live, of one owner.
macro_rules! living {
    ($owner:expr, $now:expr) => {
        sessions::table
            .filter(sessions::owner_id.eq($owner.as_str()))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::last_used_at.gt($now.plus(-REFRESH_LIFETIME)))
    };
}

/// A page of the owner's sessions, the latest first.
///
/// # Errors
/// A database error, or a row that cannot be opened.
pub fn load_page(
    conn: &mut Conn,
    keys: &Keys,
    owner: Subject,
    now: UtcTime,
    page: &PageRequest<'_>,
) -> Result<Vec<LivingSession>> {
    let query = living!(owner, now).select(SessionRow::as_select()).into_boxed();
    let rows: Vec<SessionRow> = load_page_by!(conn, query, sessions::id => SessionId, false, page)?;
    let key = vault::open(conn, keys, owner.as_str())?;
    let opened = |row: SessionRow| {
        let SessionRow { id, owner_id: _, device, created_at, last_used_at } = row;
        let device = device.map(|sealed| vault::open_text(&key, id.as_str(), DEVICE, &sealed)).transpose()?;
        Ok(LivingSession { id, device, created_at, last_used_at, expires_at: last_used_at.plus(REFRESH_LIFETIME) })
    };
    rows.into_iter().map(opened).collect()
}

/// All sessions of the owner, oldest first.
///
/// # Errors
/// A database error, or a device that cannot be opened.
pub fn all_of(conn: &mut Conn, keys: &Keys, owner: Subject) -> Result<Vec<KeptSession>> {
    let own = sessions::table.filter(sessions::owner_id.eq(owner.as_str())).order(sessions::id);
    let rows: Vec<(SessionRow, Option<UtcTime>)> =
        own.select((SessionRow::as_select(), sessions::ended_at)).load(conn)?;
    let key = vault::open(conn, keys, owner.as_str())?;
    let kept = |(row, ended_at): (SessionRow, Option<UtcTime>)| {
        let SessionRow { id, owner_id: _, device, created_at, last_used_at } = row;
        let device = device.map(|sealed| vault::open_text(&key, id.as_str(), DEVICE, &sealed)).transpose()?;
        Ok(KeptSession { id, device, created_at, last_used_at, ended_at })
    };
    rows.into_iter().map(kept).collect()
}

/// How many sessions of the owner live.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, owner: Subject, now: UtcTime) -> QueryResult<i64> {
    living!(owner, now).count().get_result(conn)
}

/// Ends one of the owner's sessions; says whether it was one that lived.
///
/// # Errors
/// A database error.
pub fn end_own(conn: &mut Conn, owner: Subject, id: SessionId, now: UtcTime) -> QueryResult<bool> {
    let living = living!(owner, now).filter(sessions::id.eq(id));
    diesel::update(living).set(sessions::ended_at.eq(now)).execute(conn).map(|rows| rows == 1)
}

/// Ends all of the owner's sessions but one.
///
/// # Errors
/// A database error.
pub fn end_others(conn: &mut Conn, owner: Subject, kept: SessionId, now: UtcTime) -> QueryResult<()> {
    let others = living!(owner, now).filter(sessions::id.ne(kept));
    diesel::update(others).set(sessions::ended_at.eq(now)).execute(conn).map(drop)
}
