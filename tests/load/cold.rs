//! How long reading a product takes that is not kept ready, over HTTP, beside its SQL alone through Diesel: the same
//! products in the same shop, in rounds by turns. The server has one core, this the other. Prints the medians and their ratio.
//! Aim: 1.5. Nothing is asserted here.
//!
//! Seen on two cores, with 20,000 products: 0.08 and 0.16 ms where both have one core (1.9), 0.08 and 0.26 ms across two
//! (3.3), a hundred microseconds of which one core takes to wake the other. While SQLite planned each statement anew, its
//! SQL alone took 0.18 ms.
//!
//! Needs taskset. Usage: taskset -c 1 cold PROGRAM DATA_DIR, a data folder in which a demo shop was made, and seeded with
//! some thousand products; with DATABASE_URL, those of that database.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use cartwright::{
    catalog::{parts, store},
    db::{DatabaseUrl, Db, schema::products},
    ids::ProductId,
};
use diesel::prelude::*;

const PRODUCTS: i64 = 2_000;
const PORT: u16 = 18_093;

/// A server that ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, folder] = arguments.as_slice() else { return Err("usage: cold PROGRAM DATA_DIR".into()) };
    let _server = serve(program, folder)?;
    // The server reads the same variable.
    let url = match std::env::var("DATABASE_URL") {
        Ok(url) => DatabaseUrl::parse(&url)?,
        Err(_) => DatabaseUrl::Sqlite(Path::new(folder).join("shop.db")),
    };
    let db = Db::open(&url, 1)?;
    let ids: Vec<ProductId> = db
        .read_blocking(|conn| {
            Ok(products::table.order(products::slug.asc()).limit(PRODUCTS).select(products::id).load(conn)?)
        })
        .map_err(|error| error.to_string())?;
    let mut server = connect()?;
    server.set_nodelay(true)?;
    let mut answers = BufReader::new(server.try_clone()?);
    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    // The first round warms the pages of the database up.
    for round in 0..3 {
        for id in &ids {
            let took = sql_alone(&db, *id)?;
            alone.extend((round > 0).then_some(took));
        }
        for id in &ids {
            let took = over_http(&mut server, &mut answers, *id)?;
            whole.extend((round > 0).then_some(took));
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let (alone, whole) = (median(&mut alone), median(&mut whole));
    println!("SQL alone {alone:?}, over HTTP {whole:?}: {:.2}", whole.as_secs_f64() / alone.as_secs_f64());
    Ok(())
}

fn serve(program: &str, folder: &str) -> Result<Server, Box<dyn Error>> {
    let port = PORT.to_string();
    let server = Command::new("taskset")
        .args(["-c", "0", program, "serve", "--demo", "--rate-limit", "off", "--workers", "1", "--port", &port])
        .args(["--cache-megabytes", "0", "--data-dir", folder])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(Server(server))
}

/// Waits for the server.
fn connect() -> Result<TcpStream, Box<dyn Error>> {
    let begun = Instant::now();
    loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)) {
            Err(_) if begun.elapsed() < Duration::from_secs(60) => thread::sleep(Duration::from_millis(100)),
            connected => return Ok(connected?),
        }
    }
}

/// What the handler asks the database for.
fn sql_alone(db: &Db, id: ProductId) -> Result<Duration, String> {
    let begun = Instant::now();
    let read = db.read_blocking(|conn| {
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
