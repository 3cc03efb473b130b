//! What hot reads are measured against: an actix-web handler that answers every request with the same bytes and headers,
//! and writes a line of the same form to its log.
//!
//! Usage: bare PORT ANSWER, where ANSWER is a file that holds an answer as `curl --include` writes it.

use std::{env, error::Error, fs, time::Instant};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::{HeaderName, HeaderValue},
    web::{self, Bytes},
};

type Headers = Vec<(HeaderName, HeaderValue)>;

fn main() -> Result<(), Box<dyn Error>> {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [port, answer] = arguments.as_slice() else { return Err("usage: bare PORT ANSWER".into()) };
    let (headers, body) = read(&fs::read(answer)?)?;
    let server = HttpServer::new(move || {
        let (headers, body) = (headers.clone(), body.clone());
        App::new().default_service(web::to(move |request| {
            let response = answer_with(&request, &headers, &body);
            async move { response }
        }))
    });
    let server = server.workers(1).bind(("127.0.0.1", port.parse()?))?;
    actix_web::rt::System::new().block_on(server.run())?;
    Ok(())
}

/// The headers but for those that actix-web writes itself, and the body.
fn read(answer: &[u8]) -> Result<(Headers, Bytes), Box<dyn Error>> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").ok_or("the answer has no end of its head")?;
    let mut headers = Headers::new();
    for line in std::str::from_utf8(&answer[..end])?.lines().skip(1) {
        let (name, value) = line.split_once(": ").ok_or("a header without a value")?;
        if !["content-length", "date"].contains(&name) {
            headers.push((name.parse()?, value.parse()?));
        }
    }
    Ok((headers, Bytes::copy_from_slice(&answer[end + 4..])))
}

fn answer_with(request: &HttpRequest, headers: &Headers, body: &Bytes) -> HttpResponse {
    let started = Instant::now();
    let mut response = HttpResponse::Ok();
    for (name, value) in headers {
        response.insert_header((name.clone(), value.clone()));
    }
    let response = response.body(body.clone());
    log::info!(
        target: "cartwright::access",
        "request_id={} method={} route={} status={} took_us={} code=-",
        "01a20ac4d041769d8bfabd23cbabfe6f",
        request.method(),
        "/api/v1/products/{id_or_slug}",
        response.status().as_u16(),
        started.elapsed().as_micros(),
    );
    response
}
