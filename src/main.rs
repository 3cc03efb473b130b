//! The command line.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use cartwright::{
    app::App,
    config::{Config, KeySource, MailRoute, ServeSettings, Settings},
    data_dir::DataDirLock,
    demo::{self, Made},
    export::{self, ExportArguments},
    health::{self, HealthArguments},
    import::{self, ImportArguments},
    keys::{self, Keys},
    log_writer::LogWriter,
    pages,
    rotate_keys::{self, SealedAnew},
    seed::{self, SeedArguments},
    staff,
};
use chrono::TimeDelta;
use clap::{Parser, Subcommand};
use env_logger::{Target, WriteStyle};
use mimalloc::MiMalloc;

/// It gives back to the system what large work (an index built, an image drawn) no longer needs. That of the C library
/// keeps it, for each thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The whole back end of an online shop in one binary
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(ServeSettings),
    /// Take a catalogue in from a file
    Import(ImportArguments),
    /// Write the whole catalogue to a file; works beside a running server
    Export(ExportArguments),
    /// Add made-up products, to try the shop out at its size
    Seed(SeedArguments),
    /// Bring the database's schema up to date
    Migrate,
    /// Recompute every order, balance and stock level, and name what does not add up
    Verify,
    /// Ask a running server whether it is ready; exits with 0 if so
    Health(HealthArguments),
    /// Print the OpenAPI document as YAML
    Openapi,
    /// Look after the shop's staff
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Look after the key ring
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Put a new generation into use and seal anew what the former ones sealed; works beside running servers
    Rotate {
        /// Seconds in which every server that shares the folder has surely seen the new generation, before it is used
        #[arg(long, default_value_t = keys::HANDOVER.num_seconds(), value_name = "SECONDS",
              value_parser = clap::value_parser!(i64).range(2..=600))]
        handover: i64,
    },
    /// Seal anew what another than the newest generation sealed: after a rotation that was interrupted, or in which the
    /// secrets stand in the environment
    SealAnew,
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Let somebody into the staff and print their id; works beside a running server
    Create {
        /// The address that they log in by
        #[arg(long, value_name = "E-MAIL")]
        email: String,
        /// What they are there for: admin, catalogue_manager, order_manager or viewer
        #[arg(long)]
        role: String,
        /// Read the password from standard input; a line break at its end is not part of it
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

fn main() -> ExitCode {
    // A missing .env file is the usual case; what it sets never overrides the environment.
    let _ = dotenvy::dotenv();
    let cli = Cli::parse();
    let log = match start_log() {
        Ok(log) => log,
        Err(error) => {
            eprintln!("cartwright: the log cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = run(cli);
    log.finish();
    match result {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("cartwright: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn start_log() -> io::Result<LogWriter> {
    // What never became a request is told by the HTTP library as an error of ours; anybody can bring it about.
    let default = env_logger::Env::default().default_filter_or("info,actix_http::h1::dispatcher=off");
    let mut builder = env_logger::Builder::from_env(default);
    let writer = LogWriter::start(io::stderr())?;
    builder.write_style(WriteStyle::Never).target(Target::Pipe(Box::new(writer.clone()))).init();
    Ok(writer)
}

fn run(cli: Cli) -> Result<ExitCode, String> {
    match cli.command {
        Command::Serve(serve_settings) => serve(&cli.settings, &serve_settings),
        Command::Import(arguments) => import(&cli.settings, &arguments),
        Command::Export(arguments) => export(&cli.settings, &arguments),
        Command::Seed(arguments) => seed(&cli.settings, &arguments),
        Command::Migrate => {
            App::open(Config::new(&cli.settings, 8080)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify => verify(&cli.settings),
        Command::Health(arguments) => {
            health::check(&arguments)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => {
            print_out(&pages::document_as_yaml().map_err(|error| error.to_string())?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(StaffCommand::Create { email, role, password_stdin: _ }) => {
            create_staff(&cli.settings, &email, &role)
        }
        Command::Keys(command) => renew_keys(&cli.settings, &command),
    }
}

/// Exits with 0 where every row was taken, else with 2.
fn import(settings: &Settings, arguments: &ImportArguments) -> Result<ExitCode, String> {
    let app = App::open(Config::new(settings, 8080)?)?;
    let lock = DataDirLock::take(&app.shop.config.data_dir).map_err(|error| format!("the data folder: {error}"))?;
    if app.shop.config.demo && !arguments.dry_run {
        // Standard output is for the report.
        make_demo_shop(&app, &mut io::stderr())?;
    }
    let run = || import::run(&app.shop, &app.media, arguments, lock.is_none(), &mut std::io::stdout());
    let counts = match &lock {
        Some(lock) if !arguments.dry_run => app.index_meanwhile(lock, run)?,
        _ => run()?,
    };
    Ok(if counts.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// What was written is told on standard error, since the export itself may go to standard output.
fn export(settings: &Settings, arguments: &ExportArguments) -> Result<ExitCode, String> {
    let app = App::open(Config::new(settings, 8080)?)?;
    let counts = export::run(&app.shop, &app.media, arguments)?;
    eprintln!("{counts}");
    Ok(ExitCode::SUCCESS)
}

fn seed(settings: &Settings, arguments: &SeedArguments) -> Result<ExitCode, String> {
    let app = App::open(Config::new(settings, 8080)?)?;
    let lock = DataDirLock::take(&app.shop.config.data_dir).map_err(|error| format!("the data folder: {error}"))?;
    if app.shop.config.demo {
        make_demo_shop(&app, &mut io::stdout())?;
    }
    let run = || seed::run(&app.shop, arguments);
    match &lock {
        Some(lock) => app.index_meanwhile(lock, run)?,
        None => run()?,
    }
    println!("{} products added", arguments.products);
    Ok(ExitCode::SUCCESS)
}

fn create_staff(settings: &Settings, email: &str, role: &str) -> Result<ExitCode, String> {
    let text =
        std::io::read_to_string(std::io::stdin()).map_err(|error| format!("the password cannot be read: {error}"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let password = line.strip_suffix('\r').unwrap_or(line);
    let app = App::open(Config::new(settings, 8080)?)?;
    println!("{}", staff::create::create_by_hand(&app.shop, email, role, password)?);
    Ok(ExitCode::SUCCESS)
}

fn renew_keys(settings: &Settings, command: &KeysCommand) -> Result<ExitCode, String> {
    let app = App::open(Config::new(settings, 8080)?)?;
    if let KeysCommand::Rotate { handover } = command {
        let KeySource::Folder(folder) = &app.shop.config.keys else {
            return Err(
                "the key ring is in CARTWRIGHT_KEYS: put `,next:` and a new secret behind it on every server, \
                        then take `next:` away on every server, then run `cartwright keys seal-anew`"
                    .to_owned(),
            );
        };
        let from = app.shop.clock.now().plus(TimeDelta::seconds(*handover));
        let number = Keys::add_generation(folder, from).map_err(|error| error.to_string())?;
        println!("generation {number} is in the ring; it seals and signs from {from} on");
        rotate_keys::put_into_use(&app.shop, number)?;
    }
    let SealedAnew { persons, entries, unreadable } = rotate_keys::seal_anew(&app.shop)?;
    println!("{persons} keys of persons and {entries} entries of the audit log were sealed anew");
    match unreadable {
        0 => Ok(ExitCode::SUCCESS),
        unreadable => Err(format!("{unreadable} could not be opened; the log above names them")),
    }
}

fn verify(settings: &Settings) -> Result<ExitCode, String> {
    let app = App::open(Config::new(settings, 8080)?)?;
    let findings =
        actix_web::rt::System::new().block_on(cartwright::verify::verify(&app)).map_err(|error| error.to_string())?;
    for finding in &findings {
        println!("{finding}");
    }
    println!("{} findings", findings.len());
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(settings: &Settings, serve: &ServeSettings) -> Result<ExitCode, String> {
    #[cfg(feature = "faults")]
    let _scenario = fail::FailScenario::setup();
    let config = Config::new(settings, serve.port)?;
    let any = if config.demo { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
    let host = serve.host.unwrap_or(IpAddr::V4(any));
    let workers = serve.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let drain_delay = Duration::from_secs(serve.drain_delay);
    let mut app = App::open(config)?;
    if serve.rate_limit == "on" {
        app.limit_rates();
    }
    if app.shop.config.demo {
        make_demo_shop(&app, &mut io::stdout())?;
    } else if let MailRoute::Folder(folder) = &app.shop.config.mail.route {
        log::warn!("mails, and the tokens in them, go into {}: CARTWRIGHT_SMTP_URL is not set", folder.display());
    }
    actix_web::rt::System::new().block_on(async move {
        let address = SocketAddr::new(host, serve.port);
        let (server, address) =
            app.bind(address, workers).map_err(|error| format!("cannot serve on {address}: {error}"))?;
        app.start_background_work();
        log::info!("listening on http://{address}");
        let handle = server.handle();
        let stopping = app.clone();
        actix_web::rt::spawn(async move {
            told_to_stop().await;
            stopping.drain();
            actix_web::rt::time::sleep(drain_delay).await;
            handle.stop(true).await;
        });
        server.await.map_err(|error| error.to_string())?;
        app.save_searches().await;
        Ok::<_, String>(())
    })?;
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Makes the demo shop where the database is empty, and tells `out` its log-ins.
fn make_demo_shop(app: &App, out: &mut dyn Write) -> Result<(), String> {
    match demo::make(&app.shop, &app.media)? {
        Made::Now(accounts) => {
            for (who, account) in [("customer", &accounts.customer), ("admin", &accounts.admin)] {
                writeln!(out, "demo {who}: {} {}", account.email, account.password)
                    .map_err(|error| format!("the log-ins cannot be told: {error}"))?;
            }
        }
        Made::Before => log::info!("the demo shop is made already"),
        Made::NotEmpty => log::info!("no demo shop is made: the database is not empty"),
    }
    Ok(())
}

/// Waits for SIGTERM, or for Ctrl-C at a terminal.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without handlers the signals end the process by themselves.
        _ => std::future::pending().await,
    }
}

/// Prints a long text. Whoever reads it may stop before its end (`cartwright openapi | head`).
fn print_out(text: &str) -> Result<(), String> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(()),
    }
}
