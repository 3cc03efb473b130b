//! Where passwords are hashed: a few threads of their own, behind a short queue.
//!
//! A hash takes a quarter of a second of a core on purpose. On the threads that answer requests, a storm of log-ins
//! would stop the catalogue; here it slows log-ins alone, and who finds the queue full is soon turned away.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use crate::error::{Error, Result};

type Job = Box<dyn FnOnce() + Send>;

/// How long a caller waits for a place: about as long as a hash takes, in which a place becomes free. Turned away at
/// once, a few hundred callers who try again and again would keep the cores busy with refusals alone.
const PATIENCE: Duration = Duration::from_millis(250);

/// The queue. A clone is another door to the same one; the threads end when the last is gone.
#[derive(Clone)]
pub struct PasswordQueue {
    jobs: SyncSender<Job>,
    /// How many more may wait.
    room: Arc<Semaphore>,
}

/// A place in the queue. For who would do other work before the password's: in a storm of log-ins most are turned away,
/// and have to cost next to nothing.
pub struct Place {
    jobs: SyncSender<Job>,
    permit: OwnedSemaphorePermit,
}

impl PasswordQueue {
    /// Starts `threads` threads; `length` jobs may wait for them.
    pub fn start(threads: usize, length: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(length);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads.max(1) {
            let waiting = waiting.clone();
            thread::Builder::new().name(format!("password-{number}")).spawn(move || work_through(&waiting))?;
        }
        Ok(Self { jobs, room: Arc::new(Semaphore::new(length)) })
    }

    /// How many threads suit this machine: half of its cores, so that the catalogue always has the other half.
    pub fn default_threads() -> usize {
        thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
    }

    /// The next free place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where none becomes free for a quarter of a second.
    pub async fn place(&self) -> Result<Place> {
        let permit = timeout(PATIENCE, self.room.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(is_full()) };
        Ok(Place { jobs: self.jobs.clone(), permit })
    }

    /// What `job` returns.
    ///
    /// # Errors
    /// Those of [`PasswordQueue::place`] and of [`Place::run`].
    pub async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        self.place().await?.run(job).await
    }
}

impl Place {
    /// What `job` returns. It is not begun where its caller has gone before its turn.
    ///
    /// # Errors
    /// [`Error::Internal`] where it panics.
    pub async fn run<T: Send + 'static>(self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let Self { jobs, permit } = self;
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move || {
            drop(permit);
            if !answer.is_closed() {
                let _ = answer.send(job());
            }
        });
        jobs.try_send(job).map_err(|_| is_full())?;
        answered.await.map_err(|_| Error::Internal("hashing a password panicked".to_owned()))
    }
}

fn is_full() -> Error {
    Error::Unavailable("the password queue is full")
}

fn work_through(waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is let go before the job is done. It guards a receiver, which a panic elsewhere leaves whole.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // The panic hook has logged it; the caller learns of it by the answer that never comes.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        time::Duration,
    };

    use super::*;

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    /// Occupies the queue's one thread until the sender is dropped.
    async fn occupy(queue: &PasswordQueue) -> mpsc::Sender<()> {
        let (started, has_started) = oneshot::channel();
        let (hold, held) = mpsc::channel::<()>();
        let queue = queue.clone();
        tokio::spawn(async move {
            queue
                .run(move || {
                    let _ = started.send(());
                    let _ = held.recv();
                })
                .await
        });
        has_started.await.unwrap();
        hold
    }

    #[test]
    fn a_job_s_value_comes_back() {
        let queue = PasswordQueue::start(2, 4).unwrap();
        assert_eq!(block_on(queue.run(|| 6 * 7)).unwrap(), 42);
    }

    #[test]
    fn a_full_queue_turns_the_next_away_soon() {
        block_on(async {
            let queue = PasswordQueue::start(1, 2).unwrap();
            let hold = occupy(&queue).await;
            let waiting: Vec<_> = (0..2)
                .map(|number| {
                    let queue = queue.clone();
                    tokio::spawn(async move { queue.run(move || number).await })
                })
                .collect();
            tokio::task::yield_now().await;
            let refused = tokio::time::timeout(Duration::from_secs(1), queue.run(|| ())).await.unwrap();
            assert!(matches!(refused, Err(Error::Unavailable(_))));
            drop(hold);
            for (number, job) in waiting.into_iter().enumerate() {
                assert_eq!(job.await.unwrap().unwrap(), number);
            }
            queue.run(|| ()).await.unwrap();
        });
    }

    #[test]
    fn who_comes_to_a_full_queue_gets_the_place_that_becomes_free() {
        block_on(async {
            let queue = PasswordQueue::start(1, 1).unwrap();
            let hold = occupy(&queue).await;
            let place = queue.place().await.unwrap();
            let next = tokio::spawn({
                let queue = queue.clone();
                async move { queue.run(|| 6 * 7).await }
            });
            tokio::task::yield_now().await;
            drop(place);
            drop(hold);
            assert_eq!(next.await.unwrap().unwrap(), 42);
        });
    }

    #[test]
    fn a_job_whose_caller_has_gone_is_not_begun() {
        block_on(async {
            let queue = PasswordQueue::start(1, 8).unwrap();
            let hold = occupy(&queue).await;
            let begun = Arc::new(AtomicUsize::new(0));
            let gone = tokio::spawn({
                let (queue, begun) = (queue.clone(), begun.clone());
                async move { queue.run(move || begun.fetch_add(1, Ordering::SeqCst)).await }
            });
            tokio::task::yield_now().await;
            gone.abort();
            assert!(gone.await.unwrap_err().is_cancelled());
            drop(hold);
            queue.run(|| ()).await.unwrap();
            assert_eq!(begun.load(Ordering::SeqCst), 0);
        });
    }

    #[test]
    fn a_panic_costs_one_job_and_no_thread() {
        let queue = PasswordQueue::start(1, 4).unwrap();
        assert!(matches!(block_on(queue.run(|| panic!("on purpose"))), Err(Error::Internal(_))));
        assert_eq!(block_on(queue.run(|| 1)).unwrap(), 1);
    }
}
