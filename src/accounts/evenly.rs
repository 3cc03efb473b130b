//! Answers that take as long whatever they find.

use std::{future::Future, time::Duration};

/// More than the work takes on a server that is not overrun.
const AT_LEAST: Duration = Duration::from_millis(50);

/// What comes of `work`, not before a moment in which it would have been done for any address: whether one is somebody's
/// takes some statements more or less.
pub(super) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let (result, ()) = tokio::join!(work, tokio::time::sleep(AT_LEAST));
    result
}
