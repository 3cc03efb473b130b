//! The log's way to standard error. Lines are gathered in memory, and a thread of their own writes many of them at once:
//! who serves requests never waits for a terminal, a pipe or a disk.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Lines are gathered for so long.
const GATHER: Duration = Duration::from_millis(20);
/// Where nobody takes the lines, so many bytes of them wait. Further ones are lost, and counted.
const MOST_WAITING: usize = 4 << 20;
/// How long the end of the process waits for the last lines to be taken.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// Takes lines. A clone writes to the same place.
#[derive(Clone)]
pub struct LogWriter(Arc<Shared>);

#[derive(Default)]
struct Shared {
    lines: Mutex<Lines>,
    /// There are lines again, or all are written.
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    waiting: Vec<u8>,
    lost: u64,
    is_writing: bool,
}

impl LogWriter {
    /// Writes to `target` from now on.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(target: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let writing = shared.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || writing.write_to(target))?;
        Ok(Self(shared))
    }

    /// Waits until what has been logged is written; for two seconds at most.
    pub fn finish(&self) {
        let is_busy = |lines: &mut Lines| lines.is_writing || !lines.waiting.is_empty();
        // Whether it was in time changes nothing for who is about to end.
        let _ = self.0.changed.wait_timeout_while(self.0.lines(), LAST_PATIENCE, is_busy);
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lines();
        if lines.waiting.len() + line.len() > MOST_WAITING {
            lines.lost += 1;
        } else {
            let is_first = lines.waiting.is_empty() && !lines.is_writing;
            lines.waiting.extend_from_slice(line);
            if is_first {
                self.0.changed.notify_all();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn write_to(&self, mut target: impl Write) {
        let mut taken = Vec::new();
        loop {
            let has_none = |lines: &mut Lines| lines.waiting.is_empty();
            let waiting = self.changed.wait_while(self.lines(), has_none);
            waiting.unwrap_or_else(PoisonError::into_inner).is_writing = true;
            thread::sleep(GATHER);
            let lost = {
                let mut lines = self.lines();
                std::mem::swap(&mut lines.waiting, &mut taken);
                std::mem::take(&mut lines.lost)
            };
            // Where nobody reads the log there is nobody to tell.
            let _ = target.write_all(&taken);
            if lost > 0 {
                let _ = writeln!(target, "{lost} lines of the log were lost: they came faster than they were taken");
            }
            let _ = target.flush();
            taken.clear();
            self.lines().is_writing = false;
            self.changed.notify_all();
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // A panic between two statements leaves the lines whole.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Keeps what it is given, once it may.
    struct Target {
        written: Arc<Mutex<Vec<u8>>>,
        may: mpsc::Receiver<()>,
    }

    impl Write for Target {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.may.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn start() -> (LogWriter, Arc<Mutex<Vec<u8>>>, mpsc::Sender<()>) {
        let written = Arc::new(Mutex::new(Vec::new()));
        let (allow, may) = mpsc::channel();
        (LogWriter::start(Target { written: written.clone(), may }).unwrap(), written, allow)
    }

    #[test]
    fn lines_of_all_threads_are_written_whole_and_in_their_order() {
        let (log, written, allow) = start();
        drop(allow);
        thread::scope(|scope| {
            for name in ["a", "b"] {
                let mut log = log.clone();
                // As the logger does, each line in one piece.
                let line = move |number: u32| format!("{name} {number}\n").into_bytes();
                scope.spawn(move || (0..1_000).for_each(|number| log.write_all(&line(number)).unwrap()));
            }
        });
        log.finish();
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        for name in ["a", "b"] {
            let own: Vec<&str> = text.lines().filter(|it| it.starts_with(name)).collect();
            let expected: Vec<String> = (0..1_000).map(|number| format!("{name} {number}")).collect();
            assert_eq!(own, expected);
        }
    }

    #[test]
    fn nobody_waits_for_a_log_that_is_not_read_and_what_is_lost_is_counted() {
        let (mut log, written, allow) = start();
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            log.write_all(&line).unwrap();
        }
        drop(allow);
        log.finish();
        log.write_all(b"again\n").unwrap();
        log.finish();
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert!(text.len() < 10 << 20, "{}", text.len());
        assert!(text.contains("lines of the log were lost"));
        assert!(text.ends_with("again\n"));
    }
}
