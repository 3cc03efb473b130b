//! Asks a server on this machine whether it is ready: what a container's health check calls.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use clap::Args;

/// Connecting, asking and hearing the answer may take this long each.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which server is asked. The settings are those that it was started with.
#[derive(Debug, Clone, Args)]
pub struct HealthArguments {
    /// Address that the server listens on
    #[arg(long, env = "CARTWRIGHT_HOST", value_name = "ADDRESS")]
    host: Option<IpAddr>,
    /// Port that the server listens on
    #[arg(long, env = "PORT", default_value_t = 8080)]
    port: u16,
}

/// Asks the server for `/health/ready`.
///
/// # Errors
/// Why it is not ready, in one sentence.
pub fn check(arguments: &HealthArguments) -> Result<(), String> {
    let address = SocketAddr::new(reachable(arguments.host), arguments.port);
    let start = start_of_answer(address).map_err(|error| format!("{address} does not answer: {error}"))?;
    if start.starts_with("HTTP/1.1 2") { Ok(()) } else { Err(format!("{address} is not ready: it answers {start}")) }
}

/// A server that listens everywhere is reached by loopback.
fn reachable(host: Option<IpAddr>) -> IpAddr {
    match host {
        None | Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        Some(host) => host,
    }
}

/// The version and the status, as in `HTTP/1.1 204`. The rest says nothing more.
fn start_of_answer(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// What `check` says of a server that answers one request with `answer`.
    fn check_against(answer: &'static str) -> Result<(), String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let found = check(&HealthArguments { host: None, port });
        assert!(server.join().unwrap().starts_with("GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:"));
        found
    }

    #[test]
    fn a_server_that_answers_204_is_ready() {
        assert_eq!(check_against("HTTP/1.1 204 No Content\r\n\r\n"), Ok(()));
    }

    #[test]
    fn a_server_that_answers_503_or_breaks_off_is_not_ready() {
        let reason = check_against("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err();
        assert!(reason.ends_with("is not ready: it answers HTTP/1.1 503"), "{reason}");
        let reason = check_against("HTTP").unwrap_err();
        assert!(reason.contains("does not answer"), "{reason}");
    }

    #[test]
    fn where_nobody_listens_nobody_is_ready() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(check(&HealthArguments { host: None, port }).is_err());
    }

    #[test]
    fn a_server_that_listens_everywhere_is_asked_by_loopback() {
        assert_eq!(reachable(Some(Ipv4Addr::UNSPECIFIED.into())), Ipv4Addr::LOCALHOST);
        assert_eq!(reachable(Some(Ipv6Addr::UNSPECIFIED.into())), Ipv6Addr::LOCALHOST);
        assert_eq!(reachable(Some(Ipv4Addr::new(10, 0, 0, 7).into())), Ipv4Addr::new(10, 0, 0, 7));
    }
}
