//! The real program, serving in a process of its own.

#[cfg(feature = "faults")]
use std::os::unix::process::ExitStatusExt;
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::{Client, Folder, premises::Premises};

/// A process may take this long to be ready, or to be gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server in a process of its own; killed when this goes.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    base: String,
    /// The data folder, where it is not that of the premises.
    _folder: Option<Folder>,
}

impl Premises {
    /// Serves in the premises' own data folder.
    pub(crate) fn serve(&self) -> Process {
        Process::start(self.program(self.folder.path()), None)
    }

    /// Serves in the premises' own data folder with further settings, and logs all that it has to say.
    pub(crate) fn serve_talkative(&self, settings: &[&str]) -> Process {
        let mut program = self.program(self.folder.path());
        program.args(settings).env("RUST_LOG", "debug");
        Process::start(program, None)
    }

    /// Serves until a request comes by `fail_point`, where the process dies.
    #[cfg(feature = "faults")]
    pub(crate) fn serve_until(&self, fail_point: &str) -> Process {
        self.serve_with(&format!("{fail_point}=return"))
    }

    /// Serves with these fail points, as the crate `fail` reads them.
    #[cfg(feature = "faults")]
    pub(crate) fn serve_with(&self, fail_points: &str) -> Process {
        let mut program = self.program(self.folder.path());
        program.env("FAILPOINTS", fail_points);
        Process::start(program, None)
    }

    /// Serves beside others, with further settings, until it comes by `fail_point`, where the process dies: that may be
    /// before it listens.
    #[cfg(feature = "faults")]
    pub(super) fn serve_beside_until(&self, fail_point: &str, settings: &[&str]) -> Process {
        let folder = Folder::create();
        let mut program = self.program(folder.path());
        program.args(settings).env("FAILPOINTS", format!("{fail_point}=return"));
        Process::spawn(program, Some(folder)).0
    }

    /// Serves beside others, from a data folder of its own.
    pub(crate) fn serve_beside(&self) -> Process {
        let folder = Folder::create();
        Process::start(self.program(folder.path()), Some(folder))
    }
}

impl Process {
    fn start(program: Command, folder: Option<Folder>) -> Self {
        let (mut process, address) = Self::spawn(program, folder);
        process.base = address.recv_timeout(PATIENCE).expect("a server that listens");
        within(PATIENCE, || process.client().get("/health/ready").status == 204, "the server is not ready");
        process
    }

    /// A server that has just been called, and who tells where it listens.
    fn spawn(mut program: Command, folder: Option<Folder>) -> (Self, mpsc::Receiver<String>) {
        program.args(["serve", "--host", "127.0.0.1", "--port", "0", "--workers", "2", "--rate-limit", "off"]);
        let mut child = program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, log) = (child.stderr.take().expect("a log"), Arc::<Mutex<String>>::default());
        let (sender, receiver) = mpsc::channel();
        let kept = log.clone();
        thread::spawn(move || repeat_log(lines, &sender, &kept));
        (Self { child, log, base: String::new(), _folder: folder }, receiver)
    }

    /// Its address, as a URL begins.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// A caller without any header of their own.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.base.clone())
    }

    /// SIGKILL: nothing is finished, nothing is closed.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for a process that dies by itself; says by which signal.
    #[cfg(feature = "faults")]
    pub(crate) fn signal_of_death(mut self) -> Option<i32> {
        let mut status = None;
        let mut is_gone = || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        };
        within(PATIENCE, &mut is_gone, "the process lives on");
        status.and_then(|it| it.signal())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already, which is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `holds`, and says how long that took.
#[track_caller]
pub(crate) fn within(limit: Duration, mut holds: impl FnMut() -> bool, otherwise: &str) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "{otherwise} after {limit:?}");
        thread::sleep(Duration::from_millis(50));
    }
    began.elapsed()
}

/// Repeats a server's log as this test's own, and tells the address that it names.
fn repeat_log(log: ChildStderr, address: &mpsc::Sender<String>, kept: &Mutex<String>) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        if let Some((_, base)) = line.split_once("listening on ") {
            // Nobody waits for it where the test has failed meanwhile.
            let _ = address.send(base.to_owned());
        }
        eprintln!("{line}");
        *kept.lock().unwrap() += &(line + "\n");
    }
}
