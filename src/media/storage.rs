//! Where renditions are kept: in a folder, or in a bucket.

use std::{fmt, io, path::PathBuf, sync::Arc, time::SystemTime};

use tokio::task::spawn_blocking;

use super::{ContentHash, Rendered, RenditionFormat, RenditionName, bucket::Bucket, folder::Folder};
use crate::{
    db::columns::TextColumn,
    error::{Error, Result},
    ids::ImageId,
};

/// Names an image whose renditions are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageName {
    /// The image.
    pub id: ImageId,
    /// Its content.
    pub hash: ContentHash,
}

impl ImageName {
    /// The keys of all its renditions.
    pub fn keys(self) -> impl Iterator<Item = RenditionKey> {
        let Self { id: image_id, hash } = self;
        let in_format = move |name, format| RenditionKey { image_id, hash, name, format };
        RenditionName::ALL.into_iter().flat_map(move |name| RenditionFormat::ALL.map(|format| in_format(name, format)))
    }
}

/// Names a stored file: `{image}/{hash}/{rendition}.{extension}`. Every part is of a type that has no way to say `..`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RenditionKey {
    /// The image.
    pub image_id: ImageId,
    /// Its content.
    pub hash: ContentHash,
    /// The size.
    pub name: RenditionName,
    /// The format.
    pub format: RenditionFormat,
}

impl RenditionKey {
    /// The key behind the parts of an address, such as `thumb.webp` for `file`; `None` where there is none.
    pub fn parse(image_id: &str, hash: &str, file: &str) -> Option<Self> {
        let (name, format) = file.split_once('.')?;
        Some(Self {
            image_id: image_id.parse().ok()?,
            hash: hash.parse().ok()?,
            name: RenditionName::from_text(name.to_owned())?,
            format: RenditionFormat::from_text(format.to_owned())?,
        })
    }

    /// The key as a path.
    pub fn path(&self) -> String {
        let Self { image_id, hash, name, format } = self;
        format!("{image_id}/{hash}/{}.{}", name.as_str(), format.as_str())
    }
}

/// Where images are kept, as the settings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaPlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket that speaks S3's protocol; `prefix` stands before every key and is empty or ends with a slash.
    Bucket {
        /// The bucket.
        name: String,
        /// What all keys begin with.
        prefix: String,
    },
}

impl MediaPlace {
    /// Reads `s3://BUCKET`, `s3://BUCKET/PREFIX` or the path of a folder.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> std::result::Result<Self, &'static str> {
        let Some(place) = text.strip_prefix("s3://") else {
            return match text.split_once("://") {
                Some(_) => Err("a folder, or s3://BUCKET/PREFIX"),
                None => Ok(Self::Folder(text.into())),
            };
        };
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        let is_name = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'.';
        if !(3..=63).contains(&name.len()) || !name.bytes().all(is_name) {
            return Err("this is not the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens");
        }
        let prefix = prefix.trim_end_matches('/');
        let is_part = |it: &str| !it.is_empty() && !matches!(it, "." | "..");
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err("an empty part stands in the prefix, or one of dots");
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self::Bucket { name: name.to_owned(), prefix })
    }
}

impl fmt::Display for MediaPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

/// The kept files. Several processes may share them. Its functions wait for the disk or the bucket: they are not for the
/// threads that answer requests.
#[derive(Debug)]
pub struct MediaStorage(Backend);

#[derive(Debug)]
enum Backend {
    Folder(Folder),
    Bucket(Bucket),
}

impl MediaStorage {
    /// Opens the place. A folder is made where it is missing; whether a bucket can be reached shows with its first use.
    ///
    /// # Errors
    /// Where the folder cannot be made or read, or the environment does not say how the bucket is reached.
    pub fn open(place: &MediaPlace) -> io::Result<Self> {
        Ok(Self(match place {
            MediaPlace::Folder(folder) => Backend::Folder(Folder::open(folder)?),
            MediaPlace::Bucket { name, prefix } => Backend::Bucket(Bucket::open(name, prefix)?),
        }))
    }

    /// Does `work` on a thread that may wait; `what` is told to the log where it fails.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the disk or the bucket fails.
    pub async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        what: &str,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let storage = self.clone();
        let done = spawn_blocking(move || work(&storage)).await;
        let done = done.map_err(|error| Error::Internal(format!("{what}: {error}")))?;
        done.map_err(|error| unavailable(what, &error))
    }

    /// Keeps a file. It is there whole and survives a power cut once this returns; before, it is not there at all. To
    /// write what is there already does no harm.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn put(&self, key: &RenditionKey, bytes: &[u8]) -> io::Result<()> {
        match &self.0 {
            Backend::Folder(folder) => folder.put(key, bytes),
            Backend::Bucket(bucket) => bucket.put(key, bytes),
        }
    }

    /// Keeps all renditions of an image.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn keep(&self, id: ImageId, rendered: &Rendered) -> io::Result<()> {
        rendered.renditions.iter().try_for_each(|it| {
            let key = RenditionKey { image_id: id, hash: rendered.hash, name: it.name, format: it.format };
            self.put(&key, &it.bytes)
        })
    }

    /// Keeps the files of an image under another id too; `None` where not all of them are there.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn copy(&self, image: ImageName, to: ImageId) -> io::Result<Option<ImageName>> {
        for key in image.keys() {
            let Some(bytes) = self.get(&key)? else { return Ok(None) };
            self.put(&RenditionKey { image_id: to, ..key }, &bytes)?;
        }
        Ok(Some(ImageName { id: to, hash: image.hash }))
    }

    /// Removes the files of an image that no product has. One that stays behind takes some room and does no other harm.
    pub fn forget(&self, image: &ImageName) {
        for key in image.keys() {
            if let Err(error) = self.delete(&key) {
                log::warn!("{}: {error}", key.path());
            }
        }
    }

    /// A file's bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn get(&self, key: &RenditionKey) -> io::Result<Option<Vec<u8>>> {
        match &self.0 {
            Backend::Folder(folder) => folder.get(key),
            Backend::Bucket(bucket) => bucket.get(key),
        }
    }

    /// Removes a file. One that is not there is no error.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn delete(&self, key: &RenditionKey) -> io::Result<()> {
        match &self.0 {
            Backend::Folder(folder) => folder.delete(key),
            Backend::Bucket(bucket) => bucket.delete(key),
        }
    }

    /// The images that have files, all of which were kept before that time.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn images_before(&self, before: SystemTime) -> io::Result<Vec<ImageId>> {
        match &self.0 {
            Backend::Folder(folder) => folder.images_before(before),
            Backend::Bucket(bucket) => bucket.images_before(before),
        }
    }

    /// Removes all files of an image.
    ///
    /// # Errors
    /// Where the disk or the bucket fails.
    pub fn remove_all(&self, id: ImageId) -> io::Result<()> {
        match &self.0 {
            Backend::Folder(folder) => folder.remove_all(id),
            Backend::Bucket(bucket) => bucket.remove_all(id),
        }
    }
}

/// What a caller is told where the storage fails: a full disk and a bucket that is away are no faults of ours, and pass.
pub(super) fn unavailable(what: &str, error: &io::Error) -> Error {
    log::warn!("{what}: {error}");
    Error::Unavailable("the images' storage fails")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RenditionKey {
        RenditionKey {
            image_id: ImageId::new(),
            hash: ContentHash::of(b"source"),
            name: RenditionName::Thumb,
            format: RenditionFormat::Webp,
        }
    }

    #[test]
    fn a_place_is_a_folder_or_a_bucket_with_a_prefix() {
        let bucket = |name: &str, prefix: &str| MediaPlace::Bucket { name: name.to_owned(), prefix: prefix.to_owned() };
        for (text, place, shown) in [
            ("media", MediaPlace::Folder("media".into()), "media"),
            ("/srv/shop media", MediaPlace::Folder("/srv/shop media".into()), "/srv/shop media"),
            ("s3://shop-images", bucket("shop-images", ""), "s3://shop-images/"),
            ("s3://shop.images/", bucket("shop.images", ""), "s3://shop.images/"),
            ("s3://shop/eu/images/", bucket("shop", "eu/images/"), "s3://shop/eu/images/"),
        ] {
            let parsed = MediaPlace::parse(text).unwrap();
            assert_eq!((parsed.to_string().as_str(), parsed), (shown, place), "{text}");
        }
        for text in ["s3://", "s3://ab", "s3://Shop", "s3://a/b", "s3://shop/a//b", "s3://shop/../b", "gs://shop"] {
            assert!(MediaPlace::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_read_back_from_its_path_and_nothing_else_is_a_key() {
        let key = key();
        let path = key.path();
        let parts: Vec<&str> = path.split('/').collect();
        let [image_id, hash, file] = parts.as_slice() else { panic!("three parts") };
        assert_eq!(RenditionKey::parse(image_id, hash, file), Some(key));
        for (image_id, hash, file) in [
            ("..", *hash, *file),
            (*image_id, "..", *file),
            (*image_id, "../../../etc", *file),
            (*image_id, *hash, "../../shop.db"),
            (*image_id, *hash, "thumb"),
            (*image_id, *hash, "thumb.webp/"),
            (*image_id, *hash, "thumb.png"),
            (*image_id, *hash, "THUMB.webp"),
            (*image_id, *hash, "thumb.webp\0"),
            (*image_id, &hash.to_uppercase(), *file),
            (*image_id, &hash[1..], *file),
        ] {
            assert_eq!(RenditionKey::parse(image_id, hash, file), None, "{image_id}/{hash}/{file}");
        }
    }
}
