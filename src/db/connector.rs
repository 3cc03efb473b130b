//! How connections are made: by the URL's scheme, with the settings that each database needs.

use std::path::PathBuf;

use diesel::{
    Connection, ConnectionError, PgConnection, SqliteConnection, connection::SimpleConnection, r2d2::R2D2Connection,
};

use super::{connection::Conn, wal::switch_to_wal};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A libpq URL, `postgres://…` or `postgresql://…`.
    Postgres(String),
    /// A file.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `postgres:…` or `postgresql:…`.
    ///
    /// # Errors
    /// Names the schemes where it is another one.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
            }
            _ => Err("a database URL begins with `sqlite:`, `postgres:` or `postgresql:`".to_owned()),
        }
    }
}

/// What a pool's connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Makes connections for a pool.
#[derive(Debug)]
pub(super) struct Connector {
    url: DatabaseUrl,
    access: Access,
}

impl Connector {
    pub(super) fn new(url: &DatabaseUrl, access: Access) -> Self {
        Self { url: url.clone(), access }
    }
}

/// `synchronous=FULL`: an acknowledged order survives a power cut. `secure_delete`: a key that was destroyed is not left
/// in a free page of the file. `temp_store`: what a savepoint may have to undo goes into memory, not into a file beside.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;";

/// `mmap_size`: readers look at the file's first tebibyte, the most that this SQLite maps, where the system keeps it,
/// instead of copying each page.
const READER_SETTINGS: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 1099511627776;";

impl r2d2::ManageConnection for Connector {
    type Connection = Conn;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Conn, ConnectionError> {
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Pg(conn))
            }
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                conn.batch_execute(SQLITE_SETTINGS)
                    .and_then(|()| switch_to_wal(&mut conn))
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                if self.access == Access::Read {
                    conn.batch_execute(READER_SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
                }
                Ok(Conn::Sqlite(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), ConnectionError> {
        let alive = match conn {
            Conn::Pg(conn) => conn.ping(),
            Conn::Sqlite(conn) => conn.ping(),
        };
        alive.map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking()
            || match conn {
                Conn::Pg(conn) => conn.is_broken(),
                Conn::Sqlite(conn) => conn.is_broken(),
            }
    }
}

#[cfg(test)]
mod tests {
    use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::Integer};
    use r2d2::ManageConnection as _;

    use super::*;

    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Integer)]
        secure_delete: i32,
    }

    #[test]
    fn what_is_deleted_from_an_sqlite_file_is_overwritten() {
        let url = DatabaseUrl::Sqlite(":memory:".into());
        let Conn::Sqlite(mut conn) = Connector::new(&url, Access::Write).connect().unwrap() else { panic!("SQLite") };
        let setting: Setting = sql_query("PRAGMA secure_delete").get_result(&mut conn).unwrap();
        assert_eq!(setting.secure_delete, 1);
    }
}
