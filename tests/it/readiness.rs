//! `/readyz` and a worker that is stuck: found although its database is well, named, and forgotten once it goes on. No test
//! waits for hours: what is stuck is asked as of an instant that is hours away.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use service::job::job_run;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use worker::mail::deliver_due;
use worker::{Context, Job, Outcome, Pulse, Stuck, Work, run_now};

use crate::graphql_server::monitor;
use crate::mail_stage::{context, mail_by, queue_to};

const WAITS: Job = Job {
    name: "waits",
    pattern: "0 * * * *",
    clockwork: engagement::schedule::Clockwork::Utc,
    catch_up: TimeDelta::hours(1),
    reason: "a test",
    wanted: None,
    work: Work::Whole(|_, stop| {
        Box::pin(async move {
            stop.cancelled().await;
            Ok(Outcome::Stopped)
        })
    }),
};

fn hence(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// One GET on a fresh connection.
async fn get(address: &str, path: &str) -> String {
    let mut socket = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket
        .write_all(request.as_bytes())
        .await
        .expect("it takes requests");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("it answers");
    answer
}

rapport_tests::on_both_databases! {
    async fn whoever_asks_is_told_what_is_stuck(db: TestDb) {
        let pulse = Pulse::default();
        let watched = pulse.clone();
        let monitor = monitor(db).with_check(Arc::new(move || watched.stuck().iter().map(ToString::to_string).collect()));
        let listener = api::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(api::serve_health(listener, monitor, stop.clone().cancelled_owned()));
        let ready = get(&address, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200") && ready.ends_with(r#"{"status":"ready"}"#), "{ready}");
        // It may take no time at all, so it takes too long.
        let hangs = pulse.begin("recompute", Duration::ZERO);
        let stuck = get(&address, "/readyz").await;
        assert!(stuck.starts_with("HTTP/1.1 503") && stuck.contains("what the worker began for recompute has made no end for 0 s"), "{stuck}");
        assert!(get(&address, "/healthz").await.starts_with("HTTP/1.1 200"), "the process is there all the same");
        drop(hangs);
        assert!(get(&address, "/readyz").await.starts_with("HTTP/1.1 200"));
        stop.cancel();
        serving.await.unwrap().unwrap();
    }

    async fn a_run_that_hangs_is_stuck_after_an_hour(db: TestDb) {
        let (pulse, stop) = (Pulse::default(), CancellationToken::new());
        let context = Context { pulse: pulse.clone(), ..context(db, "one") };
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { run_now(&WAITS, &context, &stop).await }
        });
        while job_run::latest(db, "waits", 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        // The claim is over first, and the run begins a moment after it.
        while !pulse.stuck_at(hence(125)).is_empty() || pulse.stuck_at(hence(3700)).is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(pulse.stuck_at(hence(3500)), []);
        let found = pulse.stuck_at(hence(3700));
        assert!(matches!(found[..], [Stuck::Overdue("waits", age)] if age.as_secs() >= 3600), "{found:?}");
        stop.cancel();
        running.await.unwrap().unwrap();
        assert_eq!(pulse.stuck_at(hence(3700)), []);
    }

    async fn a_delivery_that_hangs_is_stuck_after_three_minutes(db: TestDb) {
        let server = SmtpServer::start();
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        server.script(move |moment| if moment.verb == Verb::Message { Answer::Hold(hold.clone()) } else { Answer::Accept });
        queue_to(db, &["a@x.example"]).await;
        let pulse = Pulse::default();
        let context = Context { pulse: pulse.clone(), ..context(db, "one") };
        let smtp = worker::mail::Smtp::new(server.url().parse().unwrap(), worker::mail::Limits::default()).unwrap();
        let mail = mail_by(worker::mail::Transport::Smtp(Box::new(smtp)));
        let delivering = tokio::spawn(async move { deliver_due(&context, &mail).await });
        server.wait_for(1).await;
        assert_eq!(pulse.stuck_at(hence(100)), []);
        let found = pulse.stuck_at(hence(200));
        assert!(matches!(found[..], [Stuck::Overdue("deliver", _)]), "{found:?}");
        permits.add_permits(1);
        assert_eq!(delivering.await.unwrap().sent, 1);
        assert_eq!(pulse.stuck_at(hence(200)), []);
    }
}
