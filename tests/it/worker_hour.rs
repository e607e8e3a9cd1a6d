//! All jobs, as several processes run them, through an hour and through every trick of a clock: each slot once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rapport_tests::TestDb;
use service::db::Db;
use service::job::job_run::{self, RunOutcome};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::jobs::JOBS;
use worker::{Context, Ran, run_if_due};

use crate::import_stage::import_texts;
use crate::mail_stage;

/// 01:30 in Berlin: the hour holds the night's slot at 02:00.
const BEGIN: &str = "2026-06-17T23:30:00Z";
const ACCOUNTS: &str = "external_id,name,tier\nacme,Acme,smb\nbolt,Bolt,smb\ncato,Cato,smb\n";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Workers with connections of their own, as other processes have them.
async fn workers(db: &TestDb, names: &[&str]) -> Vec<Context> {
    db.clock.set(instant(BEGIN));
    let mut workers = Vec::new();
    for name in names {
        workers.push(Context {
            db: Db::connect(&db.url).await.unwrap(),
            ..mail_stage::context(db, name)
        });
    }
    workers
}

/// A tick: every worker looks at every job, all at once. What each found.
async fn tick(workers: &[Context]) -> Vec<(&'static str, Ran)> {
    let mut looking = JoinSet::new();
    for worker in workers {
        for job in &JOBS {
            let worker = worker.clone();
            looking.spawn(async move {
                (
                    job.name,
                    run_if_due(job, &worker, &CancellationToken::new()).await.unwrap(),
                )
            });
        }
    }
    looking.join_all().await
}

async fn ticks(db: &TestDb, workers: &[Context], until: &str, every: TimeDelta) {
    while db.clock.now() < instant(until) {
        db.clock.advance(every);
        for (job, ran) in tick(workers).await {
            assert!(
                matches!(ran, Ran::Nothing | Ran::Done(_) | Ran::Shared),
                "{job} at {}: {ran:?}",
                db.clock.now()
            );
        }
    }
}

/// The slots of each job that were run, each once and through.
async fn slots(db: &TestDb) -> BTreeMap<&'static str, Vec<String>> {
    let mut slots = BTreeMap::new();
    for job in &JOBS {
        let mut runs = job_run::latest(db, job.name, 1_000).await.unwrap();
        assert!(
            runs.iter()
                .all(|run| run.outcome == RunOutcome::Done && run.attempts == 1),
            "{runs:?}"
        );
        runs.sort_by_key(|run| run.slot_at);
        slots.insert(
            job.name,
            runs.iter()
                .map(|run| run.slot_at.format("%d %H:%M").to_string())
                .collect(),
        );
    }
    slots
}

async fn close(workers: Vec<Context>) {
    for worker in workers {
        worker.db.close().await.unwrap();
    }
}

rapport_tests::on_both_databases! {
    async fn three_workers_for_an_hour_run_each_slot_once(db: TestDb) {
        let workers = workers(db, &["one", "two", "three"]).await;
        import_texts(db, &[("accounts.csv", ACCOUNTS)]).await;
        ticks(db, &workers, "2026-06-17T23:47:10Z", TimeDelta::seconds(30)).await;
        import_texts(db, &[("accounts.csv", "external_id,name,tier\nacme,Acme Inc,smb\n")]).await;
        ticks(db, &workers, "2026-06-18T00:30:00Z", TimeDelta::seconds(30)).await;
        let slots = slots(db).await;
        assert_eq!(slots["recompute"], ["18 00:00"]);
        assert_eq!(slots["guardrails"], ["18 00:00"]);
        assert_eq!(slots["queue_digests"], ["17 23:45", "18 00:00", "18 00:15", "18 00:30"]);
        assert!(slots["prune"].is_empty(), "at three: {slots:?}");
        assert_eq!(slots["recompute_touched"], ["17 23:31", "17 23:48"], "only when there is work, and within a minute");
        close(workers).await;
    }

    async fn a_clock_that_jumps_an_hour_either_way_runs_nothing_twice(db: TestDb) {
        let workers = workers(db, &["one", "two"]).await;
        ticks(db, &workers, "2026-06-17T23:50:00Z", TimeDelta::minutes(1)).await;
        // An hour ahead, over the night's slot; fifteen minutes of it; back, and through it all again.
        db.clock.set(instant("2026-06-18T00:50:00Z"));
        ticks(db, &workers, "2026-06-18T01:05:00Z", TimeDelta::minutes(1)).await;
        let ahead = slots(db).await;
        assert_eq!(ahead["recompute"], ["18 00:00"]);
        assert_eq!(ahead["prune"], ["18 01:00"]);
        assert_eq!(ahead["guardrails"], ["18 00:00", "18 01:00"]);
        assert_eq!(ahead["queue_digests"], ["17 23:45", "18 00:45", "18 01:00"], "of several that were jumped over, the latest");
        db.clock.set(instant("2026-06-17T23:50:00Z"));
        ticks(db, &workers, "2026-06-18T01:05:00Z", TimeDelta::minutes(1)).await;
        let mut again = slots(db).await;
        let digests = again.insert("queue_digests", ahead["queue_digests"].clone());
        assert_eq!(again, ahead, "what has run does not run again");
        assert_eq!(
            digests.unwrap_or_default(),
            ["17 23:45", "18 00:00", "18 00:15", "18 00:30", "18 00:45", "18 01:00"],
            "nobody waits for the clock to catch up: what was jumped over comes in its time"
        );
        ticks(db, &workers, "2026-06-18T01:15:00Z", TimeDelta::minutes(1)).await;
        assert_eq!(slots(db).await["queue_digests"].last().map(String::as_str), Some("18 01:15"), "then it goes on");
        close(workers).await;
    }

    async fn what_was_due_while_all_were_down_is_made_up_for_on_return(db: TestDb) {
        let workers = workers(db, &["one", "two"]).await;
        import_texts(db, &[("accounts.csv", ACCOUNTS)]).await;
        ticks(db, &workers, "2026-06-17T23:40:00Z", TimeDelta::minutes(1)).await;
        // Down over the night, until nine in the morning; then over four days, until noon.
        for (back, until) in [("2026-06-18T07:00:30Z", "2026-06-18T07:01:30Z"), ("2026-06-22T10:20:00Z", "2026-06-22T10:21:00Z")] {
            db.clock.set(instant(back));
            ticks(db, &workers, until, TimeDelta::seconds(30)).await;
        }
        let slots = slots(db).await;
        assert_eq!(slots["recompute"], ["18 00:00", "22 00:00"], "the latest; it fills the days between");
        assert_eq!(slots["prune"], ["18 01:00", "22 01:00"]);
        assert_eq!(slots["guardrails"], ["18 07:00", "22 10:00"]);
        assert_eq!(slots["queue_digests"], ["18 07:00", "22 10:15"]);
        let days = crate::import_stage::number(db, "SELECT count(DISTINCT day) FROM assessment").await;
        assert_eq!(days, 12, "from seven days before the first night to the last day, none missing");
        close(workers).await;
    }
}
