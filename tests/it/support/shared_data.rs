//! Data that stands beside the project and is not copied into it.

use std::path::{Path, PathBuf};

/// The path of a file of the shared data: in the folder that `SHARED_DATA` names, or in `../shared/data`.
///
/// Tests that call this are marked `#[ignore = "needs SHARED_DATA"]`.
///
/// # Panics
/// Where there is no such file.
pub(crate) fn shared_data(name: &str) -> PathBuf {
    let folder = match std::env::var_os("SHARED_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
    };
    let path = folder.join(name);
    assert!(path.exists(), "there is no {}: set SHARED_DATA to the folder of the shared data", path.display());
    path
}
