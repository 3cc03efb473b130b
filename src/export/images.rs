//! The images of an export: a folder for each, named by what is in it.
//!
//! What has a name never changes, so that one folder serves any number of exports, and one that was interrupted harms
//! none of them.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use super::out::partial;
use crate::media::{ContentHash, ImageName, MediaStorage, RenditionKey, hash_of_files};

/// Where the images go, and what has become of them.
pub(super) struct Images<'a> {
    /// Nowhere, where none are wanted.
    pub(super) folder: Option<&'a Path>,
    pub(super) storage: &'a MediaStorage,
    pub(super) kept: u64,
    pub(super) left_out: u64,
}

impl Images<'_> {
    /// Keeps the files of an image and names them; nothing, where they are gone or not wanted.
    pub(super) fn keep(&mut self, image: ImageName) -> io::Result<Option<ContentHash>> {
        let Some(folder) = self.folder else {
            self.left_out += 1;
            return Ok(None);
        };
        let mut files: Vec<(RenditionKey, Vec<u8>)> = Vec::new();
        for key in image.keys() {
            let Some(bytes) = self.storage.get(&key)? else {
                // Somebody has taken it away since the export began, or it was lost.
                log::warn!("{} is not in the media folder: the image is left out", key.path());
                self.left_out += 1;
                return Ok(None);
            };
            files.push((key, bytes));
        }
        let hash = hash_of_files(files.iter().map(|(_, bytes)| bytes.as_slice()));
        let own = folder.join(hash.as_str());
        fs::create_dir_all(&own)?;
        for (key, bytes) in &files {
            put(&own.join(file_name(key)), bytes)?;
        }
        self.kept += 1;
        Ok(Some(hash))
    }
}

/// The name of a rendition in the folder of its image.
pub(super) fn file_name(key: &RenditionKey) -> String {
    format!("{}.{}", key.name.as_str(), key.format.as_str())
}

/// Writes a file whole, unless it is there already.
fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(file).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let partial = partial(file)?;
    let written = fs::File::create_new(&partial)
        .and_then(|mut new| new.write_all(bytes).and_then(|()| new.sync_all()))
        .and_then(|()| fs::rename(&partial, file));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&partial);
    }
    written
}
