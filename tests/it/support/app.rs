//! The real application on a real socket, with a database and a folder of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Barrier, mpsc},
    thread::{self, JoinHandle},
    time::SystemTime,
};

use actix_web::dev::ServerHandle;
use cartwright::{
    app::App,
    auth::password::Cost,
    catalog::orphaned_images,
    checkout::sweep::sweep,
    config::{Config, Settings},
    db::Conn,
    demo::{self, Made},
    media::MediaPlace,
    orders::count_sales,
    payments::sandbox::{JournalEntry, Sandbox},
    shop::Shop,
    verify::{Finding, verify},
};
use clap::Parser;

#[cfg(feature = "faults")]
use super::post::MailServer;
use super::{
    actors::Guest,
    client::{Answer, Client},
    database::Backend,
    premises::Premises,
    process::Process,
    statements,
};

/// The address under which the shop believes it is reached: the same in every test, so that bodies can be compared.
pub(crate) const PUBLIC_URL: &str = "https://shop.example";
/// A front-end that may call from a browser.
pub(crate) const FRONT_END: &str = "https://front.example";

/// A running application.
pub(crate) struct TestApp {
    /// Its parts, for tests that look behind the API or move the clock.
    pub(crate) shop: Shop,
    app: App,
    address: SocketAddr,
    // The servers are stopped first, then their database and their folders go.
    replicas: Vec<Process>,
    _server: RunningServer,
    pub(super) premises: Premises,
}

/// The settings, read as the command line reads them; a test's own come behind those of its premises, and win.
#[derive(Parser)]
#[command(args_override_self = true)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
}

impl TestApp {
    /// Runs a scenario against an application of its own. Afterwards the books add up, and no secret stands in clear.
    pub(crate) fn run(backend: Backend, scenario: fn(&Self)) {
        let app = Self::start(backend);
        scenario(&app);
        assert_eq!(app.findings(), [], "the books do not add up");
        app.expect_true_answers();
        app.expect_secrecy();
    }

    /// Fails where an answer that is kept is another one than if it were made now.
    #[track_caller]
    fn expect_true_answers(&self) {
        // What a search finds may change at any moment, as the index follows.
        for path in self.app.answers.addresses().iter().filter(|it| !it.contains("/search")) {
            // With an empty parameter it is another address, under which nothing is kept.
            let fresh = format!("{path}{}", if path.contains('?') { "&" } else { "?" });
            let of = |path: &str| self.client().get(path);
            assert_eq!(of(path).text(), of(&fresh).text(), "{path}");
        }
    }

    /// Runs a scenario whose callers come in by two processes that serve the same shop.
    pub(crate) fn run_with_replicas(scenario: fn(&Self)) {
        let mut app = Self::start(Backend::Postgres);
        app.replicas = vec![app.premises.serve_beside(), app.premises.serve_beside()];
        scenario(&app);
        app.premises.expect_books_in_order();
    }

    /// An empty shop in production's settings.
    pub(crate) fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[])
    }

    /// Runs a scenario against an application that limits how often one may ask, and believes a proxy on loopback.
    pub(crate) fn run_limited(backend: Backend, scenario: fn(&Self)) {
        let premises = Premises::create(backend);
        let mut app = App::open(config(&premises, &["--trusted-proxies", "127.0.0.1,10.0.0.0/8"])).unwrap();
        app.limit_rates();
        let app = Self::serve(premises, app);
        scenario(&app);
        assert_eq!(app.findings(), [], "the books do not add up");
    }

    /// An empty shop with further arguments, as `cartwright serve` takes them.
    pub(crate) fn start_with(backend: Backend, arguments: &[&str]) -> Self {
        statements::count_from_now_on();
        let premises = Premises::create(backend);
        let app = App::open(config(&premises, arguments)).unwrap();
        Self::serve(premises, app)
    }

    fn serve(premises: Premises, app: App) -> Self {
        if std::env::var_os("RUST_LOG").is_some() {
            // Another test may have done so before.
            let _ = env_logger::try_init();
        }
        let shop = app.shop.clone();
        let (server, address) = RunningServer::start(app.clone());
        Self { shop, app, address, replicas: Vec::new(), _server: server, premises }
    }

    /// Closes the shop, and leaves its premises as they are.
    pub(crate) fn close(self) -> Premises {
        self.premises
    }

    /// Has another process deliver what is due, and die at `fail_point`.
    #[cfg(feature = "faults")]
    pub(crate) fn dies_delivering(&self, server: &MailServer, fail_point: &str) {
        let url = format!("smtp://{}", server.address);
        let process =
            self.premises.serve_beside_until(fail_point, &["--smtp-url", &url, "--mail-from", "shop@shop.example"]);
        assert_eq!(process.signal_of_death(), Some(6), "SIGABRT");
    }

    /// How many files and tables hold what the shop has written, and which of them hold a text.
    pub(crate) fn search(&self, text: &str) -> (usize, Vec<String>) {
        let contents = self.premises.contents();
        let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        let found = contents.iter().filter(|(_, bytes)| holds(bytes));
        (contents.len(), found.map(|(place, _)| place.clone()).collect())
    }

    /// The folder of the images.
    pub(crate) fn media_folder(&self) -> &Path {
        match &self.shop.config.media {
            MediaPlace::Folder(folder) => folder,
            MediaPlace::Bucket { name, .. } => panic!("the images are in the bucket {name}"),
        }
    }

    /// Removes the files of images that no product has, where they are older than `before`; of how many images.
    pub(crate) fn sweep_images(&self, before: SystemTime) -> usize {
        let (shop, media) = (self.shop.clone(), self.app.media.clone());
        actix_web::rt::System::new()
            .block_on(async move { orphaned_images::sweep(&shop, &media, before).await.unwrap() })
    }

    /// Writes down what was searched for, as a server does every few seconds.
    pub(crate) fn save_searches(&self) {
        let app = self.app.clone();
        actix_web::rt::System::new().block_on(async move { app.save_searches().await });
    }

    /// Counts what was sold, and shows what is due of it, as a server does every few seconds.
    pub(crate) fn count_sales(&self) {
        let shop = self.shop.clone();
        actix_web::rt::System::new().block_on(async move { count_sales::catch_up(&shop).await.unwrap() });
    }

    /// What does not add up in the books.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let app = self.app.clone();
        actix_web::rt::System::new().block_on(async move { verify(&app).await.unwrap() })
    }

    /// Puts the demo shop into the database, if that is empty.
    pub(crate) fn make_demo_shop(&self) -> Made {
        demo::make(&self.shop, &self.app.media).unwrap()
    }

    /// Lets the sweeper look once at what was left behind.
    pub(crate) fn sweep(&self) {
        let App { shop, providers, .. } = self.app.clone();
        actix_web::rt::System::new().block_on(async move { sweep(&shop, &providers).await.unwrap() });
    }

    pub(super) fn sandbox(&self) -> Option<&Sandbox> {
        self.app.sandbox.as_ref()
    }

    /// What the sandbox provider has done.
    pub(crate) fn journal(&self) -> Vec<JournalEntry> {
        self.sandbox().expect("the sandbox is on").journal().unwrap()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the one with this number comes in, of many who come at once: they spread over all processes.
    pub(crate) fn door(&self, number: usize) -> String {
        match self.replicas.as_slice() {
            [] => format!("http://{}", self.address),
            replicas => replicas[number % replicas.len()].base().to_owned(),
        }
    }

    /// A caller without any header of their own.
    pub(crate) fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address))
    }

    /// Somebody who has just come in.
    pub(crate) fn guest(&self) -> Guest {
        Guest::new(self.client())
    }

    /// Runs `work` in a transaction, behind the API's back.
    pub(crate) fn database<T>(&self, work: impl FnMut(&mut Conn) -> cartwright::error::Result<T>) -> T {
        self.shop.db.write_blocking(work).unwrap()
    }

    /// Sends `count` requests that are released together; the answers stand in the order of their numbers.
    pub(crate) fn at_once(&self, count: usize, send: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
        let barrier = Barrier::new(count);
        thread::scope(|scope| {
            let started = |number| {
                let (send, barrier) = (&send, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    send(number)
                })
            };
            let threads: Vec<_> = (0..count).map(started).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        })
    }
}

fn config(premises: &Premises, arguments: &[&str]) -> Config {
    let own = premises.settings(premises.folder.path());
    let line = ["cartwright"].into_iter().chain(own.iter().map(String::as_str)).chain(arguments.iter().copied());
    let config = Config::new(&CommandLine::parse_from(line).settings, 0).unwrap();
    // Tests log in often: only where it matters does a hash take its time.
    if arguments.contains(&"--bcrypt-cost") { config } else { Config { bcrypt_cost: Cost::LEAST, ..config } }
}

/// A server with one worker, in a thread with a system of its own; stopped when this goes.
struct RunningServer {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl RunningServer {
    fn start(app: App) -> (Self, SocketAddr) {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, address) = app.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).unwrap();
                sender.send((server.handle(), address)).unwrap();
                server.await.unwrap();
            });
        });
        let (handle, address) = receiver.recv().expect("the server starts");
        (Self { handle, thread: Some(thread) }, address)
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // The command is sent at once; the future only waits for it to be carried out, as joining the thread does.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the server panicked");
        }
    }
}
