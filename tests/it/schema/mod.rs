//! The schema: the same on both databases and in Diesel's eyes, with an index for every reference.

mod facts;

use std::{collections::BTreeSet, path::Path};

use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use facts::{Facts, collated, connect_postgres, connect_sqlite, of_diesel, of_postgres, of_sqlite};

use crate::support::{Backend, Folder, TestDatabase};

#[track_caller]
fn assert_same(one: &Facts, other: &Facts) {
    let only = |of: &Facts, than: &Facts| of.difference(than).cloned().collect::<Vec<_>>().join("\n  ");
    assert!(one == other, "only in the first:\n  {}\nonly in the second:\n  {}", only(one, other), only(other, one));
}

fn sqlite_facts() -> Facts {
    let folder = Folder::create();
    let database = TestDatabase::create(Backend::Sqlite, folder.path());
    of_sqlite(&mut connect_sqlite(&database.url))
}

fn narrowed(facts: &Facts, kinds: &[&str]) -> Facts {
    facts.iter().filter(|fact| kinds.iter().any(|kind| fact.starts_with(kind))).cloned().collect()
}

#[test]
#[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
fn both_databases_have_the_same_schema() {
    let folder = Folder::create();
    let database = TestDatabase::create(Backend::Postgres, folder.path());
    let postgres = of_postgres(&mut connect_postgres(&database.url));
    assert!(postgres.len() > 200, "{postgres:?}");
    assert_same(&sqlite_facts(), &postgres);
}

#[test]
#[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
fn postgres_compares_text_by_its_bytes_as_sqlite_does() {
    let folder = Folder::create();
    let database = TestDatabase::create(Backend::Postgres, folder.path());
    assert_eq!(collated(&mut connect_postgres(&database.url)), Vec::<String>::new());
}

#[test]
fn diesel_sees_the_tables_that_the_migrations_make() {
    assert_same(&narrowed(&sqlite_facts(), &["column ", "primary key "]), &of_diesel());
}

#[test]
fn each_reference_has_an_index() {
    let facts = sqlite_facts();
    let first_column = |fact: &str| {
        // `index NAME on TABLE (A, B)`, `primary key TABLE (A)`: the table, and the first column.
        let (before, columns) = fact.split_once(" (")?;
        Some((before.rsplit(' ').next()?.to_owned(), columns.split([',', ')']).next()?.to_owned()))
    };
    let indexes = narrowed(&facts, &["primary key ", "unique", "index "]);
    let whole = indexes.iter().filter(|fact| !fact.ends_with(" partial"));
    let indexed: BTreeSet<_> = whole.filter_map(|fact| first_column(fact)).collect();
    let references = narrowed(&facts, &["foreign key "]);
    assert!(references.len() > 20, "{references:?}");
    let bare: Vec<_> =
        references.iter().filter(|fact| !first_column(fact).is_some_and(|it| indexed.contains(&it))).collect();
    assert!(bare.is_empty(), "{bare:#?}");
}

/// `db::constraints` tells which rule was broken by the names of partial unique indexes.
#[test]
fn a_partial_unique_index_is_named_like_a_constraint() {
    for fact in narrowed(&sqlite_facts(), &["unique index "]) {
        let words: Vec<&str> = fact.split([' ', '(', ')', ',']).filter(|it| !it.is_empty()).collect();
        let [_, _, name, _, table, column, ..] = words.as_slice() else { panic!("{fact}") };
        assert_eq!(*name, format!("{table}_{column}_key"), "{fact}");
        assert!(fact.ends_with(" partial"), "{fact}: a whole one is a constraint of its column");
    }
}

#[test]
fn sqlite_migrations_go_down_and_up_again() {
    let folder = Folder::create();
    let database = TestDatabase::create_bare(Backend::Sqlite, folder.path());
    let mut conn = connect_sqlite(&database.url);
    there_and_back(&mut conn, "sqlite", of_sqlite);
    assert_same(&of_sqlite(&mut conn), &sqlite_facts());
}

#[test]
#[ignore = "needs PostgreSQL: TEST_DATABASE_URL"]
fn postgres_migrations_go_down_and_up_again() {
    let folder = Folder::create();
    let database = TestDatabase::create_bare(Backend::Postgres, folder.path());
    there_and_back(&mut connect_postgres(&database.url), "postgres", of_postgres);
}

/// Each migration is taken back by itself: what its `down.sql` leaves is what was there before it.
fn there_and_back<C: MigrationHarness<DB>, DB: diesel::backend::Backend>(
    conn: &mut C,
    database: &str,
    facts: fn(&mut C) -> Facts,
) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut states = vec![facts(conn)];
    while conn.has_pending_migration(migrations(&folder)).unwrap() {
        conn.run_next_migration(migrations(&folder)).unwrap();
        states.push(facts(conn));
    }
    assert!(states.len() > 5);
    let last = states.pop().expect("a migrated state");
    for before in states.iter().rev() {
        conn.revert_last_migration(migrations(&folder)).unwrap();
        assert_same(&facts(conn), before);
    }
    conn.run_pending_migrations(migrations(&folder)).unwrap();
    assert_same(&facts(conn), &last);
}

fn migrations(folder: &Path) -> FileBasedMigrations {
    FileBasedMigrations::from_path(folder).unwrap()
}
