//! Tells this process what others have changed of the catalogue, by the event table.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

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

/// What this process has been told of the event table. Cheap to clone.
#[derive(Clone)]
pub struct Told {
    db: Db,
    /// Up to here; `None` before the first look.
    position: Arc<Mutex<Option<i64>>>,
}

impl Told {
    /// Nothing yet.
    pub fn nothing(db: Db) -> Self {
        Self { db, position: Arc::default() }
    }

    /// Tells for as long as the task lives.
    pub async fn follow(self) {
        loop {
            let pause = if self.tell().await { POLL } else { PAUSE };
            tokio::time::sleep(pause).await;
        }
    }

    /// Tells what has happened up to now, if anything has.
    pub async fn be_up_to_date(&self) {
        let position = *self.position.lock().await;
        let is_behind = match position {
            Some(position) => self.db.read(move |conn| Ok(follow::stands_elsewhere(conn, position)?)).await,
            None => Ok(true),
        };
        if is_behind.unwrap_or(true) {
            self.tell().await;
        }
    }

    /// Says whether that could be done. What cannot be looked for may have happened.
    async fn tell(&self) -> bool {
        let mut position = self.position.lock().await;
        match look(&self.db, *position).await {
            Ok(last) => {
                *position = Some(last);
                true
            }
            Err(error) => {
                log::warn!("what other processes have changed is not known: {error}");
                self.db.changes().tell(Change::Anything);
                false
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
