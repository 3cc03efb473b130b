//! Reads events in the order of their positions.
//!
//! Rows are written without a position. A gapless one is given after the commit, in id order, by whoever reads next, one
//! reader at a time: a row that commits late comes later and is never skipped.

use diesel::{prelude::*, sql_query, sql_types::BigInt};
use serde_json::Value;

use super::EventType;
use crate::{
    db::{Conn, columns::Json, dialect, schema::events},
    ids::EventId,
    time::UtcTime,
};

/// An event that has its place.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct Event {
    pub id: EventId,
    pub position: Option<i64>,
    pub type_: EventType,
    pub subject: String,
    pub subject_version: i64,
    pub data: Json<Value>,
    pub occurred_at: UtcTime,
}

/// Gives positions to the next rows without one, behind all that have one.
const PLACE: &str = "UPDATE events SET position = placed.position FROM ( \
         SELECT id, (SELECT coalesce(max(position), 0) FROM events) + row_number() OVER (ORDER BY id) AS position \
         FROM events WHERE position IS NULL ORDER BY id LIMIT $1 \
     ) AS placed WHERE events.id = placed.id";

/// How many rows one transaction gives positions to.
const BATCH: i64 = 1000;

/// Whether there are rows without a position.
///
/// # Errors
/// A database error.
pub fn has_unplaced(conn: &mut Conn) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(events::table.filter(events::position.is_null()))).get_result(conn)
}

/// Whether the table stands elsewhere than at `position`, which is 0 before its first event: with events behind it, with
/// some that have no position yet, or, where the database was put back, before it.
///
/// # Errors
/// A database error.
pub fn stands_elsewhere(conn: &mut Conn, position: i64) -> QueryResult<bool> {
    let last = events::table.select(diesel::dsl::max(events::position)).single_value();
    let has_unplaced = diesel::dsl::exists(events::table.filter(events::position.is_null()));
    let (has_unplaced, last): (bool, Option<i64>) = diesel::select((has_unplaced, last)).get_result(conn)?;
    Ok(has_unplaced || last.unwrap_or_default() != position)
}

/// Gives positions to rows without one; says whether some are left. Runs in a transaction of its own.
///
/// # Errors
/// A database error.
pub fn place(conn: &mut Conn) -> QueryResult<bool> {
    dialect::lock_event_order(conn)?;
    let placed = sql_query(PLACE).bind::<BigInt, _>(BATCH).execute(conn)?;
    Ok(placed as i64 == BATCH)
}

/// Up to `limit` events behind `position`.
///
/// # Errors
/// A database error.
pub fn after(conn: &mut Conn, position: i64, limit: i64) -> QueryResult<Vec<Event>> {
    events::table
        .filter(events::position.gt(position))
        .order(events::position.asc())
        .limit(limit)
        .select(Event::as_select())
        .load(conn)
}

/// Up to `limit` events of one type behind `position` and up to `last`.
///
/// # Errors
/// A database error.
pub fn after_of_type(
    conn: &mut Conn,
    type_: EventType,
    position: i64,
    last: i64,
    limit: i64,
) -> QueryResult<Vec<Event>> {
    events::table
        .filter(events::position.gt(position).and(events::position.le(last)))
        .filter(events::type_.eq(type_))
        .order(events::position.asc())
        .limit(limit)
        .select(Event::as_select())
        .load(conn)
}

/// The position of the last event that has one; 0 where there is none.
///
/// # Errors
/// A database error.
pub fn last_position(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = events::table.select(diesel::dsl::max(events::position)).first(conn)?;
    Ok(last.unwrap_or(0))
}
