//! Images in a folder, which several processes may share.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::RenditionKey;
use crate::ids::ImageId;

/// Files on their way in; they get their name when they are whole.
const INCOMING: &str = ".incoming";
/// What has been on its way in for so long was left by a process that was killed.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The folder, laid out as the keys of a bucket are.
#[derive(Debug)]
pub(super) struct Folder {
    folder: PathBuf,
}

impl Folder {
    /// Opens the folder, and makes it where it is missing.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join(INCOMING))?;
        let storage = Self { folder: folder.to_owned() };
        storage.sweep(SystemTime::now() - ABANDONED_AFTER)?;
        Ok(storage)
    }

    /// Keeps a file. It is there whole and survives a power cut once this returns; before, it is not there at all. To
    /// write what is there already does no harm.
    pub(super) fn put(&self, key: &RenditionKey, bytes: &[u8]) -> io::Result<()> {
        let incoming = self.folder.join(INCOMING).join(uuid::Uuid::now_v7().to_string());
        let kept = write_through(&incoming, bytes).and_then(|()| {
            let path = self.folder.join(key.path());
            if let Some(parent) = path.parent() {
                make_folder(&self.folder, parent)?;
                fs::rename(&incoming, &path)?;
                sync(parent)?;
            }
            Ok(())
        });
        if kept.is_err() {
            // The first error is the one to tell; what is left here is swept up later.
            let _ = fs::remove_file(&incoming);
        }
        kept
    }

    /// A file's bytes; `None` where there is no such file.
    pub(super) fn get(&self, key: &RenditionKey) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(key.path())) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a file. One that is not there is no error.
    ///
    /// Its folders stay, even empty: another process may be about to put something there.
    pub(super) fn delete(&self, key: &RenditionKey) -> io::Result<()> {
        match fs::remove_file(self.folder.join(key.path())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The images that have files which were kept before that time.
    pub(super) fn images_before(&self, before: SystemTime) -> io::Result<Vec<ImageId>> {
        let mut images = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let id: Option<ImageId> = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let is_old = entry.metadata().and_then(|it| it.modified()).is_ok_and(|it| it < before);
            images.extend(id.filter(|_| is_old));
        }
        Ok(images)
    }

    /// Removes all files of an image.
    pub(super) fn remove_all(&self, id: ImageId) -> io::Result<()> {
        match fs::remove_dir_all(self.folder.join(id.as_str())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sweep(&self, before: SystemTime) -> io::Result<()> {
        for entry in fs::read_dir(self.folder.join(INCOMING))? {
            let entry = entry?;
            // Another process may be faster, be it in finishing or in sweeping.
            if entry.metadata().and_then(|it| it.modified()).is_ok_and(|modified| modified < before) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a folder below `root` so that its name, too, survives a power cut.
fn make_folder(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    folder.ancestors().skip(1).take_while(|above| above.starts_with(root)).try_for_each(sync)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{ContentHash, RenditionFormat, RenditionName};

    struct Place(PathBuf);

    impl Place {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("cartwright-media-{}", uuid::Uuid::now_v7())))
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn key() -> RenditionKey {
        RenditionKey {
            image_id: ImageId::new(),
            hash: ContentHash::of(b"source"),
            name: RenditionName::Thumb,
            format: RenditionFormat::Webp,
        }
    }

    #[test]
    fn what_was_put_is_read_back_until_it_is_deleted() {
        let folder = Place::new();
        let storage = Folder::open(&folder.0).unwrap();
        let key = key();
        assert_eq!(storage.get(&key).unwrap(), None);
        storage.put(&key, b"first").unwrap();
        storage.put(&key, b"again").unwrap();
        assert_eq!(storage.get(&key).unwrap().as_deref(), Some(b"again".as_slice()));
        assert_eq!(Folder::open(&folder.0).unwrap().get(&key).unwrap().as_deref(), Some(b"again".as_slice()));
        storage.delete(&key).unwrap();
        storage.delete(&key).unwrap();
        assert_eq!(storage.get(&key).unwrap(), None);
    }

    #[test]
    fn nothing_half_written_is_left_behind() {
        let folder = Place::new();
        let storage = Folder::open(&folder.0).unwrap();
        let key = key();
        // A file where a folder must be: the disk refuses.
        fs::write(folder.0.join(key.image_id.as_str()), b"in the way").unwrap();
        assert!(storage.put(&key, b"bytes").is_err());
        assert_eq!(fs::read_dir(folder.0.join(INCOMING)).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_process_left_is_swept_up_a_day_later() {
        let folder = Place::new();
        let storage = Folder::open(&folder.0).unwrap();
        fs::write(folder.0.join(INCOMING).join("torn"), b"half").unwrap();
        storage.sweep(SystemTime::now() - ABANDONED_AFTER).unwrap();
        assert_eq!(fs::read_dir(folder.0.join(INCOMING)).unwrap().count(), 1);
        storage.sweep(SystemTime::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(fs::read_dir(folder.0.join(INCOMING)).unwrap().count(), 0);
    }
}
