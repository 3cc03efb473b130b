//! Changes behind the API's back, and what looking through the books makes of them.

use cartwright::{
    error::{Error, Result},
    verify::{Finding, look_through},
};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

use super::{Backend, TestApp};

/// Longer than a provider's deed may stand in no book.
const LATER: TimeDelta = TimeDelta::seconds(61);

/// Whatever would refuse a damage: checks, references, and the unique indexes that hold an invariant.
const DROP_ON_POSTGRES: &str = "DO $$ DECLARE it record; BEGIN \
    FOR it IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint \
      WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.of, it.name); END LOOP; END $$";
const UNIQUE_INDEXES: [&str; 2] = ["orders_cart_id_key", "refresh_tokens_session_id_key"];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

impl TestApp {
    /// The one `value` that a query selects.
    pub(crate) fn value(&self, query: &str) -> String {
        self.database(|conn| Ok(sql_query(query).get_result::<Row>(conn)?.value))
    }

    /// From here on the database takes everything.
    pub(crate) fn drop_constraints(&self, backend: Backend) {
        let own = match backend {
            Backend::Sqlite => "PRAGMA ignore_check_constraints = ON",
            Backend::Postgres => DROP_ON_POSTGRES,
        };
        let drops = UNIQUE_INDEXES.map(|index| format!("DROP INDEX {index}"));
        self.database(|conn| {
            for statement in drops.iter().map(String::as_str).chain([own]) {
                sql_query(statement).execute(conn)?;
            }
            Ok(())
        });
    }

    /// How many rows a statement changes, and what is found in the books a minute later. The statement is undone.
    pub(crate) fn findings_after(&self, backend: Backend, statement: &str) -> (usize, Vec<Finding>) {
        let later = self.shop.clock.now().plus(LATER);
        let mut found = None;
        let undone: Result<()> = self.shop.db.write_blocking(|conn| {
            if backend == Backend::Sqlite {
                sql_query("PRAGMA defer_foreign_keys = ON").execute(conn)?;
            }
            let changed = sql_query(statement).execute(conn)?;
            found = Some((changed, look_through(conn, self.sandbox(), later)?));
            Err(Error::Internal("all of it is to be undone".to_owned()))
        });
        found.unwrap_or_else(|| panic!("{statement}: {undone:?}"))
    }
}
