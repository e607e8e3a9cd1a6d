//! Workers whose clocks are wrong: what several of them share is counted by the database's clock, so each message goes once and
//! each slot is run once, and the one that is wrong says so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use rapport_tests::{Kind, TestDb, run};
use service::clock::Clock;
use service::db::Db;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use worker::Context;
use worker::mail::{Limits, Pace, Smtp, Transport, deliver};

use crate::import_stage::{number, texts};
use crate::mail_stage::{context, mail_by, queue_to};

const PATIENCE: Duration = Duration::from_mins(2);
/// As often as this each worker has to have asked the database while the messages are held.
const STATEMENTS: u64 = 40;

/// A worker with a connection and a clock of its own.
async fn worker(db: &TestDb, name: &str, clock: DateTime<Utc>) -> Context {
    Context { db: Db::connect(&db.url).await.unwrap(), clock: Clock::fixed(clock), ..context(db, name) }
}

/// The database's time.
async fn database_time(db: &TestDb) -> DateTime<Utc> {
    service::shared_clock::shared_now(db.read(), db.clock.now()).await.unwrap()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}

#[test]
fn two_workers_one_ahead_and_one_behind_send_each_message_once() {
    run(Kind::Postgres, async |db| {
        db.keep_own_time().await;
        let now = database_time(db).await;
        // Also the one that is behind thinks that they are due.
        db.clock.set(now - TimeDelta::minutes(5));
        let addresses: Vec<String> = (0..40).map(|n| format!("u{n}@x.example")).collect();
        queue_to(db, &addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let server = SmtpServer::start();
        let permits = Arc::new(Semaphore::new(0));
        let hold = permits.clone();
        server.script(move |moment| if moment.verb == Verb::Message { Answer::Hold(hold.clone()) } else { Answer::Accept });
        let limits = Limits {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(20),
            message: Duration::from_secs(20),
            whole: Duration::from_secs(20),
        };
        let often = Duration::from_millis(5);
        let mail = || {
            let mail = mail_by(Transport::Smtp(Box::new(Smtp::new(server.url().parse().unwrap(), limits).unwrap())));
            worker::mail::Mail { pace: Pace { poll: often, slow_poll: often, ..mail.pace }, ..mail }
        };
        let stop = CancellationToken::new();
        let workers = [worker(db, "ahead", now + TimeDelta::seconds(90)).await, worker(db, "behind", now - TimeDelta::seconds(90)).await];
        let delivering = workers.clone().map(|context| tokio::spawn(deliver(context, mail(), stop.clone())));
        // Both look again and again while the server has not answered, and there are places to send what they find.
        for context in &workers {
            until("the workers look", async || context.db.statements() > STATEMENTS).await;
        }
        permits.add_permits(10_000);
        until("everything is sent", async || number(db, "SELECT count(*) FROM outbox WHERE status <> 'SENT'").await == 0).await;
        stop.cancel();
        let mut sent = 0;
        for one in delivering {
            sent += one.await.unwrap().sent;
        }
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for received in server.accepted() {
            *copies.entry(received.to).or_default() += 1;
        }
        let all: usize = copies.values().sum();
        assert_eq!((copies.len(), all), (40, 40), "messages, and copies of them");
        assert_eq!(sent, 40);
        assert_eq!(texts(db, "SELECT DISTINCT CAST(attempts AS text) FROM outbox").await, ["1"]);
        for context in workers {
            context.db.close().await.unwrap();
        }
    });
}
