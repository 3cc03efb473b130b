//! Where uploads are drawn: one at a time, on one thread of their own, behind a short queue.
//!
//! The largest photograph takes some hundred megabytes while it is drawn. An allocator gives each thread memory of its
//! own and keeps for that thread what has been freed: drawn now here and now there, a few photographs would leave that
//! much behind in many places. What is refused for its outside waits for nobody: a look at the file comes before the
//! queue.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tokio::{
    sync::{Semaphore, TryAcquireError, oneshot},
    task::spawn_blocking,
};

use super::{ImageName, ImageRefused, MediaStorage, Rendered, inspect::inspect, render, storage::unavailable};
use crate::{
    error::{Code, Error, Result, Violation},
    ids::ImageId,
};

/// How many uploads may be drawn or wait for it, each with its file in memory.
const LENGTH: usize = 9;

type Job = Box<dyn FnOnce() + Send>;

/// The queue. A clone is another door to the same one; the thread ends when the last is gone.
#[derive(Debug, Clone)]
pub struct RenderQueue {
    storage: Arc<MediaStorage>,
    room: Arc<Semaphore>,
    jobs: SyncSender<Job>,
}

impl RenderQueue {
    /// Starts the thread; its images are kept in `storage`.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(storage: Arc<MediaStorage>) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(LENGTH);
        thread::Builder::new().name("draw".to_owned()).spawn(move || work_through(&waiting))?;
        Ok(Self { storage, room: Arc::new(Semaphore::new(LENGTH)), jobs })
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
        let look = spawn_blocking(move || {
            let looked = inspect(bytes.as_ref()).map(drop);
            (bytes, looked)
        });
        let (bytes, looked) = look.await.map_err(|error| Error::Internal(format!("looking at an image: {error}")))?;
        looked.map_err(|reason| refusal(reason, at))?;
        let room = self.room.clone().try_acquire_owned().map_err(is_full)?;
        let (storage, (answer, answered)) = (self.storage.clone(), oneshot::channel());
        let job: Job = Box::new(move || {
            let _room = room;
            // Nothing is drawn for who has gone meanwhile.
            if !answer.is_closed() {
                let drawn = render(bytes.as_ref());
                drop(bytes);
                let _ = answer.send(drawn.map(|rendered| storage.keep(id, &rendered).map(|()| rendered)));
            }
        });
        self.jobs.try_send(job).map_err(|_| Error::Unavailable("no image is drawn any more"))?;
        let drawn = answered.await.map_err(|_| Error::Internal("drawing an image panicked".to_owned()))?;
        let kept = drawn.map_err(|reason| refusal(reason, at))?;
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

fn work_through(waiting: &Receiver<Job>) {
    for job in waiting {
        // The panic hook has logged it; the caller learns of it by the answer that never comes.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
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
        ImageRefused::Stowaway => "stowaway",
        // An upload is drawn anew, and need not be a rendition.
        ImageRefused::Damaged | ImageRefused::NotARendition => "damaged",
    };
    Violation::at(at, Code::ImageRefused, reason.to_string()).param("reason", code).into()
}
