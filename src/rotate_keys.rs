//! Changes the key ring's newest generation, and seals anew what the former ones sealed: online, beside servers that run.
//!
//! What persons' keys sealed is not touched, since those keys do not change: they are wrapped anew. Passwords get the
//! newest pepper when their owners log in, one by one; answers kept for idempotency keys are gone after a day.

use std::{collections::BTreeMap, thread, time::Duration};

use crate::{
    audit::{self, Action, Entry, Outcome},
    auth::extract::Source,
    db::Conn,
    error::Result,
    keys::EVERY,
    shop::Shop,
    vault::{self, Sealed},
};

/// Rows that are sealed anew in one transaction: for a few milliseconds, other writers of SQLite wait for it.
const BATCH: i64 = 200;

/// What was sealed anew.
#[derive(Debug)]
pub struct SealedAnew {
    /// Keys of persons.
    pub persons: usize,
    /// Entries of the audit log.
    pub entries: usize,
    /// What could not be opened; the log names it.
    pub unreadable: usize,
}

/// Waits until every server seals with the generation `number`, which was added to the ring, and writes that into the audit
/// log. A server looks at the clock once in [`EVERY`]: what it seals until then is still under the former generation.
///
/// # Errors
/// One sentence for the operator.
pub fn put_into_use(shop: &Shop, number: u32) -> Result<(), String> {
    while shop.keys.newest_number() < number {
        thread::sleep(Duration::from_millis(100));
        shop.keys.look_again(shop.clock.now()).map_err(|error| error.to_string())?;
    }
    thread::sleep(3 * EVERY);
    shop.db
        .write_blocking(|conn| {
            let data = BTreeMap::from([("generation".to_owned(), number.to_string())]);
            let (action, outcome, source) = (Action::KeysRotated, Outcome::Succeeded, &Source::default());
            let entry = Entry { actor: None, action, subject: None, outcome, data, source };
            audit::record(conn, &shop.keys, entry, shop.clock.now())
        })
        .map_err(|error| error.to_string())
}

/// Seals anew what another than the newest generation sealed. Whoever is stopped may begin again.
///
/// # Errors
/// One sentence for the operator.
pub fn seal_anew(shop: &Shop) -> Result<SealedAnew, String> {
    let persons = in_batches(shop, |conn, after| vault::wrap_anew(conn, &shop.keys, after, BATCH))?;
    let entries = in_batches(shop, |conn, after| audit::seal_anew(conn, &shop.keys, after, BATCH))?;
    let unreadable = persons.unreadable + entries.unreadable;
    Ok(SealedAnew { persons: persons.anew, entries: entries.anew, unreadable })
}

/// Goes through a table from its lowest id on, one transaction a batch.
fn in_batches(shop: &Shop, mut batch: impl FnMut(&mut Conn, &str) -> Result<Sealed>) -> Result<Sealed, String> {
    let (mut all, mut after) = (Sealed::default(), String::new());
    loop {
        let Sealed { last, anew, unreadable } =
            shop.db.write_blocking(|conn| batch(conn, &after)).map_err(|error| error.to_string())?;
        all.anew += anew;
        all.unreadable += unreadable;
        match last {
            Some(last) => after = last,
            None => return Ok(all),
        }
    }
}
