//! Brings the schema up to date, on a connection of its own, before there is a pool.

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connector::DatabaseUrl, wal::switch_to_wal};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Any number will do, as long as each replica takes the same.
const ADVISORY_LOCK: i64 = 0x0063_6172_7477;

/// SQLite before 3.51.3 can corrupt a WAL (sqlite.org, "The WAL-reset bug").
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Runs what has not run yet.
///
/// # Errors
/// One sentence for the operator, without the URL, which may hold a password.
pub(super) fn run(url: &DatabaseUrl) -> Result<(), String> {
    match url {
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(|error| format!("cannot reach PostgreSQL: {error}"))?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))
                .map_err(|error| error.to_string())?;
            conn.run_pending_migrations(POSTGRES).map_err(|error| format!("a migration failed: {error}"))?;
        }
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())
                .map_err(|error| format!("cannot open {}: {error}", path.display()))?;
            // First of all: any statement reads the schema, which another process may have locked.
            conn.batch_execute("PRAGMA busy_timeout = 30000").map_err(|error| error.to_string())?;
            refuse_old_sqlite(&mut conn)?;
            switch_to_wal(&mut conn)
                .and_then(|()| conn.batch_execute("PRAGMA synchronous = FULL"))
                .map_err(|error| format!("cannot open {}: {error}", path.display()))?;
            conn.exclusive_transaction(|conn| conn.run_pending_migrations(SQLITE).map(drop))
                .map_err(|error| format!("a migration failed: {error}"))?;
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

fn refuse_old_sqlite(conn: &mut SqliteConnection) -> Result<(), String> {
    let Version { version } =
        sql_query("SELECT sqlite_version() AS version").get_result(conn).map_err(|error| error.to_string())?;
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts.as_slice() < OLDEST_SQLITE.as_slice() {
        return Err(format!("SQLite {version} can corrupt its write-ahead log; 3.51.3 or newer is needed"));
    }
    Ok(())
}
