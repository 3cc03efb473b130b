//! The audit log in the database.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Action, Outcome};
use crate::{
    db::{Conn, columns::Json, schema::audit_log},
    error::Result,
    http::cursor::PageRequest,
    ids::EntryId,
    load_page_by,
    time::UtcTime,
};

/// The column that is sealed, by its name.
pub(super) const SOURCE: &str = "source";

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log)]
pub(super) struct EntryRow {
    pub(super) id: EntryId,
    pub(super) actor_id: Option<String>,
    pub(super) action: Action,
    pub(super) subject_id: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) data: Json<BTreeMap<String, String>>,
    pub(super) sealed_for: Option<String>,
    pub(super) source: Option<Vec<u8>>,
    pub(super) occurred_at: UtcTime,
}

/// Which entries a list holds. `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryFilter {
    pub(super) actor_id: Option<String>,
    pub(super) subject_id: Option<String>,
    pub(super) actions: Option<Vec<Action>>,
    pub(super) outcome: Option<Outcome>,
    pub(super) occurred_from: Option<UtcTime>,
    pub(super) occurred_before: Option<UtcTime>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let EntryFilter { actor_id, subject_id, actions, outcome, occurred_from, occurred_before } = $filter;
        if let Some(id) = actor_id {
            $query = $query.filter(audit_log::actor_id.eq(id.clone()));
        }
        if let Some(id) = subject_id {
            $query = $query.filter(audit_log::subject_id.eq(id.clone()));
        }
        if let Some(actions) = actions {
            $query = $query.filter(audit_log::action.eq_any(actions.clone()));
        }
        if let Some(outcome) = outcome {
            $query = $query.filter(audit_log::outcome.eq(*outcome));
        }
        if let Some(from) = occurred_from {
            $query = $query.filter(audit_log::occurred_at.ge(*from));
        }
        if let Some(before) = occurred_before {
            $query = $query.filter(audit_log::occurred_at.lt(*before));
        }
    };
}

pub(super) fn insert(conn: &mut Conn, row: &EntryRow) -> QueryResult<()> {
    diesel::insert_into(audit_log::table).values(row).execute(conn).map(drop)
}

/// A page, the latest entry first: ids rise with time.
pub(super) fn load_page(conn: &mut Conn, filter: &EntryFilter, page: &PageRequest<'_>) -> Result<Vec<EntryRow>> {
    let mut query = audit_log::table.select(EntryRow::as_select()).into_boxed();
    narrow!(query, filter);
    Ok(load_page_by!(conn, query, audit_log::id => EntryId, false, page)?)
}

/// All entries that concern the person, oldest first.
pub(super) fn load_concerning(conn: &mut Conn, person: &str) -> QueryResult<Vec<EntryRow>> {
    let is_theirs = audit_log::actor_id.eq(person).or(audit_log::subject_id.eq(person));
    audit_log::table.filter(is_theirs).order(audit_log::id).select(EntryRow::as_select()).load(conn)
}

pub(super) fn count(conn: &mut Conn, filter: &EntryFilter) -> QueryResult<i64> {
    let mut query = audit_log::table.count().into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// The next sources behind the entry `after` that belong to no person.
pub(super) fn load_sealed_for_nobody(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<(EntryId, Vec<u8>)>> {
    audit_log::table
        .filter(audit_log::sealed_for.is_null())
        .filter(audit_log::id.gt(after.to_owned()))
        .order(audit_log::id)
        .limit(limit)
        .select((audit_log::id, audit_log::source.assume_not_null()))
        .filter(audit_log::source.is_not_null())
        .load(conn)
}

pub(super) fn set_source(conn: &mut Conn, id: EntryId, sealed: &[u8]) -> QueryResult<()> {
    diesel::update(audit_log::table.find(id)).set(audit_log::source.eq(sealed)).execute(conn).map(drop)
}
