//! A database that freezes: connections stay open and nothing comes through. Whoever asks is answered in bounded time; and once
//! the database answers again, so does everything else within fifteen seconds, although the connections that there were are
//! dead for ever.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engagement::vocabulary::MessageStatus;
use harness::Cluster;
use harness::mail::{message, of_alert, plant};
use harness::proxy::Proxy;
use serde_json::json;
use service::clock::Clock;
use service::db::Db;
use service::outbox::{self, ListFilter};

use crate::process::{Place, Running, free_port, get, graphql, wait_ready, wait_until};

/// How long the database is away: long enough for every statement that was under way to be given up or not.
const FROZEN: Duration = Duration::from_secs(25);
/// Within what everything has to be as before.
const RECOVERY: Duration = Duration::from_secs(15);
/// No answer may take longer.
const BOUND: Duration = Duration::from_secs(14);

#[test]
fn everything_recovers_from_connections_that_are_dead() {
    freeze(Proxy::thaw_for_new_ones);
}

#[test]
fn everything_recovers_from_connections_that_were_held_up() {
    freeze(Proxy::thaw);
}

fn freeze(thaw: impl Fn(&Proxy)) {
    let Some(cluster) = Cluster::start() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (proxy, url) = cluster.behind_proxy();
    let (place, port) = (Place::new(), free_port());
    let flags = format!("--database-url {url}");
    let token = place
        .run(&format!("init --admin ann@x.example {flags}"))
        .good()
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    let told: Vec<_> = (0..6).map(|n| format!("mail{n}@x.example")).collect();
    let serve = format!(
        "serve --worker --bind 127.0.0.1:{port} --outbox-dir mail --escalation-to {} {flags}",
        told.join(",")
    );
    let mut running = Running::start_logging_to(place.command(&serve), &log_file(place.path()));
    wait_ready(&mut running, port);
    runtime.block_on(queue(&cluster, "before"));
    wait_until("mail is sent", Duration::from_mins(1), || {
        runtime.block_on(sent(&cluster)) == 3
    });

    // People who go on asking, whatever comes: their statements are under way when it freezes.
    let stop = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..12)
        .map(|n| {
            let (stop, token) = (Arc::clone(&stop), token.clone());
            std::thread::spawn(move || {
                let mut slowest = Duration::ZERO;
                while !stop.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let _ = if n % 2 == 0 {
                        read(port, &token)
                    } else {
                        write(port, &token, n)
                    };
                    slowest = slowest.max(asked.elapsed());
                }
                slowest
            })
        })
        .collect();
    wait_until("they are answered", Duration::from_mins(1), || {
        read(port, &token).is_ok() && write(port, &token, 99).is_ok()
    });

    proxy.freeze();
    let frozen_at = Instant::now();
    let asked = Instant::now();
    let failed = read(port, &token).expect_err("nothing can be read");
    println!(
        "while it is frozen, a read fails after {:?}: {failed}",
        asked.elapsed()
    );
    assert!(failed.contains("\"code\""), "{failed}");
    let asked = Instant::now();
    let ready = get(port, "/readyz").expect("an answer");
    println!(
        "while it is frozen, readiness answers after {:?}",
        asked.elapsed()
    );
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(
        get(port, "/healthz")
            .expect("an answer")
            .starts_with("HTTP/1.1 200"),
        "the process is there all the same"
    );
    runtime.block_on(queue(&cluster, "frozen"));
    while frozen_at.elapsed() < FROZEN {
        std::thread::sleep(Duration::from_millis(100));
    }

    thaw(&proxy);
    let thawed_at = Instant::now();
    let left = || RECOVERY.saturating_sub(thawed_at.elapsed());
    wait_until("it is ready", left(), || {
        get(port, "/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
    });
    wait_until("it can be read", left(), || read(port, &token).is_ok());
    wait_until("it can be written", left(), || write(port, &token, 100).is_ok());
    wait_until("what was queued meanwhile is sent", left(), || {
        runtime.block_on(sent(&cluster)) == 6
    });
    println!("everything is as before {:?} after the thaw", thawed_at.elapsed());
    stop.store(true, Ordering::Relaxed);
    let slowest = asking.into_iter().map(|asking| asking.join().unwrap()).max();
    assert!(
        slowest.is_some_and(|slowest| slowest < BOUND),
        "somebody waited {slowest:?}"
    );
    // None of the dead is counted as lent.
    wait_until("no connection is missing", Duration::from_mins(1), || {
        let text = get(port, "/metrics").unwrap_or_default();
        // Whoever asks for this has a connection of health's.
        let of_others = |line: &&str| {
            line.starts_with("rapport_database_connections{")
                && line.contains("in_use")
                && !line.contains("health")
        };
        text.contains("api_write") && text.lines().filter(of_others).all(|line| line.ends_with(" 0.0"))
    });
    assert!(!running.has_ended());
    running.signal("-TERM");
    assert_eq!(running.end().code, Some(0));
}

fn log_file(folder: &Path) -> std::path::PathBuf {
    folder.join("log")
}

fn read(port: u16, token: &str) -> Result<(), String> {
    let (status, answer) =
        graphql(port, token, "{ accounts(first: 1) { totalCount } }", &json!({})).ok_or("no answer")?;
    if answer["data"]["accounts"]["totalCount"].is_number() {
        Ok(())
    } else {
        Err(format!("{status}: {answer}"))
    }
}

fn write(port: u16, token: &str, who: i32) -> Result<(), String> {
    let query = "mutation($id: String!) { upsertAccounts(input: {rows: [{externalId: $id, name: \"A\", tier: SMB}]}) { rejected } }";
    let (status, answer) =
        graphql(port, token, query, &json!({ "id": format!("w{who}") })).ok_or("no answer")?;
    if answer["data"]["upsertAccounts"]["rejected"] == 0 {
        Ok(())
    } else {
        Err(format!("{status}: {answer}"))
    }
}

/// Queues three messages, past the proxy.
async fn queue(cluster: &Cluster, name: &str) {
    let db = Db::connect(&cluster.blank_url()).await.unwrap();
    let now = Clock::system().now();
    plant(&db, now).await;
    let first = if name == "before" { 0 } else { 3 };
    let messages: Vec<_> = (first..first + 3)
        .map(|n| {
            message(
                &format!("{name} {n}"),
                &format!("mail{n}@x.example"),
                of_alert(),
                now,
            )
        })
        .collect();
    db.write_tx(async |tx| outbox::enqueue(tx, now, messages.clone()).await)
        .await
        .unwrap();
    db.close().await.unwrap();
}

async fn sent(cluster: &Cluster) -> u64 {
    let db = Db::connect(&cluster.blank_url()).await.unwrap();
    let filter = ListFilter {
        status: Some(MessageStatus::Sent),
        kind: None,
    };
    let sent = outbox::list(&db, filter, 0).await.unwrap().1;
    db.close().await.unwrap();
    sent
}
