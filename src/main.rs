//! The command line.

use std::{
    io::IsTerminal,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use cartwright::{
    app::App,
    config::{Config, ServeSettings, Settings},
    pages,
};
use clap::{Parser, Subcommand};

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
    /// Bring the database's schema up to date
    Migrate,
    /// Print the OpenAPI document as YAML
    Openapi,
}

fn main() -> ExitCode {
    // A missing .env file is the usual case; what it sets never overrides the environment.
    let _ = dotenvy::dotenv();
    let cli = Cli::parse();
    start_log();
    match run(cli) {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("cartwright: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn start_log() {
    let mut builder = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"));
    if !std::io::stderr().is_terminal() {
        builder.write_style(env_logger::WriteStyle::Never);
    }
    builder.init();
}

fn run(cli: Cli) -> Result<ExitCode, String> {
    match cli.command {
        Command::Serve(serve_settings) => serve(&cli.settings, &serve_settings),
        Command::Migrate => {
            App::open(Config::new(&cli.settings, 8080)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => {
            print!("{}", pages::document_as_yaml().map_err(|error| error.to_string())?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn serve(settings: &Settings, serve: &ServeSettings) -> Result<ExitCode, String> {
    #[cfg(feature = "faults")]
    let _scenario = fail::FailScenario::setup();
    let config = Config::new(settings, serve.port)?;
    let any = if config.demo { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
    let host = serve.host.unwrap_or(IpAddr::V4(any));
    let workers = serve.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let drain_delay = Duration::from_secs(serve.drain_delay);
    let app = App::open(config)?;
    actix_web::rt::System::new().block_on(async move {
        let address = SocketAddr::new(host, serve.port);
        let (server, address) =
            app.bind(address, workers).map_err(|error| format!("cannot listen on {address}: {error}"))?;
        app.start_background_work();
        log::info!("listening on http://{address}");
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            told_to_stop().await;
            app.drain();
            actix_web::rt::time::sleep(drain_delay).await;
            handle.stop(true).await;
        });
        server.await.map_err(|error| error.to_string())
    })?;
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
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
