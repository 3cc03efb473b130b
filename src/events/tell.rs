//! Tells this process what others have changed of the catalogue, by the event table.

use std::time::Duration;

use super::follow::{self, Event};
use crate::{
    db::{Conn, Db, changes::Change},
    error::Result,
};

/// How often it is looked.
const POLL: Duration = Duration::from_millis(250);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Events that are looked at together.
const ROUND: i64 = 1000;

/// Looks for as long as the task lives. What cannot be looked for may have happened.
pub async fn run(db: Db) {
    let mut position = None;
    loop {
        match look(&db, position).await {
            Ok(last) => {
                position = Some(last);
                tokio::time::sleep(POLL).await;
            }
            Err(error) => {
                log::warn!("what other processes have changed is not known: {error}");
                db.changes().tell(Change::Anything);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Tells what has happened behind `position`, and gives the position of the last event.
async fn look(db: &Db, position: Option<i64>) -> Result<i64> {
    if db.read(|conn| Ok(follow::has_unplaced(conn)?)).await? {
        while db.write(|conn| Ok(follow::place(conn)?)).await? {}
    }
    let mut seen = position;
    loop {
        let (last, events) = db.read(move |conn| read(conn, seen)).await?;
        match events.first().and_then(|event| event.position) {
            _ if seen == Some(last) => return Ok(last),
            Some(next) if seen == Some(next - 1) => {
                let changes = events.iter().filter_map(|event| event.type_.change(&event.subject));
                changes.for_each(|change| db.changes().tell(change));
                seen = events.last().and_then(|event| event.position);
            }
            // This is the first look, or the table is another one: a backup came back.
            _ => {
                db.changes().tell(Change::Anything);
                return Ok(last);
            }
        }
    }
}

/// The last position, and some events behind what has been seen.
fn read(conn: &mut Conn, seen: Option<i64>) -> Result<(i64, Vec<Event>)> {
    let last = follow::last_position(conn)?;
    match seen {
        Some(seen) if seen < last => Ok((last, follow::after(conn, seen, ROUND)?)),
        _ => Ok((last, Vec::new())),
    }
}
