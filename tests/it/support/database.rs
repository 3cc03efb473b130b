//! A database for each test: a copy of a template that was migrated once.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use cartwright::{
    db::{DatabaseUrl, Db},
    digest::sha256_hex,
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Bool, Text},
};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database of one test's own, gone when this is.
pub(crate) struct TestDatabase {
    /// As `--database-url` takes it.
    pub(crate) url: String,
    /// The PostgreSQL database to drop, and the cluster that it is in.
    clone: Option<(String, String)>,
}

impl TestDatabase {
    /// A migrated, empty database; an SQLite file goes into `folder`.
    pub(crate) fn create(backend: Backend, folder: &Path) -> Self {
        match backend {
            Backend::Sqlite => {
                let file = folder.join("shop.db");
                fs::copy(sqlite_template(), &file).unwrap();
                Self { url: format!("sqlite:{}", file.display()), clone: None }
            }
            Backend::Postgres => {
                let cluster = cluster_url();
                let template = postgres_template(&cluster);
                let name = unique_name();
                execute(&cluster, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
                Self { url: with_database(&cluster, &name), clone: Some((cluster, name)) }
            }
        }
    }

    /// A database without any table.
    pub(crate) fn create_bare(backend: Backend, folder: &Path) -> Self {
        match backend {
            Backend::Sqlite => Self { url: format!("sqlite:{}", folder.join("bare.db").display()), clone: None },
            Backend::Postgres => {
                let (cluster, name) = (cluster_url(), unique_name());
                execute(&cluster, &format!("CREATE DATABASE {name} TEMPLATE template0"));
                Self { url: with_database(&cluster, &name), clone: Some((cluster, name)) }
            }
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl TestDatabase {
    /// The tables of a PostgreSQL database with all their rows, as a dump has them, but what is binary as its bytes.
    pub(super) fn dump(&self) -> Vec<(String, Vec<u8>)> {
        if self.clone.is_none() {
            return Vec::new();
        }
        let mut conn = PgConnection::establish(&self.url).unwrap();
        let mut lines = |statement: &str| -> Vec<String> {
            let rows: Vec<Line> = sql_query(statement).load(&mut conn).unwrap();
            rows.into_iter().map(|it| it.line).collect()
        };
        let tables = lines("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'");
        let rows = tables.into_iter().map(|table| {
            let rows = lines(&format!("SELECT t::text AS line FROM {table} t"));
            (table, rows.iter().flat_map(|row| with_bytes(row)).collect())
        });
        rows.collect()
    }

    /// Runs `work` while nobody else can write to this table.
    #[cfg(feature = "faults")]
    pub(super) fn hold(&self, table: &str, work: impl FnOnce()) {
        match DatabaseUrl::parse(&self.url).unwrap() {
            DatabaseUrl::Sqlite(file) => {
                let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
                work();
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(&url).unwrap();
                conn.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE")).unwrap();
                work();
            }
        }
    }
}

/// A row as PostgreSQL writes it as text, and the bytes that its binary columns (`"\\\\x0a1b…"`) stand for.
fn with_bytes(row: &str) -> Vec<u8> {
    let mut bytes = row.as_bytes().to_vec();
    for behind in row.split("\\x").skip(1) {
        let digits: Vec<u8> =
            behind.chars().map_while(|it| it.to_digit(16)).filter_map(|it| u8::try_from(it).ok()).collect();
        bytes.push(b'\n');
        bytes.extend(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
    }
    bytes.push(b'\n');
    bytes
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((cluster, name)) = &self.clone {
            execute(cluster, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// A name that no other test, and no other run, takes.
fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("cartwright_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder of one test's own, gone when this is.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn create() -> Self {
        let path = build_folder().join(unique_name());
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind it does no harm, and a panic here would hide the test's own.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn build_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The migrated SQLite file that tests copy: one for each state of the migrations.
fn sqlite_template() -> PathBuf {
    let template = build_folder().join(format!("template-{}.db", fingerprint("sqlite")));
    fs::create_dir_all(build_folder()).unwrap();
    // Another run of the tests may be about to make it too.
    let lock = File::create(build_folder().join("template.lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        let folder = Folder::create();
        let file = folder.path().join("template.db");
        drop(Db::open(&DatabaseUrl::Sqlite(file.clone()), 1).unwrap());
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
        // One file, whatever still stands in the write-ahead log; and whole, or not there at all.
        let whole = folder.path().join("whole.db");
        conn.batch_execute(&format!("VACUUM INTO '{}'", whole.display())).unwrap();
        fs::rename(whole, &template).unwrap();
    }
    template
}

fn cluster_url() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL must name a PostgreSQL that may be written to")
}

#[derive(QueryableByName)]
struct IsFinished {
    #[diesel(sql_type = Bool)]
    finished: bool,
}

/// The migrated database that tests clone; made by the first of all processes that want it.
fn postgres_template(cluster: &str) -> String {
    let name = format!("cartwright_template_{}", fingerprint("postgres"));
    let mut conn = PgConnection::establish(cluster).unwrap();
    // Held until this connection is closed.
    conn.batch_execute("SELECT pg_advisory_lock(7012)").unwrap();
    let found: Vec<IsFinished> =
        sql_query(format!("SELECT NOT datallowconn AS finished FROM pg_database WHERE datname = '{name}'"))
            .load(&mut conn)
            .unwrap();
    match found.as_slice() {
        [IsFinished { finished: true }] => return name,
        // Its maker was ended half-way.
        [_] => conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap(),
        _ => {}
    }
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
    drop(Db::open(&DatabaseUrl::parse(&with_database(cluster, &name)).unwrap(), 1).unwrap());
    // A database that somebody is connected to cannot be cloned.
    conn.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    conn.batch_execute(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        .unwrap();
    name
}

/// A few characters that change with any migration.
fn fingerprint(database: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut files: Vec<PathBuf> = glob::glob(&folder.join("*/*.sql").to_string_lossy()).unwrap().flatten().collect();
    files.sort();
    let text: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
    sha256_hex(&text)[..12].to_owned()
}

fn execute(url: &str, statement: &str) {
    PgConnection::establish(url).unwrap().batch_execute(statement).unwrap();
}

/// The same cluster, another database.
fn with_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (rest, parameters) = rest.split_once('?').map_or((rest, String::new()), |(rest, it)| (rest, format!("?{it}")));
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}{parameters}")
}
