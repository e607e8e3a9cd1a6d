//! SIGTERM and SIGINT end everything cleanly, and in time.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use engagement::policy::Policy;
use service::clock::Clock;
use service::db::Db;
use service::job::job_batch::{self, Progress};
use service::job::job_run::{self, JobRun, RunOutcome};
use service::record::installation;

use crate::process::{Place, Running, free_port, wait_ready};

fn stops_in_time(running: Running, signal: &str) {
    running.signal(signal);
    let asked = Instant::now();
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        asked.elapsed()
    );
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

/// Four batches a day, of eight days.
const ACCOUNTS: u64 = 2_000;

/// A book whose last night is owed.
async fn owe_a_night(place: &Place) -> Db {
    use std::fmt::Write as _;
    let mut accounts = "external_id,name,tier\n".to_owned();
    (0..ACCOUNTS).for_each(|n| writeln!(accounts, "a{n},Account {n},smb").unwrap());
    std::fs::create_dir(place.path().join("import")).unwrap();
    place.write("import/accounts.csv", &accounts);
    place.run("import import").good();
    let db = Db::connect(&format!("sqlite://{}", place.path().join("rapport.db").display()))
        .await
        .unwrap();
    let two_days_ago = Clock::system().now() - TimeDelta::days(2);
    installation::agree(&db, &Policy::default(), chrono_tz::Tz::UTC, false, two_days_ago)
        .await
        .unwrap();
    db
}

/// Waits for the night's run to come to a state.
async fn until(db: &Db, wanted: impl Fn(&JobRun, &Progress) -> bool) -> (JobRun, Progress) {
    let started = Instant::now();
    loop {
        if let Some(run) = job_run::latest(db, "recompute", 1).await.unwrap().pop() {
            let progress = job_batch::progress(db, run.id).await.unwrap();
            if wanted(&run, &progress) {
                return (run, progress);
            }
        }
        assert!(started.elapsed() < Duration::from_mins(3), "in vain");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn a_worker_in_the_middle_of_a_night_hands_back_what_it_had() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let place = Place::new();
        let db = owe_a_night(&place).await;
        let first = Running::start(place.command("worker"));
        until(&db, |_, progress| progress.done >= 1 && progress.claimed == 1).await;
        stops_in_time(first, "-TERM");
        let (run, left) = until(&db, |_, _| true).await;
        assert_eq!(
            (run.outcome, left.claimed),
            (RunOutcome::Running, 0),
            "nothing is kept: {left:?}"
        );
        assert!(left.done >= 1 && left.free >= 1, "{left:?}");
        // The next one goes on at once, without waiting for a lease.
        let second = Running::start(place.command("worker"));
        let started = Instant::now();
        let (run, _) = until(&db, |run, _| run.outcome != RunOutcome::Running).await;
        println!(
            "{} batches were left, done after {:?}",
            left.free,
            started.elapsed()
        );
        assert_eq!(
            (run.outcome, run.counts["accounts"]),
            (RunOutcome::Done, 8 * ACCOUNTS)
        );
        assert_eq!(job_run::latest(&db, "recompute", 9).await.unwrap().len(), 1);
        stops_in_time(second, "-TERM");
        db.close().await.unwrap();
    });
}
