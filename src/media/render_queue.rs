//! Where uploads are drawn: one at a time, off the threads that answer requests, behind a short queue.
//!
//! The largest photograph takes some hundred megabytes while it is drawn. What is refused waits for nobody: a look at
//! the file comes before the queue.

use std::{io, sync::Arc};

use tokio::{
    sync::{Semaphore, TryAcquireError},
    task::spawn_blocking,
};

use super::{ImageName, ImageRefused, MediaStorage, Rendered, inspect::inspect, render, storage::unavailable};
use crate::{
    error::{Code, Error, Result, Violation},
    ids::ImageId,
};

/// How many uploads may wait, each with its file in memory.
const LENGTH: usize = 8;

/// The queue. A clone is another door to the same one.
#[derive(Debug, Clone)]
pub struct RenderQueue {
    storage: Arc<MediaStorage>,
    room: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl RenderQueue {
    /// A queue for images to be kept in `storage`.
    pub fn new(storage: Arc<MediaStorage>) -> Self {
        Self { storage, room: Arc::new(Semaphore::new(LENGTH)), turn: Arc::new(Semaphore::new(1)) }
    }

    /// Draws an image that the request sends at `at`, such as `#/file`, and keeps its renditions under `id`.
    ///
    /// # Errors
    /// 415 where it is no image of a kind that is taken, 422 `image_refused`; [`Error::Unavailable`] where too many
    /// wait or the storage fails.
    pub async fn draw_and_keep(
        &self,
        id: ImageId,
        bytes: impl AsRef<[u8]> + Send + 'static,
        at: &str,
    ) -> Result<Rendered> {
        let (bytes, looked) = apart(move || {
            let looked = inspect(bytes.as_ref()).map(drop);
            (bytes, looked)
        })
        .await?;
        looked.map_err(|reason| refusal(reason, at))?;
        let _room = self.room.clone().try_acquire_owned().map_err(is_full)?;
        let turn =
            self.turn.clone().acquire_owned().await.map_err(|_| Error::Unavailable("no image is drawn any more"))?;
        let storage = self.storage.clone();
        // The turn ends with the work, even where the caller has gone.
        let drawn = apart(move || {
            let _turn = turn;
            render(bytes.as_ref()).map(|rendered| storage.keep(id, &rendered).map(|()| rendered))
        });
        let kept = drawn.await?.map_err(|reason| refusal(reason, at))?;
        kept.map_err(|error| unavailable(&format!("keeping the renditions of {id}"), &error))
    }

    /// Keeps the files of images a second time, each under an id of its own, so that a copy outlives its original. Tells
    /// the original's id with each copy; an image whose files are not there is left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the disk or the bucket fails.
    pub async fn copy(&self, images: Vec<ImageName>) -> Result<Vec<(ImageId, ImageName)>> {
        let copied = self.storage.apart("copying images", move |storage| {
            let copy = |it: ImageName| Ok(storage.copy(it, ImageId::new())?.map(|copy| (it.id, copy)));
            images.into_iter().map(copy).collect::<io::Result<Vec<_>>>()
        });
        let copied = copied.await?;
        Ok(copied.into_iter().flatten().collect())
    }

    /// Removes the files of images that no product has.
    pub async fn forget(&self, images: Vec<ImageName>) {
        let forgotten = self.storage.apart("removing files of images", move |storage| {
            images.iter().for_each(|it| storage.forget(it));
            Ok(())
        });
        if let Err(error) = forgotten.await {
            log::error!("{error}");
        }
    }
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|error| Error::Internal(format!("drawing an image: {error}")))
}

fn is_full(_: TryAcquireError) -> Error {
    Error::Unavailable("too many images wait to be drawn")
}

/// What the caller is told.
fn refusal(reason: ImageRefused, at: &str) -> Error {
    let code = match reason {
        ImageRefused::UnsupportedType => return Error::problem(Code::UnsupportedMediaType, reason.to_string()),
        ImageRefused::TooManyPixels => "too_many_pixels",
        ImageRefused::Animated => "animated",
        ImageRefused::TrailingData => "trailing_data",
        // An upload is drawn anew, and need not be a rendition.
        ImageRefused::Damaged | ImageRefused::NotARendition => "damaged",
    };
    Violation::at(at, Code::ImageRefused, reason.to_string()).param("reason", code).into()
}
