//! The demo, from nothing to an answer, and again.

use std::time::{Duration, Instant};

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
    said.split("Bearer ")
        .nth(1)
        .and_then(|rest| rest.split(['"', '\'']).next())
        .unwrap()
        .to_owned()
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
        assert!(
            took < Duration::from_mins(2),
            "ready after {took:?}, far from the 30 s of a machine of its own"
        );
    });
    assert!(
        first.contains("GraphiQL") && first.contains("rapport report engagement harlan-voss"),
        "{first}"
    );
    assert!(
        place
            .run("report engagement harlan-voss")
            .good()
            .starts_with("# Engagement report: Harlan")
    );

    let token = token(&first);
    let again = serve_once(&place, "", |port, took| {
        assert!(
            took < Duration::from_secs(20),
            "the file is there already, yet ready after {took:?}"
        );
        let answer = ask(
            port,
            &token,
            "{ accounts(first: 1) { totalCount edges { node { engagement { overall } } } } }",
        );
        assert!(answer.contains(r#""totalCount":60"#), "{answer}");
        assert!(ask(port, "rap_pat_wrong", "{ accounts(first: 1) { totalCount } }").contains("401"));
    });
    assert!(again.contains("Rapport is running"), "{again}");
    serve_once(&place, "--fresh", |port, _| {
        assert!(
            ask(port, &token, "{ accounts(first: 1) { totalCount } }").contains("401"),
            "a new file knows no old token"
        );
    });
    assert!(!place.path().join("rapport.db.unfinished").exists());
}

/// The mails of a kind in a place's outbox.
fn mails(place: &Place, kind: &str) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(place.path().join("outbox")) else {
        return vec![];
    };
    let files = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"));
    let of_kind = |path: &std::path::PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().contains(kind))
    };
    // Header lines that were folded are one line again.
    files
        .filter(of_kind)
        .map(|path| std::fs::read_to_string(path).unwrap().replace("\r\n ", " "))
        .collect()
}

/// The first link of a mail that leads below a path, as a path.
fn link(mail: &str, port: u16, below: &str) -> String {
    let unfolded = mail.replace("=\r\n", "");
    let rest = unfolded
        .split(&format!("http://127.0.0.1:{port}{below}"))
        .nth(1)
        .unwrap_or_else(|| panic!("no {below} in {mail}"))
        .to_owned();
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    format!("{below}{token}")
}

fn follow(port: u16, method: &str, path: &str) -> String {
    let body = if method == "POST" {
        "List-Unsubscribe=One-Click"
    } else {
        ""
    };
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    request(port, &(head + body)).unwrap()
}

/// Waits until so many mails of a kind are there.
fn wait_for_mails(place: &Place, kind: &str, number: usize) -> Vec<String> {
    let started = Instant::now();
    loop {
        let found = mails(place, kind);
        if found.len() >= number {
            return found;
        }
        assert!(
            started.elapsed() < Duration::from_mins(2),
            "{} of {number} mails of kind {kind}",
            found.len()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn everybody_has_their_digest_and_a_departure_reaches_the_whole_team() {
    let place = Place::new();
    let port = free_port();
    // A mail server that is set is left alone: the sample's people have no mailboxes.
    let mut running = Running::start(place.command(&format!(
        "demo --bind 127.0.0.1:{port} --smtp-url smtp://127.0.0.1:1?tls=none"
    )));
    wait_ready(&mut running, port);
    // Of the fourteen one has left.
    let digests = wait_for_mails(&place, "weekly-digest", 13);
    let dana = digests
        .iter()
        .find(|mail| mail.contains("To: \"Dana Whitfield\" <dana.whitfield@tidemark.example>"))
        .unwrap();
    // Its links work, and opening the one that ends it does not.
    assert!(follow(port, "GET", &link(dana, port, "/r/")).contains("<h1>Engagement report: "));
    let unsubscribe = link(dana, port, "/m/");
    assert!(dana.contains(&format!(
        "List-Unsubscribe: <http://127.0.0.1:{port}{unsubscribe}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )));
    assert!(follow(port, "GET", &unsubscribe).contains("<h1>End the weekly digest?</h1>"));
    assert!(follow(port, "POST", &unsubscribe).contains("<h1>You are unsubscribed</h1>"));
    let preview = place
        .run("digest preview --user dana.whitfield@tidemark.example")
        .good()
        .to_owned();
    assert!(
        preview.contains(&unsubscribe),
        "the same link for ever, whatever the mail: {preview}"
    );

    let token = place
        .run("token create --user dana.whitfield@tidemark.example")
        .good()
        .trim()
        .to_owned();
    let token = token
        .split_whitespace()
        .find(|word| word.starts_with("rap_"))
        .unwrap()
        .to_owned();
    let body = |answer: String| -> serde_json::Value {
        serde_json::from_str(answer.split("\r\n\r\n").last().unwrap()).unwrap()
    };
    let found = body(ask(
        port,
        &token,
        r#"{ accountByExternalId(externalId: \"orchid-semiconductors\") { engagement { asOf } primarySponsor { contact { id name } } team { user { email } } } }"#,
    ));
    let account = &found["data"]["accountByExternalId"];
    let (sponsor, name) = (
        &account["primarySponsor"]["contact"]["id"],
        &account["primarySponsor"]["contact"]["name"],
    );
    let told = body(ask(
        port,
        &token,
        &format!(
            r#"mutation {{ recordOrgChange(input: {{kind: DEPARTURE, contactId: \"{}\", observedOn: \"{}\", source: MANUAL, summary: \"Left for a competitor\"}}) {{ alert {{ severity }} escalatedTo }} }}"#,
            sponsor.as_str().unwrap(),
            &account["engagement"]["asOf"].as_str().unwrap()[..10],
        ),
    ));
    let told = told["data"]["recordOrgChange"]["escalatedTo"]
        .as_array()
        .unwrap_or_else(|| panic!("{told}"))
        .clone();
    let escalations = wait_for_mails(&place, "sponsor-departed", told.len());
    // A viewer is told, and has no link to take it up.
    let links: Vec<String> = escalations
        .iter()
        .filter(|mail| mail.contains("/m/"))
        .map(|mail| link(mail, port, "/m/"))
        .collect();
    let taken = follow(port, "POST", &links[0]);
    assert!(taken.contains("<h1>You are on it</h1>"), "{taken}");
    assert!(follow(port, "GET", &links[1]).contains(" is on it</h1>"));
    for member in account["team"].as_array().unwrap() {
        let email = member["user"]["email"].as_str().unwrap();
        let theirs = escalations
            .iter()
            .find(|mail| mail.contains(&format!("<{email}>")))
            .unwrap_or_else(|| panic!("nothing for {email}"));
        assert!(
            theirs.contains(&format!(
                "Subject: Sponsor departed: {}, Orchid Semiconductors",
                name.as_str().unwrap()
            )),
            "{theirs}"
        );
    }
    running.signal("-TERM");
    assert_eq!(running.end().code, Some(0));
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
    assert!(
        !place.path().join("rapport.db").exists(),
        "nothing takes the sample's place before it is whole"
    );
}

#[test]
fn the_demo_leaves_other_data_alone() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    for flags in ["", "--fresh"] {
        let ended = place.run(&format!("demo {flags} --bind 127.0.0.1:0"));
        assert!(
            ended
                .refusal(2)
                .starts_with("./rapport.db holds data of its own and the demo leaves it alone"),
            "{ended:?}"
        );
    }
    place.run("token create --user ada@example.com").good();
    place
        .run("token create --user dana.whitfield@tidemark.example")
        .refusal(1);
}
