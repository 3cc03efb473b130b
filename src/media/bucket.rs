//! Images in a bucket: Amazon's S3, or whatever else speaks its protocol.

use std::{collections::HashMap, future::Future, io, time::Duration};
use std::{sync::Arc, time::SystemTime};

use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::AmazonS3Builder,
    path::{Path, PathPart},
};
use tokio::runtime::{Builder, Runtime};

use super::RenditionKey;
use crate::ids::ImageId;

/// How long the bucket may take over one answer, and over all tries together.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// The bucket. The requests to it run on a thread of their own, for which the callers wait.
#[derive(Debug)]
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Always there, until this is dropped.
    runtime: Option<Runtime>,
}

impl Bucket {
    /// Who we are there, and where it is, stands in the variables that Amazon's own tools read (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, …), or the machine says it.
    pub(super) fn open(name: &str, prefix: &str) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("bucket").enable_all().build()?;
        let options = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(CONNECT_PATIENCE);
        // A store on the same machine or in the same rack often speaks plain HTTP; its address says so.
        let options = options.with_allow_http(true);
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(name)
            .with_client_options(options)
            .with_retry(retry)
            .build()
            .map_err(io::Error::other)?;
        let prefix = Path::parse(prefix).map_err(io::Error::other)?;
        Ok(Self { store: Arc::new(store), prefix, runtime: Some(runtime) })
    }

    pub(super) fn put(&self, key: &RenditionKey, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.to_vec();
        self.wait(async { self.store.put(&self.place(key), bytes.into()).await.map(drop) })
    }

    pub(super) fn get(&self, key: &RenditionKey) -> io::Result<Option<Vec<u8>>> {
        self.wait(async {
            match self.store.get(&self.place(key)).await {
                Ok(found) => found.bytes().await.map(|bytes| Some(bytes.to_vec())),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    pub(super) fn delete(&self, key: &RenditionKey) -> io::Result<()> {
        self.wait(self.remove(&self.place(key)))
    }

    pub(super) fn images_before(&self, before: SystemTime) -> io::Result<Vec<ImageId>> {
        let listed = self.wait(self.store.list(Some(&self.prefix)).try_collect::<Vec<_>>())?;
        let mut are_old: HashMap<ImageId, bool> = HashMap::new();
        for ObjectMeta { location, last_modified, .. } in listed {
            let Some(id) = self.image_of(&location) else { continue };
            *are_old.entry(id).or_insert(true) &= SystemTime::from(last_modified) < before;
        }
        Ok(are_old.into_iter().filter_map(|(id, is_old)| is_old.then_some(id)).collect())
    }

    pub(super) fn remove_all(&self, id: ImageId) -> io::Result<()> {
        let folder = self.prefix.clone().join(id.as_str());
        self.wait(async {
            let mut listed = self.store.list(Some(&folder));
            while let Some(found) = listed.next().await {
                self.remove(&found?.location).await?;
            }
            Ok(())
        })
    }

    async fn remove(&self, place: &Path) -> object_store::Result<()> {
        match self.store.delete(place).await {
            Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => Err(error),
            _ => Ok(()),
        }
    }

    fn place(&self, key: &RenditionKey) -> Path {
        key.path().split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// The image that a file belongs to, by the first part of its name behind the prefix.
    fn image_of(&self, place: &Path) -> Option<ImageId> {
        let part: PathPart<'_> = place.prefix_match(&self.prefix)?.next()?;
        part.as_ref().parse().ok()
    }

    fn wait<T>(&self, work: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work).map_err(io::Error::other),
            None => Err(io::Error::other("the bucket is closed")),
        }
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // The last clone may go on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
