//! SQLite's write-ahead log.

use std::time::{Duration, Instant};

use diesel::{QueryResult, SqliteConnection, connection::SimpleConnection, result::Error};

/// Longer than another process takes to open the file, or to close it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has a file keep a write-ahead log.
///
/// Where another process is just opening or closing the file, SQLite says at once that it is locked, whatever
/// `busy_timeout` says: it is asked again for a while.
///
/// # Errors
/// A database error.
pub fn switch_to_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error) if is_locked(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// Writes the log into the file and empties it. Waits a while for readers who still need it.
///
/// # Errors
/// A database error. Where readers need it for longer, the log stays.
pub(super) fn empty(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
}

fn is_locked(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, about) if about.message() == "database is locked")
}

#[cfg(test)]
mod tests {
    use std::thread;

    use diesel::Connection;

    use super::*;
    use crate::db::{DatabaseUrl, Db};

    /// Opens a new file of which another connection lets go a moment later.
    fn open_beside(other_does: &str) {
        let file = std::env::temp_dir().join(format!("cartwright-wal-{}.db", uuid::Uuid::now_v7()));
        let mut other = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
        other.batch_execute(other_does).unwrap();
        let closing = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            drop(other);
        });
        Db::open(&DatabaseUrl::Sqlite(file.clone()), 1).unwrap();
        closing.join().unwrap();
        for end in ["", "-wal", "-shm"] {
            // The log goes with the last connection, where that has been closed already.
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }

    #[test]
    fn a_file_that_somebody_else_is_just_making_is_waited_for() {
        open_beside("CREATE TABLE made_by_other (x); BEGIN IMMEDIATE");
    }

    #[test]
    fn a_file_that_somebody_else_has_for_themselves_is_waited_for() {
        open_beside("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE made_by_other (x)");
    }
}
