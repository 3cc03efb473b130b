//! Rows of a file, a batch at a time: one thread reads, the other writes.

use std::{mem, sync::mpsc, thread, time::Duration};

/// The most rows of a batch.
const ROWS: usize = 300;
/// A batch with so many bytes of the file gets no further row.
const BYTES: u64 = 8 * 1024 * 1024;

/// Has `read` hand over the rows of a file, each with its bytes, and `take` take them in, each batch in a transaction of
/// its own, with `courtesy` between two of them. What `read` is told is whether to go on.
///
/// # Errors
/// The first of either; of `take`, it ends the reading.
pub(super) fn in_batches<T: Send>(
    courtesy: Duration,
    read: impl FnOnce(&mut dyn FnMut(T, u64) -> bool) -> Result<(), String> + Send,
    mut take: impl FnMut(Vec<T>) -> Result<(), String>,
) -> Result<(), String> {
    thread::scope(|scope| {
        // A batch that waits, one that is read and one that is written: that is all of the file in memory.
        let (sender, batches) = mpsc::sync_channel(1);
        let reader = scope.spawn(move || {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            let read = read(&mut |row, size| {
                batch.push(row);
                bytes += size;
                if batch.len() < ROWS && bytes < BYTES {
                    return true;
                }
                bytes = 0;
                // Nobody receives any more once writing has failed.
                sender.send(mem::take(&mut batch)).is_ok()
            });
            let _ = sender.send(batch);
            read
        });
        for (number, batch) in batches.into_iter().enumerate() {
            if number > 0 {
                thread::sleep(courtesy);
            }
            take(batch)?;
        }
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(sizes: &[u64]) -> Vec<usize> {
        let mut found = Vec::new();
        let read = |take: &mut dyn FnMut(u64, u64) -> bool| {
            assert!(sizes.iter().all(|size| take(*size, *size)));
            Ok(())
        };
        let take = |batch: Vec<u64>| {
            found.push(batch.len());
            Ok(())
        };
        in_batches(Duration::ZERO, read, take).unwrap();
        found
    }

    #[test]
    fn a_batch_has_neither_too_many_rows_nor_too_many_bytes() {
        assert_eq!(batches(&[1; ROWS + 1]), [ROWS, 1]);
        assert_eq!(batches(&[BYTES / 2, BYTES / 2 - 1, 1, BYTES, 1]), [3, 1, 1]);
    }

    #[test]
    fn a_failure_to_write_ends_the_reading() {
        let read = |take: &mut dyn FnMut(u64, u64) -> bool| {
            while take(1, BYTES) {}
            Ok(())
        };
        assert_eq!(in_batches(Duration::ZERO, read, |_| Err("full".to_owned())), Err("full".to_owned()));
    }
}
