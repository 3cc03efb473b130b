//! Changes that searches wait for.

use std::time::Duration;

use tokio::sync::watch;

/// How many changes are being made that nobody waits for but searches.
pub(super) struct Awaited(watch::Sender<usize>);

/// One of them, until this is dropped.
pub(super) struct Change<'a>(&'a Awaited);

impl Awaited {
    /// There are none yet.
    pub(super) fn none() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Begins a change.
    pub(super) fn begin(&self) -> Change<'_> {
        self.0.send_modify(|changes| *changes += 1);
        Change(self)
    }

    /// Waits until there is none, so long at most.
    pub(super) async fn over(&self, patience: Duration) {
        if *self.0.borrow() > 0 {
            let mut changes = self.0.subscribe();
            let _ = tokio::time::timeout(patience, changes.wait_for(|&changes| changes == 0)).await;
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|changes| *changes -= 1);
    }
}
