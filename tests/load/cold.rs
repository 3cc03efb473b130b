//! How long reading a product takes that is not kept ready, over HTTP, beside its SQL alone through Diesel: the same
//! products in the same shop, by turns. Prints the medians and their ratio. Aim: 1.5. Nothing is asserted here.
//!
//! Seen on two cores, with 20,000 products: 1.65 (0.39 and 0.65 ms).
//!
//! Usage: cold DATA_DIR, a data folder in which a demo shop was made, and seeded with some thousand products.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use cartwright::{
    app::App,
    catalog::{parts, store},
    config::{Config, Settings},
    db::schema::products,
    ids::ProductId,
};
use clap::Parser;
use diesel::prelude::*;

const PRODUCTS: i64 = 2_000;

/// The settings, read as the command line reads them.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: cold DATA_DIR")?;
    let line = ["cold", "--demo", "--data-dir", &folder, "--cache-megabytes", "0"];
    let app = App::open(Config::new(&CommandLine::parse_from(line).settings, 0)?)?;
    let shop = app.shop.clone();
    let ids: Vec<ProductId> = shop
        .db
        .read_blocking(|conn| {
            Ok(products::table.order(products::slug.asc()).limit(PRODUCTS).select(products::id).load(conn)?)
        })
        .map_err(|error| error.to_string())?;
    let mut server = TcpStream::connect(serve(app)?)?;
    server.set_nodelay(true)?;
    let mut answers = BufReader::new(server.try_clone()?);
    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    // The first round warms the pages of the database up.
    for round in 0..3 {
        for id in &ids {
            let sql = sql_alone(&shop, *id)?;
            let http = over_http(&mut server, &mut answers, *id)?;
            if round > 0 {
                alone.push(sql);
                whole.push(http);
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let (alone, whole) = (median(&mut alone), median(&mut whole));
    println!("SQL alone {alone:?}, over HTTP {whole:?}: {:.2}", whole.as_secs_f64() / alone.as_secs_f64());
    // The server has no end of its own here.
    std::process::exit(0)
}

fn serve(app: App) -> Result<SocketAddr, Box<dyn Error>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let bound = app.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1);
            let (address, server) = match bound {
                Ok((server, address)) => (Ok(address), Some(server)),
                Err(error) => (Err(error), None),
            };
            let _ = sender.send(address);
            if let Some(server) = server {
                let _ = server.await;
            }
        });
    });
    Ok(receiver.recv()??)
}

/// What the handler asks the database for.
fn sql_alone(shop: &cartwright::shop::Shop, id: ProductId) -> Result<Duration, String> {
    let begun = Instant::now();
    let read = shop.db.read_blocking(|conn| {
        let row = store::find_product(conn, id)?;
        let parts = parts::load_parts(conn, row.as_slice())?;
        Ok((row, parts))
    });
    let took = begun.elapsed();
    read.map(|_| took).map_err(|error| error.to_string())
}

fn over_http(
    server: &mut TcpStream,
    answers: &mut BufReader<TcpStream>,
    id: ProductId,
) -> Result<Duration, Box<dyn Error>> {
    let request = format!("GET /api/v1/products/{id} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let begun = Instant::now();
    server.write_all(request.as_bytes())?;
    let mut length = 0;
    let mut line = String::new();
    let mut is_first = true;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        if is_first && !line.contains(" 200 ") && !line.contains(" 404 ") {
            return Err(line.into());
        }
        is_first = false;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    answers.read_exact(&mut vec![0; length])?;
    Ok(begun.elapsed())
}
