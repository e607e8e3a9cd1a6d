//! A machine whose clock is not the database's says so: in the log once, in `/metrics`, and to whoever asks the doctor, on this
//! machine or another.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use harness::Cluster;
use serde_json::Value;

use crate::process::{Place, Running, free_port, request, wait_ready};

const PATIENCE: Duration = Duration::from_mins(2);

fn of<'v>(report: &'v Value, check: &str) -> Option<(&'v str, &'v str)> {
    let found = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["check"] == check)?;
    Some((
        found["verdict"].as_str().unwrap(),
        found["found"].as_str().unwrap(),
    ))
}

fn ahead(port: u16) -> f64 {
    let answer = request(
        port,
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    .expect("an answer");
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("rapport_clock_ahead_seconds "))
        .unwrap_or_else(|| panic!("{answer}"));
    line.parse().unwrap()
}

#[test]
fn a_worker_whose_clock_is_wrong_says_so_once_in_metrics_and_to_the_doctor() {
    let Some(cluster) = Cluster::start() else { return };
    let (place, port) = (Place::new(), free_port());
    let at = format!("--database-url {}", cluster.url());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let set = |behind| runtime.block_on(cluster.set_behind(behind));
    set(TimeDelta::zero());
    place.run(&format!("init --admin ada@example.com {at}")).good();
    let doctor = || serde_json::from_str::<Value>(&place.run(&format!("doctor --json {at}")).stdout).unwrap();
    let report = doctor();
    assert_eq!(of(&report, "clock").unwrap().0, "fine", "{report}");
    assert_eq!(of(&report, "clock of a worker"), None);

    set(TimeDelta::seconds(90));
    let log = place.path().join("log");
    let mut worker = Running::start_logging_to(
        place.command(&format!("worker --metrics-bind 127.0.0.1:{port} {at}")),
        &log,
    );
    wait_ready(&mut worker, port);
    assert!((85.0..95.0).contains(&ahead(port)), "{}", ahead(port));
    let said = || {
        std::fs::read_to_string(&log)
            .unwrap()
            .lines()
            .filter(|line| line.contains("the database's are apart"))
            .count()
    };
    let started = Instant::now();
    while said() == 0 {
        assert!(started.elapsed() < PATIENCE, "the log says nothing of it");
        std::thread::sleep(Duration::from_millis(20));
    }
    let report = doctor();
    let (verdict, found) = of(&report, "clock").unwrap();
    assert!(
        verdict == "failed" && found.contains("s ahead of the database's"),
        "{report}"
    );
    place.run(&format!("jobs run guardrails {at}")).good();
    worker.signal("-TERM");
    assert_eq!(worker.end().code, Some(0));
    assert_eq!(said(), 1, "once");

    // Seen from a machine whose clock is right.
    set(TimeDelta::zero());
    let report = doctor();
    assert_eq!(of(&report, "clock").unwrap().0, "fine", "{report}");
    let (verdict, found) = of(&report, "clock of a worker").unwrap_or_else(|| panic!("{report}"));
    assert!(
        verdict == "failed" && found.contains("s ahead of the database's"),
        "{report}"
    );
}
