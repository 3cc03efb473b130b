//! What a shop stands on: a database and a folder of one test's own, and what the command line is told of them.

#[cfg(feature = "faults")]
use std::time::Duration;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

use cartwright::{
    payments::sandbox::{JournalEntry, Sandbox},
    time::Clock,
};

use super::{
    app::{FRONT_END, PUBLIC_URL},
    database::{Backend, Folder, TestDatabase},
};

/// A root secret of no shop: what is signed and sealed in one run of a test is so in the next.
const KEYS: &str = "yjER8H2HRyOBsf8OQZGBTefC7HkAc3z5uIQH7+DFBmk=";

/// The premises of a shop, whoever serves in them; gone when this is.
pub(crate) struct Premises {
    pub(super) database: TestDatabase,
    pub(super) folder: Folder,
}

impl Premises {
    pub(super) fn create(backend: Backend) -> Self {
        let folder = Folder::create();
        Self { database: TestDatabase::create(backend, folder.path()), folder }
    }

    /// How many files lie there, and which of them hold a text.
    pub(super) fn search(&self, text: &str) -> (usize, Vec<PathBuf>) {
        let everything = glob::glob(&format!("{}/**/*", self.folder.path().display())).unwrap().flatten();
        let files: Vec<PathBuf> = everything.filter(|it| it.is_file()).collect();
        let holds = |file: &PathBuf| {
            // The search index may tidy one away meanwhile; the database keeps its own while it is open.
            let bytes = std::fs::read(file).unwrap_or_default();
            bytes.windows(text.len()).any(|it| it == text.as_bytes())
        };
        (files.len(), files.into_iter().filter(holds).collect())
    }

    /// The settings of a process that has this data folder. Keys, images and the provider's journal are shared.
    pub(super) fn settings(&self, data_dir: &Path) -> Vec<String> {
        let shared = |name: &str| self.folder.path().join(name).to_string_lossy().into_owned();
        let pairs = [
            ("--data-dir", data_dir.to_string_lossy().into_owned()),
            ("--database-url", self.database.url.clone()),
            ("--database-connections", "8".to_owned()),
            ("--keys", KEYS.to_owned()),
            ("--media", shared("media")),
            ("--sandbox-journal", shared("sandbox.db")),
            ("--shop-name", "Test shop".to_owned()),
            ("--public-url", PUBLIC_URL.to_owned()),
            ("--allowed-origins", FRONT_END.to_owned()),
            ("--bcrypt-cost", "10".to_owned()),
        ];
        let pairs = pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        ["--allow-sandbox".to_owned()].into_iter().chain(pairs).collect()
    }

    /// The program, told of this shop; what it is to do is still to be said.
    pub(super) fn program(&self, data_dir: &Path) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cartwright"));
        program.current_dir(self.folder.path()).args(self.settings(data_dir));
        program.env_remove("FAILPOINTS").env("RUST_LOG", "info");
        program
    }

    /// `cartwright verify`, which must find nothing.
    #[track_caller]
    pub(crate) fn expect_books_in_order(&self) {
        let output = self.program(self.folder.path()).arg("verify").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said, "0 findings\n");
    }

    /// Keeps everybody else from writing orders for so long.
    #[cfg(feature = "faults")]
    pub(crate) fn keep_busy(&self, time: Duration) {
        self.database.hold("orders", || std::thread::sleep(time));
    }

    /// What the sandbox provider has done.
    pub(crate) fn journal(&self) -> Vec<JournalEntry> {
        Sandbox::open(&self.folder.path().join("sandbox.db"), Clock::default()).unwrap().journal().unwrap()
    }
}
