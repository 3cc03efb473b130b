//! One transaction: how it begins on each database, and when it is run again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use diesel::{
    Connection,
    connection::{AnsiTransactionManager, TransactionManager},
};

use super::{
    connection::Conn,
    constraints::{Failure, classify},
};
use crate::error::{Error, Result};

const TRIES: u32 = 5;

/// Time-outs go with the transaction, so that they hold behind a connection pooler too.
const PG_WRITE: &str = "BEGIN; SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '2s'";
const PG_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '5s'";

pub(super) fn write<T>(conn: &mut Conn, mut work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        // A deferred SQLite transaction that turns into a write fails at once as locked: take the lock first.
        let result = run(conn, PG_WRITE, "BEGIN IMMEDIATE", &mut work);
        match result {
            Err(Error::Database(error)) if tries < TRIES && classify(&error) == Failure::GivenUp => {
                tries += 1;
                std::thread::sleep(pause(tries));
            }
            result => return result,
        }
    }
}

pub(super) fn read<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    run(conn, PG_READ, "BEGIN DEFERRED", work)
}

fn run<T>(conn: &mut Conn, pg_begin: &str, sqlite_begin: &str, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        Conn::Pg(conn) => AnsiTransactionManager::begin_transaction_sql(conn, pg_begin)?,
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite_begin)?,
    }
    match work(conn) {
        Ok(value) => {
            <Conn as Connection>::TransactionManager::commit_transaction(conn)?;
            Ok(value)
        }
        Err(error) => {
            // The first error tells more than one of the rollback; a connection that cannot roll back counts as
            // broken and leaves the pool.
            let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
            Err(error)
        }
    }
}

/// Between 5 and 20 ms for each try so far, at random, so that two that collided do not collide again.
fn pause(tries: u32) -> Duration {
    let random = RandomState::new().hash_one(tries) % 15;
    Duration::from_millis((5 + random) * u64::from(tries))
}
