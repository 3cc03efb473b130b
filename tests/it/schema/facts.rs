//! A schema as a set of facts, each one line, told alike by both databases and by Diesel's `schema.rs`.

use std::{collections::BTreeSet, path::Path};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text};

/// `column carts.id text not null`, `primary key carts (id)`, …
pub(super) type Facts = BTreeSet<String>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    fact: String,
}

const SQLITE: [&str; 5] = [
    "SELECT 'column ' || t.name || '.' || c.name || ' '
       || CASE lower(c.type) WHEN 'blob' THEN 'binary' ELSE lower(c.type) END
       || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END AS fact
     FROM tables t, pragma_table_info(t.name) c",
    "SELECT 'primary key ' || t.name || ' (' || (SELECT group_concat(name, ', ')
       FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) || ')' AS fact
     FROM tables t",
    "SELECT CASE WHEN i.origin = 'u' THEN 'unique' WHEN i.\"unique\" = 1 THEN 'unique index ' || i.name
         ELSE 'index ' || i.name END
       || ' on ' || t.name || ' ('
       || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
       || CASE WHEN i.partial THEN ' partial' ELSE '' END AS fact
     FROM tables t, pragma_index_list(t.name) i WHERE i.origin <> 'pk'",
    "SELECT 'foreign key ' || t.name || ' (' || f.\"from\" || ') references ' || f.\"table\"
       || ' (' || f.\"to\" || ') on delete ' || lower(f.on_delete) AS fact
     FROM tables t, pragma_foreign_key_list(t.name) f",
    "SELECT 'checks of ' || t.name || ': '
       || (length(t.sql) - length(replace(t.sql, 'CHECK (', 'CHECK '))) AS fact
     FROM tables t",
];

const SQLITE_TABLES: &str = "WITH tables AS (SELECT name, sql FROM sqlite_schema
     WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\') ";

const POSTGRES: [&str; 5] = [
    "SELECT 'column ' || t.name || '.' || a.attname || ' ' || CASE format_type(a.atttypid, a.atttypmod)
       WHEN 'bytea' THEN 'binary' WHEN 'timestamp without time zone' THEN 'timestamp'
       ELSE format_type(a.atttypid, a.atttypmod) END
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS fact
     FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped",
    "SELECT 'primary key ' || t.name || ' (' || names(t.oid, c.conkey) || ')' AS fact
     FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'p'",
    "SELECT CASE WHEN c.contype = 'u' THEN 'unique' WHEN i.indisunique THEN 'unique index ' || n.relname
         ELSE 'index ' || n.relname END
       || ' on ' || t.name || ' (' || names(t.oid, i.indkey::smallint[]) || ')'
       || CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END AS fact
     FROM tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class n ON n.oid = i.indexrelid
     LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'p') WHERE NOT i.indisprimary",
    "SELECT 'foreign key ' || t.name || ' (' || names(t.oid, c.conkey) || ') references ' || c.confrelid::regclass
       || ' (' || names(c.confrelid, c.confkey) || ') on delete '
       || CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE '?' END AS fact
     FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f'",
    "SELECT 'checks of ' || t.name || ': ' || count(c.oid) AS fact
     FROM tables t LEFT JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'c' GROUP BY t.name",
];

const POSTGRES_TABLES: &str = "WITH tables AS (SELECT oid, relname::text AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%') ";

/// The names of some columns of a table, in the order of the key that they make.
const POSTGRES_NAMES: &str =
    "CREATE FUNCTION pg_temp.names(relation oid, numbers smallint[]) RETURNS text LANGUAGE sql AS $$
     SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(numbers) WITH ORDINALITY k (number, place)
     JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = k.number $$";

pub(super) fn of_sqlite(conn: &mut SqliteConnection) -> Facts {
    let load = |query: &&str| sql_query(format!("{SQLITE_TABLES}{query}")).load::<Row>(conn).unwrap();
    SQLITE.iter().flat_map(load).map(|row| row.fact).collect()
}

pub(super) fn of_postgres(conn: &mut PgConnection) -> Facts {
    sql_query(POSTGRES_NAMES.replace("CREATE", "CREATE OR REPLACE")).execute(conn).unwrap();
    let load = |query: &&str| {
        let query = query.replace("names(", "pg_temp.names(");
        sql_query(format!("{POSTGRES_TABLES}{query}")).load::<Row>(conn).unwrap()
    };
    POSTGRES.iter().flat_map(load).map(|row| row.fact).collect()
}

/// Text columns of PostgreSQL that are not compared by their bytes, as SQLite does.
pub(super) fn collated(conn: &mut PgConnection) -> Vec<String> {
    let query = "SELECT t.name || '.' || a.attname AS fact FROM tables t
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE a.attcollation <> 0 AND a.attcollation <> '\"C\"'::regcollation";
    let rows: Vec<Row> = sql_query(format!("{POSTGRES_TABLES}{query}")).load(conn).unwrap();
    rows.into_iter().map(|row| row.fact).collect()
}

pub(super) fn connect_sqlite(url: &str) -> SqliteConnection {
    SqliteConnection::establish(url.trim_start_matches("sqlite:")).unwrap()
}

pub(super) fn connect_postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

/// What Diesel believes: columns and primary keys.
pub(super) fn of_diesel() -> Facts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let mut facts = Facts::new();
    let (mut table, mut renamed) = (String::new(), None);
    for line in text.lines().map(str::trim) {
        if let Some((name, key)) = line.strip_suffix(") {").and_then(|it| it.split_once(" (")) {
            table = name.to_owned();
            facts.insert(format!("primary key {table} ({key})"));
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
        } else if let Some((name, kind)) = line.strip_suffix(',').and_then(|it| it.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|it| it.strip_suffix('>'));
            let (kind, null) = inner.map_or((kind, " not null"), |inner| (inner, ""));
            let kind = match kind {
                "Bool" => "boolean".to_owned(),
                "Double" => "double precision".to_owned(),
                other => other.to_lowercase(),
            };
            let name = renamed.take().unwrap_or_else(|| name.to_owned());
            facts.insert(format!("column {table}.{name} {kind}{null}"));
        }
    }
    facts
}
