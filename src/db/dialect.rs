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
/// `for_no_key_update` keeps those waiting who lock the rows, and not those who refer to them. On SQLite a writer is alone
/// anyway.
#[macro_export]
macro_rules! lock_rows {
    ($conn:expr, $query:expr) => {
        $crate::lock_rows!($conn, $query, for_update)
    };
    ($conn:expr, $query:expr, $strength:ident) => {
        match $conn {
            $crate::db::Conn::Pg(conn) => $query.$strength().execute(conn).map(drop),
            $crate::db::Conn::Sqlite(_) => Ok(()),
        }
    };
}

use diesel::{QueryResult, RunQueryDsl, connection::SimpleConnection};

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

/// Makes this transaction the only one that decides what is mailed to an address, by the hash of it. On SQLite a writer
/// is alone anyway.
///
/// # Errors
/// A database error.
pub fn lock_address(conn: &mut Conn, email_hash: &str) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => diesel::sql_query("SELECT pg_advisory_xact_lock(7012, hashtext($1))")
            .bind::<diesel::sql_types::Text, _>(email_hash)
            .execute(conn)
            .map(drop),
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Makes this transaction the only one that defines attributes, while none writes products: those that do are waited for,
/// and wait. On SQLite a writer is alone anyway.
///
/// # Errors
/// A database error.
pub fn lock_definitions(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => conn.batch_execute("SELECT pg_advisory_xact_lock(7021)"),
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Lets no attribute be defined otherwise until this transaction ends: what it writes of a product is by the definitions
/// that it has read. Any number of transactions may do so at once.
///
/// # Errors
/// A database error.
pub fn hold_definitions(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => conn.batch_execute("SELECT pg_advisory_xact_lock_shared(7021)"),
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Makes this transaction the only one that says which words mean the same. On SQLite a writer is alone anyway.
///
/// # Errors
/// A database error.
pub fn lock_synonyms(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => conn.batch_execute("SELECT pg_advisory_xact_lock(7024)"),
        Conn::Sqlite(_) => Ok(()),
    }
}

#[derive(diesel::QueryableByName)]
struct Fault {
    #[diesel(sql_type = diesel::sql_types::Text)]
    fault: String,
}

/// What the database's own check of its integrity finds.
///
/// On SQLite the whole file and every reference. PostgreSQL checks pages and constraints as it goes and has no such
/// statement; there, indexes and constraints that it holds for invalid.
///
/// # Errors
/// A database error.
pub fn integrity_faults(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let faults: Vec<Fault> = match conn {
        Conn::Pg(conn) => diesel::sql_query(
            "SELECT relname::text AS fault FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid \
             UNION ALL SELECT conname::text FROM pg_constraint WHERE NOT convalidated",
        )
        .load(conn)?,
        Conn::Sqlite(conn) => {
            let mut faults: Vec<Fault> =
                diesel::sql_query("SELECT integrity_check AS fault FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
                    .load(conn)?;
            let dangling: Vec<Fault> =
                diesel::sql_query("SELECT \"table\" || ' refers to a missing row of ' || parent AS fault FROM pragma_foreign_key_check")
                    .load(conn)?;
            faults.extend(dangling);
            faults
        }
    };
    Ok(faults.into_iter().map(|it| it.fault).collect())
}

/// Selects the `subject`s of pending orders whose deadline lies before the one bound parameter.
pub const OVERDUE_ORDERS: &str = "SELECT id AS subject FROM orders WHERE status = 'pending' AND deadline < $1";
