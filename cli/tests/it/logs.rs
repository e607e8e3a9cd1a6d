//! The log of a whole scenario: every line is an object, says which run, delivery or request it is about, and nobody's address
//! or token is in any of them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{Place, Running, free_port, request, wait_ready};

/// A line's fields together with those of its spans.
fn field<'v>(line: &'v Value, name: &str) -> Option<&'v str> {
    let spans = line["spans"].as_array().into_iter().flatten();
    spans.rev().chain([line]).find_map(|place| place[name].as_str())
}

fn post(port: u16, token: &str, query: &str) -> String {
    let body = serde_json::json!({ "query": query }).to_string();
    let head = format!(
        "POST /graphql?secret=in-the-url HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    request(port, &(head + &body)).unwrap()
}

#[test]
fn a_day_of_the_demo_tells_what_happened_and_to_nobody_whom_it_concerned() {
    let (place, port) = (Place::new(), free_port());
    let (log, outbox) = (place.path().join("log"), place.path().join("outbox"));
    let mut running = Running::start_logging_to(
        place.command(&format!(
            "demo --bind 127.0.0.1:{port} --log debug --log-format json"
        )),
        &log,
    );
    wait_ready(&mut running, port);
    let started = Instant::now();
    // Its digests fall due as it starts.
    while !std::fs::read_dir(&outbox).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.path().extension().is_some_and(|end| end == "eml"))
    }) {
        assert!(started.elapsed() < Duration::from_mins(4), "no mail was written");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(
        post(
            port,
            "rap_pat_thiswaswrong",
            "{ accounts(first: 1) { totalCount } }"
        )
        .contains("401")
    );
    assert!(
        request(
            port,
            "GET /somebody@private.example HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap()
        .contains("404")
    );
    let made = place.run("token create --user dana.whitfield@tidemark.example");
    let token = made
        .good()
        .split_whitespace()
        .find(|word| word.starts_with("rap_"))
        .expect("a token")
        .to_owned();
    let answer = post(
        port,
        &token,
        "query ByName { users(search: \"dana@somewhere.example\") { totalCount } }",
    );
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("totalCount"),
        "{answer}"
    );
    running.signal("-TERM");
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let shown = ended
        .stdout
        .split("Bearer ")
        .nth(1)
        .and_then(|rest| rest.split(['"', '\'']).next())
        .unwrap()
        .to_owned();

    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let saying = |what: &str| {
        lines
            .iter()
            .filter(|line| line["message"] == what)
            .collect::<Vec<_>>()
    };
    for (what, fields) in [
        ("run done", &["run_id", "job", "slot", "worker"][..]),
        ("mail sent", &["run_id", "mail", "kind", "worker", "to"][..]),
        ("request", &["trace_id", "method", "route"][..]),
    ] {
        let said = saying(what);
        assert!(!said.is_empty(), "nothing says '{what}'");
        for line in said {
            for name in fields {
                assert!(
                    field(line, name).is_some_and(|value| !value.is_empty()),
                    "{name} is missing in {line}"
                );
            }
        }
    }
    let mut secrets: BTreeSet<String> = [
        shown,
        "rap_pat_thiswaswrong".to_owned(),
        "in-the-url".to_owned(),
        "ByName(".to_owned(),
    ]
    .into();
    secrets.insert(token);
    for file in std::fs::read_dir(&outbox).unwrap().flatten() {
        let mail = std::fs::read_to_string(file.path()).unwrap();
        let to = mail
            .lines()
            .find_map(|line| line.strip_prefix("To: "))
            .expect("a recipient");
        secrets.insert(
            to.rsplit_once('<')
                .map_or(to, |(_, rest)| rest)
                .trim_matches('>')
                .to_owned(),
        );
    }
    for secret in &secrets {
        assert!(!text.contains(secret.as_str()), "{secret} is in the log");
    }
    // Of an address the log shows the first letter and the domain.
    for (at, _) in text.match_indices('@') {
        assert!(
            text[..at].ends_with('…'),
            "an address in {:?}",
            &text[text[..at].rfind('\n').map_or(0, |line| line + 1)..][..200.min(text.len() - at)]
        );
    }
}
