//! The demo, from nothing to an answer, and again.

use std::time::Duration;

use crate::process::{Place, Running, free_port, request, wait_ready};

/// What the demo says on stdout, once it serves.
fn serve_once(place: &Place, flags: &str, inspect: impl FnOnce(u16, Duration)) -> String {
    let port = free_port();
    let mut running = Running::start(place.command(&format!("demo {flags} --bind 127.0.0.1:{port}")));
    let took = wait_ready(&mut running, port);
    inspect(port, took);
    running.signal("-TERM");
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

fn token(said: &str) -> String {
    said.split("Bearer ").nth(1).and_then(|rest| rest.split(['"', '\'']).next()).unwrap().to_owned()
}

fn ask(port: u16, token: &str, query: &str) -> String {
    let body = format!(r#"{{"query":"{query}"}}"#);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    request(port, &(head + &body)).unwrap()
}

#[test]
fn from_nothing_to_an_answer_and_again_with_the_same_file() {
    let place = Place::new();
    // What a demo leaves that was killed while it built.
    place.write("rapport.db.unfinished", "half a database");
    let first = serve_once(&place, "", |_, took| {
        assert!(took < Duration::from_mins(2), "ready after {took:?}, far from the 30 s of a machine of its own");
    });
    assert!(first.contains("GraphiQL") && first.contains("rapport report engagement harlan-voss"), "{first}");
    assert!(place.run("report engagement harlan-voss").good().starts_with("# Engagement report: Harlan"));

    let token = token(&first);
    let again = serve_once(&place, "", |port, took| {
        assert!(took < Duration::from_secs(20), "the file is there already, yet ready after {took:?}");
        let answer = ask(port, &token, "{ accounts(first: 1) { totalCount edges { node { engagement { overall } } } } }");
        assert!(answer.contains(r#""totalCount":60"#), "{answer}");
        assert!(ask(port, "rap_pat_wrong", "{ accounts(first: 1) { totalCount } }").contains("401"));
    });
    assert!(again.contains("Rapport is running"), "{again}");
    serve_once(&place, "--fresh", |port, _| {
        assert!(ask(port, &token, "{ accounts(first: 1) { totalCount } }").contains("401"), "a new file knows no old token");
    });
    assert!(!place.path().join("rapport.db.unfinished").exists());
}

#[test]
fn a_demo_that_is_killed_while_it_builds_leaves_nothing_that_looks_whole() {
    let place = Place::new();
    let running = Running::start(place.command(&format!("demo --bind 127.0.0.1:{}", free_port())));
    while !place.path().join("rapport.db.unfinished").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    running.signal("-KILL");
    assert_eq!(running.end().code, None);
    assert!(!place.path().join("rapport.db").exists(), "nothing takes the sample's place before it is whole");
}

#[test]
fn the_demo_leaves_other_data_alone() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    for flags in ["", "--fresh"] {
        let ended = place.run(&format!("demo {flags} --bind 127.0.0.1:0"));
        assert!(ended.refusal(2).starts_with("./rapport.db holds data of its own and the demo leaves it alone"), "{ended:?}");
    }
    place.run("token create --user ada@example.com").good();
    place.run("token create --user dana.whitfield@tidemark.example").refusal(1);
}
