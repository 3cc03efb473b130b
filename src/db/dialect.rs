//! What the two databases say differently, and what Diesel's common backend cannot say at all.

/// Runs one Diesel expression on the concrete connection, compiled once for each database.
///
/// For `on_conflict`, batch inserts and the like, which the common backend does not have.
#[macro_export]
macro_rules! on_each_database {
    ($conn:expr, $inner:ident => $expression:expr) => {
        match $conn {
            $crate::db::Conn::Pg($inner) => $expression,
            $crate::db::Conn::Sqlite($inner) => $expression,
        }
    };
}

/// Locks the rows of a query until the transaction ends, so that what is read next still holds when it is written.
///
/// On SQLite a writer is alone anyway.
#[macro_export]
macro_rules! lock_rows {
    ($conn:expr, $query:expr) => {
        match $conn {
            $crate::db::Conn::Pg(conn) => $query.for_update().execute(conn).map(drop),
            $crate::db::Conn::Sqlite(_) => Ok(()),
        }
    };
}

use diesel::{QueryResult, connection::SimpleConnection};

use super::Conn;

/// Makes this transaction the only one that gives positions to events. On SQLite a writer is alone anyway.
///
/// # Errors
/// A database error.
pub fn lock_event_order(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => conn.batch_execute("SELECT pg_advisory_xact_lock(7011)"),
        Conn::Sqlite(_) => Ok(()),
    }
}
