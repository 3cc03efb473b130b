//! Mails in the database.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::MailKind;
use crate::{
    db::{Conn, schema::mails},
    ids::JobId,
    text_enum,
    time::UtcTime,
    vault,
};

text_enum! {
    /// What has become of a mail.
    MailState {
        /// It is to be sent, or just being sent.
        Due = "due",
        /// The mail server has it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
        /// The address that was asked for is nobody's. The row is there so that asking takes the same work.
        Unaddressed = "unaddressed",
        /// Too many were asked for.
        Withheld = "withheld",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mails)]
pub(super) struct MailRow {
    pub(super) id: JobId,
    pub(super) kind: MailKind,
    pub(super) state: MailState,
    pub(super) owner_id: Option<String>,
    pub(super) email_hash: String,
    pub(super) content: Option<Vec<u8>>,
    pub(super) tries: i32,
    pub(super) due_at: UtcTime,
    pub(super) token_hash: Option<String>,
    pub(super) token_expires_at: Option<UtcTime>,
    pub(super) token_used_at: Option<UtcTime>,
    pub(super) created_at: UtcTime,
    pub(super) sent_at: Option<UtcTime>,
}

/// A mail, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct KeptMail {
    /// Its id.
    pub id: JobId,
    /// What it was for.
    pub kind: MailKind,
    /// What has become of it.
    pub state: MailState,
    /// When it was written.
    pub created_at: UtcTime,
    /// When the mail server took it.
    #[schema(required)]
    pub sent_at: Option<UtcTime>,
}

/// The mails to `owner` that are kept, oldest first. Those that ask for a new address to be confirmed are left out: they go
/// to an address that is not yet theirs, and would tell whether it is somebody else's.
///
/// # Errors
/// A database error.
pub fn all_of(conn: &mut Conn, owner: &str) -> QueryResult<Vec<KeptMail>> {
    let own = mails::table.filter(mails::owner_id.eq(owner)).filter(mails::kind.ne(MailKind::ConfirmNewEmail));
    let own = own.order(mails::id);
    own.select((mails::id, mails::kind, mails::state, mails::created_at, mails::sent_at)).load(conn)
}

pub(super) fn insert(conn: &mut Conn, row: &MailRow) -> QueryResult<()> {
    diesel::insert_into(mails::table).values(row).execute(conn).map(drop)
}

/// The mails of this kind to an address since `since`, the latest first, those that were withheld included.
pub(super) fn load_since(
    conn: &mut Conn,
    email_hash: &str,
    kind: MailKind,
    since: UtcTime,
) -> QueryResult<Vec<MailRow>> {
    mails::table
        .filter(mails::email_hash.eq(email_hash))
        .filter(mails::kind.eq(kind))
        .filter(mails::created_at.gt(since))
        .order((mails::created_at.desc(), mails::id.desc()))
        .limit(100)
        .select(MailRow::as_select())
        .load(conn)
}

/// When mails of this kind were asked for to this address since `since`, the latest first; those that were withheld do
/// not count.
pub(super) fn asked_since(
    conn: &mut Conn,
    email_hash: &str,
    kind: MailKind,
    since: UtcTime,
) -> QueryResult<Vec<UtcTime>> {
    mails::table
        .filter(mails::email_hash.eq(email_hash))
        .filter(mails::kind.eq(kind))
        .filter(mails::created_at.gt(since))
        .filter(mails::state.ne(MailState::Withheld))
        .order(mails::created_at.desc())
        .limit(100)
        .select(mails::created_at)
        .load(conn)
}

/// What is due, the longest overdue first.
pub(super) fn load_due(conn: &mut Conn, now: UtcTime, limit: i64) -> QueryResult<Vec<JobId>> {
    mails::table
        .filter(mails::state.eq(MailState::Due))
        .filter(mails::due_at.le(now))
        .order(mails::due_at.asc())
        .limit(limit)
        .select(mails::id)
        .load(conn)
}

/// Takes a mail that is due for one try, until `until`; `None` where somebody else has it.
pub(super) fn claim(conn: &mut Conn, id: JobId, now: UtcTime, until: UtcTime) -> QueryResult<Option<MailRow>> {
    let due = mails::table.find(id).filter(mails::state.eq(MailState::Due)).filter(mails::due_at.le(now));
    let taken = diesel::update(due).set((mails::tries.eq(mails::tries + 1), mails::due_at.eq(until))).execute(conn)?;
    if taken == 0 {
        return Ok(None);
    }
    mails::table.find(id).select(MailRow::as_select()).first(conn).map(Some)
}

pub(super) fn set_token(conn: &mut Conn, id: JobId, token_hash: &str, expires_at: UtcTime) -> QueryResult<()> {
    let token = (
        mails::token_hash.eq(token_hash),
        mails::token_expires_at.eq(expires_at),
        mails::token_used_at.eq(None::<UtcTime>),
    );
    diesel::update(mails::table.find(id)).set(token).execute(conn).map(drop)
}

/// Notes how the try numbered `tries` ended, unless another one has begun meanwhile.
pub(super) fn set_state(
    conn: &mut Conn,
    id: JobId,
    tries: i32,
    state: MailState,
    due_at: UtcTime,
    sent_at: Option<UtcTime>,
) -> QueryResult<()> {
    let own = mails::table.find(id).filter(mails::tries.eq(tries)).filter(mails::state.eq(MailState::Due));
    let ended = (mails::state.eq(state), mails::due_at.eq(due_at), mails::sent_at.eq(sent_at));
    diesel::update(own).set(ended).execute(conn).map(drop)
}

/// Whose a token is that can be used for this kind now.
pub(super) fn owner_of_token(
    conn: &mut Conn,
    token_hash: &str,
    kind: MailKind,
    now: UtcTime,
) -> QueryResult<Option<String>> {
    mails::table
        .filter(mails::token_hash.eq(token_hash))
        .filter(mails::kind.eq(kind))
        .filter(mails::token_used_at.is_null())
        .filter(mails::token_expires_at.gt(now))
        .filter(mails::owner_id.is_not_null())
        .select(mails::owner_id.assume_not_null())
        .first(conn)
        .optional()
}

/// Uses a token up; `None` where it is not one that can be used, for one of these kinds, now.
pub(super) fn use_token(
    conn: &mut Conn,
    token_hash: &str,
    kinds: &[MailKind],
    now: UtcTime,
) -> QueryResult<Option<MailRow>> {
    let usable = mails::table
        .filter(mails::token_hash.eq(token_hash))
        .filter(mails::kind.eq_any(kinds))
        .filter(mails::token_used_at.is_null())
        .filter(mails::token_expires_at.gt(now));
    if diesel::update(usable).set(mails::token_used_at.eq(now)).execute(conn)? == 0 {
        return Ok(None);
    }
    mails::table.filter(mails::token_hash.eq(token_hash)).select(MailRow::as_select()).first(conn).map(Some)
}

/// Voids the tokens of these kinds that `owner` has, and keeps those that are still to be made from being made.
pub(super) fn void_tokens(conn: &mut Conn, owner: &str, kinds: &[MailKind], now: UtcTime) -> QueryResult<()> {
    let unused = mails::table
        .filter(mails::owner_id.eq(owner))
        .filter(mails::kind.eq_any(kinds))
        .filter(mails::token_used_at.is_null());
    diesel::update(unused).set(mails::token_used_at.eq(now)).execute(conn)?;
    let due = mails::table.filter(mails::owner_id.eq(owner)).filter(mails::kind.eq_any(kinds));
    let due = due.filter(mails::state.eq(MailState::Due));
    diesel::update(due).set(mails::state.eq(MailState::Withheld)).execute(conn).map(drop)
}

/// Deletes all mails of an owner who is erased.
///
/// # Errors
/// A database error.
pub fn forget_owner(conn: &mut Conn, owner: &str) -> QueryResult<()> {
    diesel::delete(mails::table.filter(mails::owner_id.eq(owner))).execute(conn).map(drop)
}

/// Deletes all mails that were asked for to an address whose owner is erased, with the keys of those to a newcomer.
///
/// # Errors
/// A database error.
pub fn forget_address(conn: &mut Conn, email_hash: &str) -> QueryResult<()> {
    let asked = mails::table.filter(mails::email_hash.eq(email_hash));
    for (id, owner) in asked.select((mails::id, mails::owner_id)).load::<(JobId, Option<String>)>(conn)? {
        forget(conn, id, owner.as_deref())?;
    }
    Ok(())
}

/// Deletes a mail; the key of one to a newcomer is the mail's own, and goes with it.
pub(super) fn forget(conn: &mut Conn, id: JobId, owner: Option<&str>) -> QueryResult<()> {
    diesel::delete(mails::table.find(id)).execute(conn)?;
    if owner == Some(id.as_str()) { vault::destroy(conn, id.as_str()) } else { Ok(()) }
}

/// Whether there are mails made before `before`.
pub(super) fn has_old(conn: &mut Conn, before: UtcTime) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(mails::table.filter(mails::created_at.lt(before)))).get_result(conn)
}

/// Mails made before `before`, with their owners.
pub(super) fn load_old(conn: &mut Conn, before: UtcTime, limit: i64) -> QueryResult<Vec<(JobId, Option<String>)>> {
    mails::table
        .filter(mails::created_at.lt(before))
        .order(mails::created_at.asc())
        .limit(limit)
        .select((mails::id, mails::owner_id))
        .load(conn)
}
