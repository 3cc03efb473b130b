//! What a shop stands on: a database and a folder of one test's own, and what the command line is told of them.

#[cfg(feature = "faults")]
use std::time::Duration;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cartwright::{
    payments::sandbox::{JournalEntry, Sandbox},
    time::Clock,
};

use super::{
    app::{FRONT_END, PUBLIC_URL},
    database::{Backend, Folder, TestDatabase},
};

/// A key of no shop: what is signed and sealed in one run of a test is so in the next.
const KEY: &str = "cartwright-key 1\ngeneration 1\nsecret yjER8H2HRyOBsf8OQZGBTefC7HkAc3z5uIQH7+DFBmk=\n";

/// The premises of a shop, whoever serves in them; gone when this is.
pub(crate) struct Premises {
    pub(super) database: TestDatabase,
    pub(super) folder: Folder,
}

impl Premises {
    pub(super) fn create(backend: Backend) -> Self {
        let folder = Folder::create();
        let premises = Self { database: TestDatabase::create(backend, folder.path()), folder };
        fs::create_dir(premises.keys()).unwrap();
        let file = premises.keys().join("generation-0001.key");
        fs::write(&file, KEY).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        premises
    }

    /// The folder of the key ring.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// The settings of a process that has this data folder. Keys, images and the provider's journal are shared.
    pub(super) fn settings(&self, data_dir: &Path) -> Vec<String> {
        let shared = |name: &str| self.folder.path().join(name).to_string_lossy().into_owned();
        let pairs = [
            ("--data-dir", data_dir.to_string_lossy().into_owned()),
            ("--database-url", self.database.url.clone()),
            ("--database-connections", "8".to_owned()),
            ("--keys-dir", shared("keys")),
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
        let output = self.run(&["verify"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said, "0 findings\n");
    }

    /// Runs the program in the premises' own data folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.program(self.folder.path()).args(arguments).output().unwrap()
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
