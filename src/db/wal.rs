//! SQLite's write-ahead log.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{QueryResult, SqliteConnection, connection::SimpleConnection, result::Error};

/// How long to wait for others who open the same file.
const PATIENCE: Duration = Duration::from_secs(30);

/// Has the file written by way of a log. SQLite does not wait by itself where two make this switch on a new file at once.
///
/// # Errors
/// Where the file stays locked, or cannot be written.
pub fn switch(conn: &mut SqliteConnection) -> QueryResult<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error) if is_locked(&error) && Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            done => return done,
        }
    }
}

fn is_locked(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, about) if about.message() == "database is locked")
}

#[cfg(test)]
mod tests {
    use diesel::Connection as _;

    use super::*;

    #[test]
    fn many_may_switch_a_new_file_at_once() {
        let file = std::env::temp_dir().join(format!("cartwright-wal-{}.db", uuid::Uuid::now_v7()));
        let url = file.to_str().unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| switch(&mut SqliteConnection::establish(url).unwrap()).unwrap());
            }
        });
        for name in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{url}{name}"));
        }
    }
}
