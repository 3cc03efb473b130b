//! Imports and exports, as the command line runs them.

use std::{fs, path::Path, path::PathBuf};

use cartwright::{
    export::{self, ExportArguments},
    import::{self, Counts, ImportArguments},
    media::MediaStorage,
};

use super::app::TestApp;

/// What an import came to: its counts, and the lines of its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) counts: Counts,
    pub(crate) lines: Vec<String>,
}

impl Imported {
    /// Created, updated, unchanged and refused.
    pub(crate) fn numbers(&self) -> [u64; 4] {
        let Counts { created, updated, unchanged, refused } = self.counts;
        [created, updated, unchanged, refused]
    }
}

impl TestApp {
    /// Imports a file by a mapping of `tests/data`.
    pub(crate) fn import(&self, file: &Path, mapping: &str) -> Imported {
        self.import_with(file, mapping, false).unwrap()
    }

    /// Checks a file and writes nothing.
    pub(crate) fn try_import(&self, file: &Path, mapping: &str) -> Imported {
        self.import_with(file, mapping, true).unwrap()
    }

    /// Imports a file, or says why that could not be done.
    pub(crate) fn import_with(&self, file: &Path, mapping: &str, dry_run: bool) -> Result<Imported, String> {
        let map = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(mapping);
        self.run_import(ImportArguments { file: file.to_owned(), map: Some(map), images: None, dry_run })
    }

    /// Imports an export, or says why that could not be done.
    pub(crate) fn import_own(&self, file: &Path, dry_run: bool) -> Result<Imported, String> {
        self.run_import(ImportArguments { file: file.to_owned(), map: None, images: None, dry_run })
    }

    fn run_import(&self, arguments: ImportArguments) -> Result<Imported, String> {
        let media = MediaStorage::open(&self.shop.config.media).unwrap();
        let mut report = Vec::new();
        let counts = import::run(&self.shop, &media, &arguments, false, &mut report)?;
        let lines = String::from_utf8(report).unwrap().lines().map(str::to_owned).collect();
        Ok(Imported { counts, lines })
    }

    /// Exports the catalogue into the data folder.
    pub(crate) fn export(&self, name: &str) -> PathBuf {
        let file = self.shop.config.data_dir.join(name);
        let media = MediaStorage::open(&self.shop.config.media).unwrap();
        let arguments = ExportArguments { file: file.clone(), format: None, images: None };
        export::run(&self.shop, &media, &arguments).unwrap();
        file
    }

    /// Imports entries in the form of the Icecat file.
    pub(crate) fn import_lines(&self, lines: &[serde_json::Value]) -> Imported {
        let file = self.shop.config.data_dir.join("lines.jsonl");
        let text: Vec<String> = lines.iter().map(serde_json::Value::to_string).collect();
        fs::write(&file, text.join("\n")).unwrap();
        self.import(&file, "icecat.toml")
    }
}
