//! Workers whose clocks are wrong: what several of them share is counted by the database's clock, so each message goes once and
//! each slot is run once, when its time has come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engagement::id::MessageId;
use rapport_tests::smtp::{Answer, SmtpServer, Verb};
use rapport_tests::{Kind, TestDb, run};
use service::clock::Clock;
use service::db::Db;
use service::job::job_run;
use service::outbox::{LEASE, Lane, NewMessage, claim, enqueue};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use worker::jobs::find;
use worker::mail::{Limits, Pace, Smtp, Transport, deliver};
use worker::{Context, Ran, run_if_due, run_now};

use crate::digests;
use crate::import_stage::{number, texts};
use crate::mail_stage::{context, mail_by, message, new, of_alert, queue_to};

const PATIENCE: Duration = Duration::from_mins(2);
/// As often as this each worker has to have asked the database while the messages are held.
const STATEMENTS: u64 = 40;

/// A worker with a connection and a clock of its own.
async fn worker(db: &TestDb, name: &str, clock: DateTime<Utc>) -> Context {
    Context {
        db: Db::connect(&db.url).await.unwrap(),
        clock: Clock::fixed(clock),
        ..context(db, name)
    }
}

/// The database's time.
async fn database_time(db: &TestDb) -> DateTime<Utc> {
    service::db::shared_clock::shared_now(db.read(), db.clock.now())
        .await
        .unwrap()
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
        server.script(move |moment| {
            if moment.verb == Verb::Message {
                Answer::Hold(hold.clone())
            } else {
                Answer::Accept
            }
        });
        let limits = Limits {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(20),
            message: Duration::from_secs(20),
            whole: Duration::from_secs(20),
        };
        let often = Duration::from_millis(5);
        let mail = || {
            let mail = mail_by(Transport::Smtp(Box::new(
                Smtp::new(server.url().parse().unwrap(), limits).unwrap(),
            )));
            worker::mail::Mail {
                pace: Pace {
                    poll: often,
                    slow_poll: often,
                    ..mail.pace
                },
                ..mail
            }
        };
        let stop = CancellationToken::new();
        let workers = [
            worker(db, "ahead", now + TimeDelta::seconds(90)).await,
            worker(db, "behind", now - TimeDelta::seconds(90)).await,
        ];
        let delivering = workers
            .clone()
            .map(|context| tokio::spawn(deliver(context, mail(), stop.clone())));
        // Both look again and again while the server has not answered, and there are places to send what they find.
        for context in &workers {
            until("the workers look", async || context.db.statements() > STATEMENTS).await;
        }
        permits.add_permits(10_000);
        until("everything is sent", async || {
            number(db, "SELECT count(*) FROM outbox WHERE status <> 'SENT'").await == 0
        })
        .await;
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
        assert_eq!(
            texts(db, "SELECT DISTINCT CAST(attempts AS text) FROM outbox").await,
            ["1"]
        );
        for context in workers {
            context.db.close().await.unwrap();
        }
    });
}

/// Noon, by the database's clock.
const NOON: &str = "2026-06-17T12:00:00Z";

#[test]
fn a_slot_is_run_when_it_has_come_by_the_databases_clock_and_by_one() {
    run(Kind::Postgres, async |db| {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        let job = find("guardrails").unwrap();
        let since = noon - TimeDelta::minutes(30);
        let early = noon - TimeDelta::seconds(30);
        db.keep_time(early).await;
        let ahead = Context {
            installed_at: since,
            ..worker(db, "ahead", early + TimeDelta::seconds(90)).await
        };
        let behind = Context {
            installed_at: since,
            ..worker(db, "behind", early - TimeDelta::seconds(90)).await
        };
        let stop = CancellationToken::new();
        assert_eq!(
            run_if_due(job, &ahead, &stop).await.unwrap(),
            Ran::Nothing,
            "it is not noon yet"
        );
        db.keep_time(noon).await;
        assert!(
            matches!(run_if_due(job, &behind, &stop).await.unwrap(), Ran::Done(_)),
            "it is noon"
        );
        assert_eq!(
            run_if_due(job, &ahead, &stop).await.unwrap(),
            Ran::Nothing,
            "once"
        );
        let row = job_run::latest(db, "guardrails", 9).await.unwrap().remove(0);
        assert_eq!(
            (row.slot_at, row.started_at, row.finished_at),
            (noon, noon, Some(noon))
        );
        assert_eq!(
            texts(db, "SELECT CAST(clock_ahead AS text) FROM job_run").await,
            ["-120000000"],
            "and the ledger says whose clock was wrong"
        );
        for context in [ahead, behind] {
            context.db.close().await.unwrap();
        }
    });
}

#[test]
fn what_a_worker_has_is_its_own_until_the_databases_clock_says_otherwise() {
    run(Kind::Postgres, async |db| {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        let (ahead, behind) = (noon + TimeDelta::seconds(90), noon - TimeDelta::seconds(90));
        db.keep_time(noon).await;
        let first = job_run::claim(db, "j", noon, "ahead", ahead)
            .await
            .unwrap()
            .expect("it is free");
        assert_eq!(
            job_run::claim(db, "j", noon, "behind", behind).await.unwrap(),
            None
        );
        let id = queue_to(db, &["ada@x.example"]).await[0];
        let row = claim(db, Lane::Ordinary, "behind", 9, behind)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            (row.id, row.leased_until, row.shared(behind)),
            (id, noon + LEASE, noon)
        );
        assert_eq!(claim(db, Lane::Ordinary, "ahead", 9, ahead).await.unwrap(), []);
        // A lease is renewed from the database's time, and over by it.
        db.keep_time(noon + TimeDelta::seconds(40)).await;
        assert!(job_run::renew(db, first, ahead).await.unwrap());
        db.keep_time(noon + TimeDelta::seconds(99)).await;
        assert_eq!(
            job_run::claim(db, "j", noon, "behind", behind).await.unwrap(),
            None
        );
        assert_eq!(
            claim(db, Lane::Ordinary, "behind", 9, behind)
                .await
                .unwrap()
                .len(),
            1,
            "nobody renewed that one"
        );
        db.keep_time(noon + TimeDelta::seconds(100)).await;
        assert!(
            job_run::claim(db, "j", noon, "behind", behind)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            !job_run::renew(db, first, ahead).await.unwrap(),
            "it has been taken over"
        );
        // What is put off waits by the database's clock, and so does what is queued.
        let now = noon + TimeDelta::seconds(100);
        assert_eq!(message(db, queue_at(db, ahead).await).await.queued_at, now);
        assert_eq!(message(db, queue_at(db, behind).await).await.due_at, now);
    });
}

/// A message to be sent at once, queued by a clock.
async fn queue_at(db: &TestDb, now: DateTime<Utc>) -> MessageId {
    let messages = vec![NewMessage {
        due_at: None,
        ..new(&format!("{now}"), "ada@x.example", of_alert(), now)
    }];
    db.write_tx(async |tx| enqueue(tx, now, messages.clone()).await)
        .await
        .unwrap()[0]
        .id
}

#[test]
fn an_instant_that_a_message_waits_for_is_that_instant_whatever_clock_queues_it() {
    run(Kind::Postgres, async |db| {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        db.keep_time(noon).await;
        let due = noon + TimeDelta::hours(1);
        for own in [noon - TimeDelta::hours(2), noon, noon + TimeDelta::hours(2)] {
            let messages = vec![new(&format!("{own}"), "ada@x.example", of_alert(), due)];
            rapport_tests::mail::plant(db, noon).await;
            let queued = db
                .write_tx(async |tx| enqueue(tx, own, messages.clone()).await)
                .await
                .unwrap();
            let row = message(db, queued[0].id).await;
            assert_eq!((row.queued_at, row.due_at), (noon, due), "queued at {own}");
        }
    });
}

#[test]
fn a_digest_is_made_when_its_hour_has_come_by_the_databases_clock() {
    run(Kind::Postgres, async |db| {
        let settings = digests::stage(db).await;
        // In Berlin, where everybody is, it is seven; by the worker's clock it is nine.
        let seven: DateTime<Utc> = "2026-06-15T05:00:00Z".parse().unwrap();
        let ahead = Context {
            installed_at: settings.installed_at,
            ..worker(db, "ahead", seven + TimeDelta::hours(2)).await
        };
        let (job, stop) = (find("queue_digests").unwrap(), CancellationToken::new());
        db.keep_time(seven).await;
        let ran = run_now(job, &ahead, &stop).await.unwrap();
        assert!(matches!(ran, Ran::Done(_)), "{ran:?}");
        assert_eq!(
            number(db, "SELECT count(*) FROM outbox").await,
            0,
            "nobody's hour has come"
        );
        db.keep_time(seven + TimeDelta::hours(1)).await;
        run_now(
            job,
            &Context {
                clock: Clock::fixed(seven),
                ..ahead.clone()
            },
            &stop,
        )
        .await
        .unwrap();
        assert!(
            number(db, "SELECT count(*) FROM outbox").await > 0,
            "now it has, also for a worker that is behind"
        );
        ahead.db.close().await.unwrap();
    });
}

#[test]
fn a_worker_a_year_ahead_throws_nothing_away() {
    run(Kind::Postgres, async |db| {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        let (ahead, stop) = (
            worker(db, "ahead", noon + TimeDelta::days(366)).await,
            CancellationToken::new(),
        );
        for minute in 0..2 {
            db.keep_time(noon + TimeDelta::minutes(minute)).await;
            run_now(find("guardrails").unwrap(), &ahead, &stop).await.unwrap();
        }
        let runs = "SELECT count(*) FROM job_run WHERE job = 'guardrails'";
        assert_eq!(number(db, runs).await, 2);
        let ran = run_now(find("prune").unwrap(), &ahead, &stop).await.unwrap();
        assert!(matches!(ran, Ran::Done(_)), "{ran:?}");
        assert_eq!(number(db, runs).await, 2);
        // In a year they go.
        db.keep_time(noon + TimeDelta::days(366)).await;
        run_now(find("prune").unwrap(), &ahead, &stop).await.unwrap();
        assert_eq!(number(db, runs).await, 1);
        ahead.db.close().await.unwrap();
    });
}
