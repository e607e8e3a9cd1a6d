//! SIGTERM and SIGINT end everything cleanly, and in time.

use std::time::{Duration, Instant};

use crate::process::{Place, Running, free_port, wait_ready};

fn stops_in_time(running: Running, signal: &str) {
    running.signal(signal);
    let asked = Instant::now();
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
    assert!(ended.stderr.contains("stopping"), "{ended:?}");
}

#[test]
fn the_server_with_a_worker_stops_when_told() {
    for signal in ["-TERM", "-INT"] {
        let (place, port) = (Place::new(), free_port());
        let mut running = Running::start(place.command(&format!("serve --worker --bind 127.0.0.1:{port}")));
        wait_ready(&mut running, port);
        stops_in_time(running, signal);
    }
}

#[test]
fn the_worker_stops_when_told() {
    let place = Place::new();
    let running = Running::start(place.command("worker"));
    let started = Instant::now();
    // Its database is there once it has begun; how far it has come must not matter.
    while !place.path().join("rapport.db").exists() {
        assert!(started.elapsed() < Duration::from_mins(1), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(500));
    stops_in_time(running, "-TERM");
}
