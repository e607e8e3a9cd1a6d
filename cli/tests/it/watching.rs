//! Watching a process on an address of its own: nothing listens there unless it was asked to, and what was asked for answers.

use std::net::TcpListener;

use crate::process::{Ended, Place, Running, free_port, request, wait_ready};

fn get(port: u16, path: &str) -> String {
    request(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
    .expect("an answer")
}

#[test]
fn a_worker_answers_those_who_watch_it_and_nobody_else() {
    let (place, port) = (Place::new(), free_port());
    let mut worker = Running::start(place.command(&format!("worker --metrics-bind 127.0.0.1:{port}")));
    wait_ready(&mut worker, port);
    assert!(get(port, "/healthz").starts_with("HTTP/1.1 200"));
    let metrics = get(port, "/metrics");
    assert!(metrics.contains("\nrapport_database_up 1.0\n"), "{metrics}");
    assert!(
        metrics.contains("\nrapport_job_lag_seconds{job=\"recompute\"} 0.0\n"),
        "{metrics}"
    );
    for path in ["/", "/graphql"] {
        assert!(get(port, path).starts_with("HTTP/1.1 404"), "{path} is the API's");
    }
    worker.signal("-TERM");
    let ended = worker.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn the_api_answers_those_who_watch_it_where_nobody_else_is_too() {
    let (place, port, watched) = (Place::new(), free_port(), free_port());
    let mut api = Running::start(place.command(&format!(
        "serve --bind 127.0.0.1:{port} --metrics-bind 127.0.0.1:{watched}"
    )));
    wait_ready(&mut api, port);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(
            get(port, path).starts_with("HTTP/1.1 200") && get(watched, path).starts_with("HTTP/1.1 200"),
            "{path}"
        );
    }
    assert!(
        get(watched, "/graphql").starts_with("HTTP/1.1 404"),
        "that is the API's"
    );
    api.signal("-TERM");
    let ended = api.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn an_address_that_is_taken_is_said_with_its_setting() {
    let (place, taken) = (Place::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = taken.local_addr().unwrap();
    let mut command = place.command("worker");
    command.env("RAPPORT_METRICS_BIND", address.to_string());
    let ended = Ended::of(command.output().unwrap());
    let said = ended.refusal(2);
    assert!(
        said.contains(&address.to_string())
            && said.contains("in use")
            && said.contains("RAPPORT_METRICS_BIND"),
        "{said}"
    );
    assert!(
        !place.path().join("rapport.db").exists(),
        "nothing was made before it was known"
    );
}
