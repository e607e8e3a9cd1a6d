//! Connections that say nothing: however many there are, whoever has something to say is heard.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::process::Command;

use crate::process::{Place, Running, free_port, request, wait_ready};

/// More than the process may have files.
const CROWD: usize = 1_100;

/// A server that may have a thousand files, as many systems allow unless told otherwise.
fn serve(place: &Place, port: u16, more: &str) -> Running {
    let binary = env!("CARGO_BIN_EXE_rapport");
    let mut command = Command::new("sh");
    command.args([
        "-c",
        &format!("ulimit -n 1024; exec {binary} serve --bind 127.0.0.1:{port} {more}"),
    ]);
    command.current_dir(place.path()).env_clear();
    Running::start(command)
}

fn get(port: u16, path: &str) -> Option<String> {
    request(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
}

/// Whether the other end has not hung up.
fn is_open(connection: &TcpStream) -> bool {
    connection.set_nonblocking(true).unwrap();
    let mut connection = connection;
    matches!(connection.read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn idle_connections_keep_nobody_out() {
    let (place, port) = (Place::new(), free_port());
    let mut server = serve(&place, port, "");
    wait_ready(&mut server, port);
    let crowd: Vec<TcpStream> = (0..CROWD)
        .map(|_| TcpStream::connect(("127.0.0.1", port)).expect("it listens"))
        .collect();
    for path in ["/healthz", "/readyz", "/"] {
        let answer = get(port, path).unwrap_or_default();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:?}");
        assert!(
            is_open(&crowd[CROWD - 1]),
            "{path} was answered only when the idle connections had been given up"
        );
    }
    assert!(!is_open(&crowd[0]), "whoever has been silent longest makes room");
    server.signal("-TERM");
    assert_eq!(server.end().code, Some(0), "and it stops as always");
}
