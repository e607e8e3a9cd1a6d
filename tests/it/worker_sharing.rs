//! Runs that several workers share: every batch once, whoever is killed, stopped, late or not up to it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rapport_tests::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use service::access::Access;
use service::db::Db;
use service::job::job_batch::{self, Begun, Coverage, Settled};
use service::job::job_run::{self, LEASE, RunCounts, RunOutcome};
use service::job::recompute::{Portion, Which, recompute_portion};
use service::scoring::touched;
use tokio_util::sync::CancellationToken;
use worker::jobs::find;
use worker::{Context, Ran, run_if_due};

use crate::import_stage::{import_texts, number};
use crate::mail_stage;

/// 02:00 in Berlin, in summer.
const NIGHT: &str = "2026-06-18T00:00:00Z";
/// Enough for three batches a day.
const ACCOUNTS: u64 = 1_203;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A worker with a connection of its own, as another process has it.
async fn worker(db: &TestDb, name: &str) -> Context {
    let installed_at = instant("2026-06-17T12:00:00Z");
    Context {
        db: Db::connect(&db.url).await.unwrap(),
        installed_at,
        ..mail_stage::context(db, name)
    }
}

async fn look(name: &str, context: &Context) -> Ran {
    run_if_due(find(name).expect("a job"), context, &CancellationToken::new())
        .await
        .unwrap()
}

async fn book(db: &TestDb, accounts: u64) {
    use std::fmt::Write as _;
    let mut text = "external_id,name,tier\n".to_owned();
    for n in 0..accounts {
        writeln!(text, "a{n},Account {n},smb").unwrap();
    }
    import_texts(db, &[("accounts.csv", &text)]).await;
}

async fn execute(db: &TestDb, statement: &str) {
    db.write_tx(async |tx| {
        tx.execute_raw(Statement::from_string(tx.get_database_backend(), statement))
            .await
            .unwrap();
        Ok(())
    })
    .await
    .unwrap();
}

/// A run with one day in it, begun and not worked on.
async fn begun(db: &TestDb, accounts: u64) {
    book(db, accounts).await;
    db.clock.set(instant(NIGHT));
    let coverage = [Coverage {
        day: "2026-06-18".parse().unwrap(),
        which: Which::All,
    }];
    let begun = job_batch::begin(db, "recompute", db.clock.now(), "one", &coverage, db.clock.now())
        .await
        .unwrap();
    assert!(matches!(begun, Begun::Batches(_)), "{begun:?}");
}

async fn claim(db: &TestDb, worker: &str) -> Option<job_batch::BatchClaim> {
    job_batch::claim(db, "recompute", worker, db.clock.now())
        .await
        .unwrap()
}

/// The one run there is.
async fn run(db: &TestDb) -> job_run::JobRun {
    let mut runs = job_run::latest(db, "recompute", 9).await.unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.remove(0)
}

async fn score(db: &TestDb, portion: &Portion) -> RunCounts {
    let settings = mail_stage::context(db, "any").settings();
    let done = recompute_portion(db, &Access::system(), &settings, portion, db.clock.now())
        .await
        .unwrap();
    assert_eq!(done.set_aside, []);
    RunCounts::from([("accounts".to_owned(), done.accounts)])
}

rapport_tests::on_both_databases! {
    async fn several_workers_share_a_night_and_every_account_is_scored_once(db: TestDb) {
        book(db, ACCOUNTS).await;
        let workers = [worker(db, "one").await, worker(db, "two").await, worker(db, "three").await];
        db.clock.set(instant(NIGHT));
        let ran = tokio::join!(look("recompute", &workers[0]), look("recompute", &workers[1]), look("recompute", &workers[2]));
        let ran = [ran.0, ran.1, ran.2];
        let done: Vec<_> = ran.iter().filter_map(|ran| if let Ran::Done(counts) = ran { Some(counts.clone()) } else { None }).collect();
        assert_eq!(done.len(), 1, "whoever settles the last batch settles the run: {ran:?}");
        assert!(ran.iter().all(|ran| matches!(ran, Ran::Done(_) | Ran::Shared | Ran::Nothing)), "{ran:?}");
        // A look that came before the run was begun finds nothing; the next one does not either, it is over.
        assert_eq!((done[0]["accounts"], done[0]["days"]), (8 * ACCOUNTS, 8));
        let run = run(db).await;
        assert_eq!((run.outcome, &run.counts, run.error), (RunOutcome::Done, &done[0], None));
        assert_eq!(number(db, "SELECT count(*) FROM assessment").await, i64::try_from(8 * ACCOUNTS).unwrap());
        assert_eq!(number(db, "SELECT count(*) FROM job_batch").await, 0, "a run that is over leaves none");
        for worker in workers {
            assert_eq!(look("recompute", &worker).await, Ran::Nothing);
            worker.db.close().await.unwrap();
        }
    }

    async fn batches_are_claimed_once_and_together_they_are_the_whole_book(db: TestDb) {
        begun(db, ACCOUNTS).await;
        let mut scored = 0;
        let (first, second, third) = (claim(db, "one").await.unwrap(), claim(db, "two").await.unwrap(), claim(db, "one").await.unwrap());
        assert_eq!(claim(db, "three").await, None, "no batch is left");
        for (batch, settled) in [(&second, Settled::More), (&third, Settled::More)] {
            let counts = score(db, &batch.portion).await;
            scored += counts["accounts"];
            assert_eq!(job_batch::settle(db, batch, &counts, &[], db.clock.now()).await.unwrap(), settled);
            assert_eq!(job_batch::settle(db, batch, &counts, &[], db.clock.now()).await.unwrap(), Settled::Fenced, "once");
        }
        assert_eq!(run(db).await.outcome, RunOutcome::Running);
        let counts = score(db, &first.portion).await;
        let settled = job_batch::settle(db, &first, &counts, &[], db.clock.now()).await.unwrap();
        let Settled::Last(finished) = settled else { panic!("{settled:?}") };
        assert_eq!((finished.outcome, finished.counts["accounts"], scored + counts["accounts"]), (RunOutcome::Done, ACCOUNTS, ACCOUNTS));
    }

    async fn a_killed_worker_costs_its_run_a_minute_and_its_batch(db: TestDb) {
        begun(db, ACCOUNTS).await;
        let killed = claim(db, "killed").await.unwrap();
        let other = worker(db, "other").await;
        assert_eq!(look("recompute", &other).await, Ran::Shared, "it does what is free");
        assert_eq!(look("recompute", &other).await, Ran::Nothing, "one batch may still be worked on");
        db.clock.advance(LEASE - TimeDelta::seconds(1));
        assert!(job_batch::renew(db, &killed, db.clock.now()).await.unwrap(), "a sign of life");
        db.clock.advance(LEASE - TimeDelta::seconds(1));
        assert_eq!(look("recompute", &other).await, Ran::Nothing);
        db.clock.advance(TimeDelta::seconds(1));
        assert!(matches!(look("recompute", &other).await, Ran::Done(counts) if counts["accounts"] == ACCOUNTS));
        // The dead come back: nothing changes.
        let before = run(db).await;
        assert!(!job_batch::renew(db, &killed, db.clock.now()).await.unwrap());
        let counts = score(db, &killed.portion).await;
        assert_eq!(job_batch::settle(db, &killed, &counts, &[], db.clock.now()).await.unwrap(), Settled::Fenced);
        job_batch::hand_back(db, &killed).await.unwrap();
        assert_eq!(run(db).await, before);
        other.db.close().await.unwrap();
    }

    async fn a_late_worker_cannot_settle_the_batch_that_another_one_has(db: TestDb) {
        begun(db, 3).await;
        let late = claim(db, "late").await.unwrap();
        db.clock.advance(LEASE);
        let other = claim(db, "other").await.unwrap();
        assert_eq!(other.attempts, 2);
        let counts = score(db, &late.portion).await;
        assert_eq!(job_batch::settle(db, &late, &counts, &[], db.clock.now()).await.unwrap(), Settled::Fenced);
        job_batch::hand_back(db, &late).await.unwrap();
        assert_eq!(claim(db, "third").await, None, "it is still the other's");
        assert!(matches!(job_batch::settle(db, &other, &counts, &[], db.clock.now()).await.unwrap(), Settled::Last(_)));
    }

    async fn what_a_stopped_worker_hands_back_is_gone_on_with_at_once(db: TestDb) {
        begun(db, ACCOUNTS).await;
        let (one, other) = (worker(db, "one").await, worker(db, "other").await);
        let stop = CancellationToken::new();
        let stopped = claim(db, "stopped").await.unwrap();
        job_batch::hand_back(db, &stopped).await.unwrap();
        stop.cancel();
        assert_eq!(run_if_due(find("recompute").unwrap(), &one, &stop).await.unwrap(), Ran::Stopped);
        assert_eq!(run(db).await.outcome, RunOutcome::Running);
        assert!(matches!(look("recompute", &other).await, Ran::Done(counts) if counts["accounts"] == ACCOUNTS));
        for worker in [one, other] {
            worker.db.close().await.unwrap();
        }
    }

    async fn a_batch_that_kills_its_workers_is_given_up_and_named(db: TestDb) {
        begun(db, ACCOUNTS).await;
        for _ in 0..job_batch::MOST_ATTEMPTS {
            assert_eq!(claim(db, "killed").await.unwrap().portion.after, None, "the same one each time");
            db.clock.advance(LEASE);
        }
        let other = worker(db, "other").await;
        let ran = look("recompute", &other).await;
        let Ran::Partial(counts, error) = ran else { panic!("{ran:?}") };
        assert_eq!((counts["accounts"], error.as_str()), (ACCOUNTS - 500, "could not be scored: a part of 2026-06-18 (5 workers ended at it)"));
        assert_eq!(run(db).await.outcome, RunOutcome::Partial);
        other.db.close().await.unwrap();
    }

    async fn an_account_that_cannot_be_scored_is_set_aside_and_named(db: TestDb) {
        book(db, 700).await;
        // Something that another version has written.
        for (n, account) in ["a13", "a640"].into_iter().enumerate() {
            let id = format!("{:032x}", n + 1);
            let literal = if db.kind() == rapport_tests::Kind::Postgres { format!("'{id}'::uuid") } else { format!("x'{id}'") };
            let baseline = if db.kind() == rapport_tests::Kind::Postgres { "false" } else { "0" };
            execute(db, &format!(
                "INSERT INTO alert (id, account_id, rule, subject_kind, subject, severity, status, baseline, message, evidence, opened_at, last_seen_on, cleared_since)
                 SELECT {literal}, id, 'backup.missing', 'NONE', '', 'LOW', 'OPEN', {baseline}, 'm', 'Dana Whitfield', 0, '2026-06-17', {baseline}
                 FROM account WHERE external_id = '{account}'"
            )).await;
        }
        let context = worker(db, "one").await;
        db.clock.set(instant(NIGHT));
        let ran = look("recompute", &context).await;
        let Ran::Partial(counts, error) = ran else { panic!("{ran:?}") };
        // Of today: on other days alerts do not follow, and nothing is in the way.
        assert_eq!((counts["accounts"], counts["set_aside"]), (8 * 700 - 2, 2));
        let reason = "alert.evidence holds what this binary does not know";
        assert_eq!(error, format!("could not be scored: a13 ({reason}), a640 ({reason})"), "the rows' contents are not in it");
        let row = run(db).await;
        assert_eq!((row.outcome, row.error), (RunOutcome::Partial, Some(error)));
        assert_eq!(number(db, "SELECT count(*) FROM assessment WHERE day = '2026-06-18'").await, 698);

        // Every minute it would be the same: it waits for an hour, or for a change.
        assert_eq!(touched::count(db, &Access::system()).await.unwrap(), 2);
        db.clock.advance(TimeDelta::minutes(1));
        assert_eq!(look("recompute_touched", &context).await, Ran::Nothing);
        execute(db, "UPDATE alert SET evidence = '[]'").await;
        db.clock.advance(TimeDelta::minutes(60));
        assert!(matches!(look("recompute_touched", &context).await, Ran::Done(counts) if counts["accounts"] == 2));
        assert_eq!(touched::count(db, &Access::system()).await.unwrap(), 0);
        context.db.close().await.unwrap();
    }

    async fn what_many_workers_have_abandoned_is_closed_when_it_is_too_old_and_not_before(db: TestDb) {
        begun(db, 3).await;
        let other = worker(db, "other").await;
        claim(db, "killed").await.unwrap();
        db.clock.advance(TimeDelta::days(7));
        // The slot of seven days ago may still be made up for: it is finished, and the latest one after it.
        assert!(matches!(look("recompute", &other).await, Ran::Done(_)));
        assert!(matches!(look("recompute", &other).await, Ran::Done(counts) if counts["days"] == 7));
        let slot = db.clock.now() + TimeDelta::hours(1);
        let coverage = [Coverage { day: "2026-06-25".parse().unwrap(), which: Which::All }];
        db.clock.set(slot);
        assert!(matches!(job_batch::begin(db, "recompute", slot, "killed", &coverage, slot).await.unwrap(), Begun::Batches(_)));
        claim(db, "killed").await.unwrap();
        db.clock.advance(TimeDelta::days(8));
        assert!(matches!(look("recompute", &other).await, Ran::Done(_)));
        let runs: BTreeMap<_, _> = job_run::latest(db, "recompute", 9).await.unwrap().into_iter().map(|run| (run.slot_at, run)).collect();
        let closed = &runs[&slot];
        assert_eq!((runs.len(), closed.outcome), (4, RunOutcome::Failed));
        assert!(closed.error.as_deref().is_some_and(|error| error.starts_with("abandoned: killed")), "{closed:?}");
        assert_eq!(number(db, "SELECT count(*) FROM job_batch").await, 0);
        other.db.close().await.unwrap();
    }
}
