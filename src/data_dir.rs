//! The folder of what one process owns, and who that is.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

const LOCK_FILE: &str = "serve.lock";

/// Says that this process has the data folder for itself. The lock ends with the value, and with the process.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

/// Makes the folder where it is not there, for its owner alone: databases and keys lie in it.
///
/// # Errors
/// Where it cannot be made.
pub fn make(data_dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(data_dir)
}

impl DataDirLock {
    /// Takes the folder; `None` where another process has it. The folder is there.
    ///
    /// # Errors
    /// Where the lock file cannot be made.
    pub fn take(data_dir: &Path) -> std::io::Result<Option<Self>> {
        let file = File::options().create(true).truncate(false).write(true).open(data_dir.join(LOCK_FILE))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_has_the_folder() {
        let folder = std::env::temp_dir().join(format!("cartwright-lock-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = DataDirLock::take(&folder).unwrap();
        assert!(first.is_some());
        assert!(DataDirLock::take(&folder).unwrap().is_none());
        drop(first);
        assert!(DataDirLock::take(&folder).unwrap().is_some());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
