//! How long a departure takes to reach the mail server while the API serves load: `cargo bench -p rapport-cli --bench departure`.
//!
//! Real processes: `rapport serve --worker` in one, a mail server and the clients in this one. Eight clients ask for lists of
//! accounts without a pause; ten times a second a ninth records that a sponsor has left. Measured is the time from sending that
//! request to the moment when the mail server has taken the last message about it, so the mutation itself is part of it. On
//! SQLite, and on PostgreSQL where its server is installed. As many departures as asked for (a number behind `--`; 200 without).
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing else to say"
)]

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::smtp::{Answer, SmtpServer, Verb};
use harness::{Kind, TestDb};
use serde_json::{Value, json};
use service::clock::Clock;

/// Members of each account's team; nobody is in two of them, because six escalations within an hour are joined.
const TEAM: usize = 3;
const ADMIN: &str = "admin@vendor.example";
const CLIENTS: usize = 8;
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    harness::run(Kind::Sqlite, body);
    harness::run(Kind::Postgres, body);
}

async fn body(db: &TestDb) {
    let departures: usize = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(200);
    let place = tempfile::tempdir().unwrap();
    // The processes open the database by themselves.
    let url = db.blank_url().await;
    let (kind, path) = (db.kind(), place.path().to_owned());
    tokio::task::spawn_blocking(move || measure(kind, &url, &path, departures))
        .await
        .unwrap();
}

fn measure(kind: Kind, url: &str, place: &Path, departures: usize) {
    let book = place.join("book");
    std::fs::create_dir(&book).unwrap();
    write_book(&book, departures);
    let run = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(arguments)
            .args(["--database-url", url])
            .current_dir(place)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    run(&["migrate"]);
    run(&["import", "book"]);
    run(&["recompute"]);
    let said = run(&["token", "create", "--user", ADMIN]);
    let token = said
        .split_whitespace()
        .find(|word| word.starts_with("rap_"))
        .unwrap()
        .to_owned();

    let taken: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let server = SmtpServer::start();
    let taking = Arc::clone(&taken);
    server.script(move |moment| {
        if moment.verb == Verb::Message && moment.recipient != ADMIN {
            taking
                .lock()
                .unwrap()
                .insert(moment.recipient.clone(), Instant::now());
        }
        Answer::Accept
    });
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _serving = Serving::start(place, url, port, &server.url());
    wait_ready(port);

    let sponsors = sponsors(&mut Client::new(port, &token), departures);
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (mut client, stop, asked) =
                (Client::new(port, &token), Arc::clone(&stop), Arc::clone(&asked));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    client.ask(&json!({ "query": PORTFOLIO }));
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();

    let mut client = Client::new(port, &token);
    let today = Clock::system().now().date_naive().to_string();
    let (started, mut sent, mut answers) = (Instant::now(), Vec::new(), Vec::new());
    for contact in &sponsors {
        let asking = Instant::now();
        let answer =
            client.ask(&json!({ "query": DEPARTURE, "variables": { "contact": contact, "on": today } }));
        answers.push(asking.elapsed());
        let told = answer["data"]["recordOrgChange"]["escalatedTo"]
            .as_array()
            .unwrap();
        // Whom it reaches besides the team, an administrator would be told of all of them in one message an hour later: not what is measured.
        let told: Vec<String> = told
            .iter()
            .map(|email| email.as_str().unwrap().to_owned())
            .filter(|email| email != ADMIN)
            .collect();
        assert_eq!(told.len(), TEAM, "{answer}");
        sent.push((asking, told));
        std::thread::sleep(PAUSE.saturating_sub(asking.elapsed()));
    }
    let served = asked.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    while taken.lock().unwrap().len() < departures * TEAM {
        assert!(
            started.elapsed() < PATIENCE,
            "{} of {} messages have come",
            taken.lock().unwrap().len(),
            departures * TEAM
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap();
    }
    let taken = taken.lock().unwrap();
    let last = |told: &[String]| told.iter().map(|email| taken[email]).max().unwrap();
    let mut times: Vec<Duration> = sent.iter().map(|(asking, told)| last(told) - *asking).collect();
    times.sort();
    answers.sort();
    let at = |times: &[Duration], percent: usize| {
        times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1000.0
    };
    println!(
        "{kind:?}: {departures} departures, {TEAM} messages each, {served:.0} lists of accounts a second beside: to the last message taken median {:.0} ms, p99 {:.0} ms, slowest {:.0} ms; the mutation alone median {:.0} ms, p99 {:.0} ms",
        at(&times, 50),
        at(&times, 99),
        at(&times, 100),
        at(&answers, 50),
        at(&answers, 99),
    );
}

const PORTFOLIO: &str = "{ accounts(first: 50, orderBy: {field: ENGAGEMENT_SCORE, direction: ASC}) { totalCount edges { node { id name tier
    engagement { overall pattern trend change dimensions { dimension score } } primarySponsor { contact { name } level }
    openAlerts: alerts(status: [OPEN], first: 5) { totalCount nodes { rule severity message } } team { user { name } teamRole } } } } }";
const SPONSORS: &str = "query($after: String) { accounts(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { primarySponsor { contact { id } } } } }";
const DEPARTURE: &str =
    "mutation($contact: ID!, $on: Date!) { recordOrgChange(input: {kind: DEPARTURE, contactId: $contact,
    observedOn: $on, source: MANUAL, summary: \"Left\"}) { alert { severity } escalatedTo } }";

/// The ids of the accounts' primary sponsors.
fn sponsors(client: &mut Client, wanted: usize) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = client.ask(&json!({ "query": SPONSORS, "variables": { "after": after } }));
        let page = &page["data"]["accounts"];
        found.extend(page["nodes"].as_array().unwrap().iter().map(|node| {
            node["primarySponsor"]["contact"]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        }));
        if page["pageInfo"]["hasNextPage"] != Value::Bool(true) {
            assert_eq!(found.len(), wanted);
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// One connection that stays open.
struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Client {
    fn new(port: u16, token: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            token: token.to_owned(),
        }
    }

    fn ask(&mut self, body: &Value) -> Value {
        let body = body.to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer
    }
}

/// The process that serves and works.
struct Serving(Child);

impl Serving {
    fn start(place: &Path, url: &str, port: u16, smtp: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args([
                "serve",
                "--worker",
                "--database-url",
                url,
                "--bind",
                &format!("127.0.0.1:{port}"),
                "--smtp-url",
                smtp,
            ])
            .args(["--mail-from", "Rapport <rapport@vendor.example>"])
            .current_dir(place)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(place.join("serve.log")).unwrap())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_ready(port: u16) {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < PATIENCE, "it does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Accounts with sponsors who were in contact lately, and a team each.
fn write_book(folder: &Path, accounts: usize) {
    let now = Clock::system().now();
    let mut users = file(folder, "users.csv", "email,name,role");
    writeln!(users, "{ADMIN},Admin,admin").unwrap();
    let mut book = file(
        folder,
        "accounts.csv",
        "external_id,name,tier,arr,currency,renewal_date",
    );
    let mut teams = file(folder, "teams.csv", "account_external_id,user_email");
    let mut contacts = file(
        folder,
        "contacts.csv",
        "account_external_id,external_id,name,seniority",
    );
    let mut sponsorships = file(
        folder,
        "sponsorships.csv",
        "account_external_id,contact_external_id,since,rank",
    );
    let mut interactions = file(
        folder,
        "interactions.csv",
        "account_external_id,external_id,kind,direction,status,occurred_at,participants",
    );
    for account in 0..accounts {
        let renewal = (now + chrono::Days::new(60)).date_naive();
        writeln!(
            book,
            "A{account},Account {account},enterprise,90000,EUR,{renewal}"
        )
        .unwrap();
        for member in 0..TEAM {
            writeln!(
                users,
                "m{member}.a{account}@vendor.example,Member {member} of {account},csm"
            )
            .unwrap();
            writeln!(teams, "A{account},m{member}.a{account}@vendor.example").unwrap();
        }
        for contact in 0..6 {
            writeln!(contacts, "A{account},C{contact},Contact {contact},vp").unwrap();
        }
        writeln!(
            sponsorships,
            "A{account},C0,2025-01-01,primary\nA{account},C1,2025-09-01,backup"
        )
        .unwrap();
        for week in 0..30 {
            let at = (now - chrono::Days::new(2 + 7 * week)).format("%Y-%m-%dT10:00:00Z");
            writeln!(
                interactions,
                "A{account},I{week},meeting,outbound,completed,{at},C{}:attended;C{}:attended",
                week % 2,
                week % 5
            )
            .unwrap();
        }
    }
}

fn file(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::new(File::create(folder.join(name)).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}
