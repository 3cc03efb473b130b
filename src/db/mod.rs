//! The two databases behind one door: [`Db::write`] and [`Db::read`], each one transaction on the blocking pool.

use std::{sync::Arc, time::Duration};

use diesel::{PgConnection, SqliteConnection};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

pub mod changes;
pub mod columns;
mod connector;
pub mod constraints;
pub mod dialect;
mod migrations;
pub mod schema;
pub mod state;
mod transaction;
pub mod wal;

pub use connection::Conn;
pub use connector::DatabaseUrl;
use connector::{Access, Connector};

use changes::Changes;

#[allow(missing_docs, unreachable_pub, reason = "the derive writes undocumented items")]
mod connection {
    use super::{PgConnection, SqliteConnection};

    /// A connection to either database. Only `db` looks at which.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// PostgreSQL.
        Pg(PgConnection),
        /// SQLite.
        Sqlite(SqliteConnection),
    }
}

/// How long PostgreSQL and reads wait for a connection.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long writers wait for SQLite's one writer.
const WRITER_PATIENCE: Duration = Duration::from_secs(5);

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    writers: Arc<Gate>,
    readers: Arc<Gate>,
    changes: Arc<Changes>,
    serves_several: bool,
}

/// A pool behind a fair queue of the pool's size, so that waiting holds no thread.
struct Gate {
    pool: r2d2::Pool<Connector>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Gate {
    fn new(connector: Connector, size: u32, patience: Duration) -> Arc<Self> {
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .build_unchecked(connector);
        Arc::new(Self { pool, permits: Arc::new(Semaphore::new(size as usize)), patience })
    }

    /// Runs `work` with a connection on the blocking pool.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        let permit = tokio::time::timeout(self.patience, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Unavailable("all database connections are busy")) };
        let pool = self.pool.clone();
        let finished = tokio::task::spawn_blocking(move || {
            let mut conn = pool.get().map_err(|_| Error::Unavailable("the database cannot be reached"))?;
            let result = work(&mut conn);
            drop(permit);
            result
        });
        finished.await.map_err(|error| Error::Internal(format!("database work panicked: {error}")))?
    }
}

impl Db {
    /// Opens the database and brings its schema up to date.
    ///
    /// `pool_size` bounds the connections to PostgreSQL, and SQLite's readers.
    ///
    /// # Errors
    /// Says why where the database cannot be reached, is too old, or a migration fails.
    pub fn open(url: &DatabaseUrl, pool_size: u32) -> Result<Self, String> {
        migrations::run(url)?;
        let changes = Arc::new(Changes::none());
        Ok(match url {
            DatabaseUrl::Postgres(_) => {
                let gate = Gate::new(Connector::new(url, Access::Write), pool_size, PATIENCE);
                Self { writers: gate.clone(), readers: gate, changes, serves_several: true }
            }
            DatabaseUrl::Sqlite(_) => Self {
                writers: Gate::new(Connector::new(url, Access::Write), 1, WRITER_PATIENCE),
                readers: Gate::new(Connector::new(url, Access::Read), pool_size, PATIENCE),
                changes,
                serves_several: false,
            },
        })
    }

    /// Runs `work` in one transaction that may write: committed where it succeeds, else rolled back.
    ///
    /// A transaction that the database gives up for the sake of another (PostgreSQL 40001, 40P01) runs again as a
    /// whole, up to five times; `work` must therefore have no effect but on the database.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Unavailable`] where no connection is free in time.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let changes = self.changes.clone();
        self.writers.run(move |conn| changes.told(|| transaction::write(conn, work))).await
    }

    /// [`Db::write`], after which what was deleted or overwritten stands in no file of SQLite's any more, its log
    /// included. What PostgreSQL leaves behind goes when it next vacuums its tables.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn erase<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let changes = self.changes.clone();
        let erase = move |conn: &mut Conn| {
            let erased = changes.told(|| transaction::write(conn, work))?;
            if let Conn::Sqlite(conn) = conn
                && let Err(error) = wal::empty(conn)
            {
                // It is done all the same, and the next one who erases empties the log.
                log::warn!("the write-ahead log still holds what was erased: {error}");
            }
            Ok(erased)
        };
        self.writers.run(erase).await
    }

    /// Runs `work` on one consistent snapshot.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Unavailable`] where no connection is free in time.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(move |conn| transaction::read(conn, work)).await
    }

    /// [`Db::write`] for a thread that may block: the command line.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.writers.pool.get().map_err(|_| Error::Unavailable("the database cannot be reached"))?;
        self.changes.told(|| transaction::write(&mut conn, work))
    }

    /// [`Db::read`] for a thread that may block: the command line.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.readers.pool.get().map_err(|_| Error::Unavailable("the database cannot be reached"))?;
        transaction::read(&mut conn, work)
    }

    /// Whether other processes may serve the same shop.
    pub fn serves_several(&self) -> bool {
        self.serves_several
    }

    /// What of the catalogue has changed.
    pub fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }
}

/// Asks the database for nothing, to see whether it answers.
///
/// # Errors
/// Where it does not.
pub fn ping(conn: &mut Conn) -> diesel::QueryResult<()> {
    diesel::connection::SimpleConnection::batch_execute(conn, "SELECT 1")
}
