//! Each slot once: across workers, absences, jumping clocks, panics, stops and kills.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use engagement::policy::Policy;
use engagement::schedule::Clockwork;
use rapport_tests::TestDb;
use service::job::job_run::{self, RunCounts, RunOutcome};
use tokio_util::sync::CancellationToken;
use worker::{Context, Counts, Job, JobError, Outcome, Pulse, Ran, Work, run_if_due, run_now, serve};

/// How often a job ran, by the database it ran on: a job takes no input, so this is where it leaves a trace.
static RUNS: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);

fn count_run(context: &Context) -> u64 {
    let mut runs = RUNS.lock().unwrap();
    let count = runs.entry(context.db.url().to_owned()).or_default();
    *count += 1;
    *count
}

fn runs(db: &TestDb) -> u64 {
    RUNS.lock().unwrap().get(db.db.url()).copied().unwrap_or_default()
}

const HOURLY: Job = Job {
    name: "hourly",
    pattern: "0 * * * *",
    clockwork: Clockwork::Wall,
    catch_up: TimeDelta::hours(2),
    reason: "a test",
    wanted: None,
    work: Work::Whole(|context, _| {
        Box::pin(async move {
            count_run(&context);
            tokio::task::yield_now().await;
            Ok(Outcome::Done(Counts::from([("rows", 7)])))
        })
    }),
};
const PANICS_AT_FIRST: Job = Job {
    name: "panics",
    work: Work::Whole(|context, _| {
        Box::pin(async move {
            assert!(count_run(&context) > 1, "the account {} broke it", 17);
            Ok(Outcome::Done(Counts::new()))
        })
    }),
    ..HOURLY
};
const FAILS: Job = Job {
    name: "fails",
    work: Work::Whole(|_, _| Box::pin(async { Err(JobError::Failed("the feed is gone".to_owned())) })),
    ..HOURLY
};
const INTERRUPTED_AT_FIRST: Job = Job {
    name: "interrupted",
    work: Work::Whole(|context, _| {
        Box::pin(async move {
            if count_run(&context) == 1 {
                Err(JobError::Passing("no connection".to_owned()))
            } else {
                Ok(Outcome::Done(Counts::new()))
            }
        })
    }),
    ..HOURLY
};
const WAITS: Job = Job {
    name: "waits",
    work: Work::Whole(|context, stop| {
        Box::pin(async move {
            count_run(&context);
            stop.cancelled().await;
            Ok(Outcome::Stopped)
        })
    }),
    ..HOURLY
};
const IDLE: Job = Job {
    name: "idle",
    wanted: Some(|_| Box::pin(async { Ok(false) })),
    ..HOURLY
};

fn context(db: &TestDb, worker: &str) -> Context {
    Context {
        db: db.db.clone(),
        clock: db.clock.clone(),
        zone: chrono_tz::Tz::UTC,
        policy: Arc::new(Policy::default()),
        escalation_to: Arc::from([]),
        installed_at: db.clock.now(),
        worker: worker.into(),
        pulse: Pulse::default(),
        meters: service::monitoring::Meters::default(),
    }
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn look(job: &Job, context: &Context) -> Ran {
    run_if_due(job, context, &CancellationToken::new()).await.unwrap()
}

rapport_tests::on_both_databases! {
    async fn two_workers_run_each_slot_once(db: TestDb) {
        let (one, other) = (context(db, "one"), context(db, "other"));
        for _ in 0..6 * 12 {
            db.clock.advance(TimeDelta::minutes(5));
            let (a, b) = tokio::join!(look(&HOURLY, &one), look(&HOURLY, &other));
            assert!(a == Ran::Nothing || b == Ran::Nothing, "{a:?} {b:?}");
        }
        let ledger = job_run::latest(db, "hourly", 100).await.unwrap();
        assert_eq!((runs(db), ledger.len()), (6, 6));
        let slots: Vec<_> = ledger.iter().rev().map(|run| run.slot_at).collect();
        let expected: Vec<_> = (13..19).map(|hour| instant(&format!("2026-06-17T{hour}:00:00Z"))).collect();
        assert_eq!(slots, expected);
        assert!(ledger.iter().all(|run| run.outcome == RunOutcome::Done && run.counts["rows"] == 7 && run.finished_at.is_some()), "{ledger:?}");
    }

    async fn a_fresh_installation_owes_no_past_slot(db: TestDb) {
        let context = context(db, "one");
        assert_eq!(look(&HOURLY, &context).await, Ran::Nothing);
        db.clock.advance(TimeDelta::minutes(59));
        assert_eq!(look(&HOURLY, &context).await, Ran::Nothing);
        db.clock.advance(TimeDelta::minutes(1));
        assert!(matches!(look(&HOURLY, &context).await, Ran::Done(_)));
    }

    async fn after_everybody_was_away_the_latest_slot_is_made_up_for(db: TestDb) {
        let context = context(db, "one");
        db.clock.advance(TimeDelta::days(3) + TimeDelta::minutes(90));
        assert!(matches!(look(&HOURLY, &context).await, Ran::Done(_)));
        assert_eq!(look(&HOURLY, &context).await, Ran::Nothing);
        let ledger = job_run::latest(db, "hourly", 100).await.unwrap();
        assert_eq!(ledger.iter().map(|run| run.slot_at).collect::<Vec<_>>(), [instant("2026-06-20T13:00:00Z")]);
    }

    async fn a_slot_that_is_too_old_is_missed_and_said(db: TestDb) {
        let daily = Job { name: "daily", pattern: "0 2 * * *", ..HOURLY };
        let context = context(db, "one");
        db.clock.advance(TimeDelta::days(2));
        assert_eq!(look(&daily, &context).await, Ran::Missed);
        assert_eq!(look(&daily, &context).await, Ran::Nothing);
        let ledger = job_run::latest(db, "daily", 100).await.unwrap();
        assert_eq!(ledger.iter().map(|run| (run.slot_at, run.outcome)).collect::<Vec<_>>(), [(instant("2026-06-19T02:00:00Z"), RunOutcome::Missed)]);
        assert_eq!(runs(db), 0);
    }

    async fn a_jumping_clock_runs_nothing_twice(db: TestDb) {
        let context = context(db, "one");
        db.clock.set(instant("2026-06-17T15:00:10Z"));
        assert!(matches!(look(&HOURLY, &context).await, Ran::Done(_)));
        // An hour back there is a slot that nobody has run: the one of three o'clock had made up for it.
        for (jump, expected) in [(-1, 2), (1, 2), (-24, 2), (24, 2), (1, 3), (-1, 3), (72, 4), (-72, 4), (73, 5)] {
            db.clock.advance(TimeDelta::hours(jump));
            look(&HOURLY, &context).await;
            assert_eq!(runs(db), expected, "after a jump of {jump} h");
        }
    }

    async fn a_clock_that_was_ahead_once_silences_nothing(db: TestDb) {
        let context = context(db, "one");
        db.clock.set(instant("2027-06-17T15:00:10Z"));
        assert!(matches!(look(&HOURLY, &context).await, Ran::Done(_)));
        for hour in 16..20 {
            db.clock.set(instant(&format!("2026-06-17T{hour}:00:10Z")));
            assert!(matches!(look(&HOURLY, &context).await, Ran::Done(_)), "{hour} o'clock");
            assert_eq!(look(&HOURLY, &context).await, Ran::Nothing);
        }
        db.clock.set(instant("2027-06-17T15:00:20Z"));
        assert_eq!(look(&HOURLY, &context).await, Ran::Nothing, "that slot has its run");
        assert_eq!(runs(db), 5);
    }

    async fn a_panic_ends_its_run_and_nothing_else(db: TestDb) {
        let context = context(db, "one");
        db.clock.advance(TimeDelta::hours(1));
        assert_eq!(look(&PANICS_AT_FIRST, &context).await, Ran::Failed("internal error: the account 17 broke it".to_owned()));
        assert!(matches!(look(&FAILS, &context).await, Ran::Failed(error) if error == "the feed is gone"));
        let failed = &job_run::latest(db, "panics", 1).await.unwrap()[0];
        assert_eq!((failed.outcome, failed.error.as_deref()), (RunOutcome::Failed, Some("internal error: the account 17 broke it")));
        db.clock.advance(TimeDelta::hours(1));
        assert!(matches!(look(&PANICS_AT_FIRST, &context).await, Ran::Done(_)), "the next tick is the retry");
    }

    async fn a_stopped_run_hands_its_slot_back(db: TestDb) {
        let (one, other) = (context(db, "one"), context(db, "other"));
        db.clock.advance(TimeDelta::hours(1));
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(run_if_due(&WAITS, &one, &stop).await.unwrap(), Ran::Stopped);
        assert_eq!(job_run::latest(db, "waits", 1).await.unwrap(), []);
        assert_eq!(run_if_due(&WAITS, &other, &stop).await.unwrap(), Ran::Stopped);
        assert_eq!(runs(db), 2, "the other worker found the same slot");
    }

    async fn the_slot_of_a_killed_worker_is_taken_over_within_a_minute(db: TestDb) {
        let (killed, other) = (context(db, "killed"), context(db, "other"));
        db.clock.advance(TimeDelta::hours(1));
        let slot = db.clock.now();
        let claim = job_run::claim(db, "hourly", slot, &killed.worker, slot).await.unwrap().expect("free");
        assert_eq!(look(&HOURLY, &other).await, Ran::Nothing, "it may still be at work");
        db.clock.advance(job_run::LEASE - TimeDelta::seconds(1));
        assert_eq!(look(&HOURLY, &other).await, Ran::Nothing);
        assert!(job_run::renew(db, claim, db.clock.now()).await.unwrap(), "a sign of life");
        db.clock.advance(job_run::LEASE - TimeDelta::seconds(1));
        assert_eq!(look(&HOURLY, &other).await, Ran::Nothing);
        db.clock.advance(TimeDelta::seconds(1));
        assert!(matches!(look(&HOURLY, &other).await, Ran::Done(_)));
        let runs = job_run::latest(db, "hourly", 9).await.unwrap();
        assert_eq!(runs.iter().map(|run| (run.slot_at, run.outcome, run.attempts, run.worker.as_str())).collect::<Vec<_>>(), [(slot, RunOutcome::Done, 2, "other")]);
        // A worker that comes back finds its slot taken.
        assert!(!job_run::renew(db, claim, db.clock.now()).await.unwrap());
        assert!(!job_run::settle(db, claim, RunOutcome::Failed, &RunCounts::new(), None, db.clock.now()).await.unwrap());
        job_run::hand_back(db, claim).await.unwrap();
        job_run::let_go(db, claim, "late").await.unwrap();
        assert_eq!(job_run::latest(db, "hourly", 9).await.unwrap(), runs);
    }

    async fn an_abandoned_run_is_seen_when_the_next_one_makes_up_for_it(db: TestDb) {
        let other = context(db, "other");
        db.clock.advance(TimeDelta::hours(1));
        let slot = db.clock.now();
        job_run::claim(db, "hourly", slot, "killed", slot).await.unwrap().expect("free");
        db.clock.advance(TimeDelta::hours(1));
        assert!(matches!(look(&HOURLY, &other).await, Ran::Done(_)));
        let runs = job_run::latest(db, "hourly", 9).await.unwrap();
        assert_eq!(runs.iter().map(|run| (run.slot_at, run.outcome)).collect::<Vec<_>>(), [(db.clock.now(), RunOutcome::Done), (slot, RunOutcome::Failed)]);
        assert!(runs[1].error.as_deref().is_some_and(|error| error.starts_with("abandoned: killed was not heard of")), "{runs:?}");
        // And one that is too old for that is closed too, instead of being looked at for ever.
        db.clock.advance(TimeDelta::hours(1));
        let slot = db.clock.now();
        let daily = Job { name: "daily", pattern: "0 15 * * *", ..HOURLY };
        job_run::claim(db, "daily", slot, "killed", slot).await.unwrap().expect("free");
        db.clock.advance(TimeDelta::hours(3));
        assert_eq!(look(&daily, &other).await, Ran::Missed);
        assert_eq!(look(&daily, &other).await, Ran::Nothing);
        assert_eq!(job_run::latest(db, "daily", 9).await.unwrap()[0].outcome, RunOutcome::Failed);
    }

    async fn no_slot_is_begun_while_another_one_of_the_job_is_under_way(db: TestDb) {
        let other = context(db, "other");
        db.clock.advance(TimeDelta::hours(1));
        let slow = job_run::claim(db, "hourly", db.clock.now(), "slow", db.clock.now()).await.unwrap().expect("free");
        for _ in 0..4 {
            db.clock.advance(TimeDelta::seconds(50) * 20);
            assert!(job_run::renew(db, slow, db.clock.now()).await.unwrap());
            assert_eq!(look(&HOURLY, &other).await, Ran::Nothing, "it is alive");
            assert_eq!(run_now(&HOURLY, &other, &CancellationToken::new()).await.unwrap(), Ran::Nothing);
        }
        assert!(job_run::settle(db, slow, RunOutcome::Done, &RunCounts::new(), None, db.clock.now()).await.unwrap());
        assert!(matches!(look(&HOURLY, &other).await, Ran::Done(_)), "the slot that came meanwhile");
    }

    async fn a_run_that_the_database_interrupts_is_gone_on_with(db: TestDb) {
        let (one, other) = (context(db, "one"), context(db, "other"));
        db.clock.advance(TimeDelta::hours(1));
        assert_eq!(look(&INTERRUPTED_AT_FIRST, &one).await, Ran::Interrupted("no connection".to_owned()));
        let waiting = &job_run::latest(db, "interrupted", 1).await.unwrap()[0];
        assert_eq!((waiting.outcome, waiting.error.as_deref(), waiting.leased_until), (RunOutcome::Running, Some("no connection"), None));
        assert!(matches!(look(&INTERRUPTED_AT_FIRST, &other).await, Ran::Done(_)));
        let done = &job_run::latest(db, "interrupted", 9).await.unwrap()[..];
        assert!(matches!(done, [run] if run.outcome == RunOutcome::Done && run.attempts == 2 && run.error.is_none()), "{done:?}");
    }

    async fn a_lease_of_a_clock_that_was_wrong_holds_nobody_up(db: TestDb) {
        let other = context(db, "other");
        db.clock.advance(TimeDelta::hours(1));
        let (slot, ahead) = (db.clock.now(), db.clock.now() + TimeDelta::hours(5));
        job_run::claim(db, "hourly", slot, "ahead", ahead).await.unwrap().expect("free");
        assert!(matches!(look(&HOURLY, &other).await, Ran::Done(_)));
    }

    async fn a_job_without_work_leaves_no_trace(db: TestDb) {
        let context = context(db, "one");
        db.clock.advance(TimeDelta::hours(1));
        assert_eq!(look(&IDLE, &context).await, Ran::Nothing);
        assert_eq!(job_run::latest(db, "idle", 1).await.unwrap(), []);
    }

    async fn run_now_is_the_same_path(db: TestDb) {
        let context = context(db, "one");
        let stop = CancellationToken::new();
        assert!(matches!(run_now(&HOURLY, &context, &stop).await.unwrap(), Ran::Done(_)));
        assert_eq!(run_now(&HOURLY, &context, &stop).await.unwrap(), Ran::Nothing, "the same instant is the same slot");
        assert_eq!(job_run::latest(db, "hourly", 9).await.unwrap().len(), 1);
    }

    async fn a_worker_stops_when_told_and_returns_what_it_held(db: TestDb) {
        static JOBS: [Job; 2] = [WAITS, HOURLY];
        db.clock.advance(TimeDelta::hours(1));
        let mut context = context(db, "one");
        context.installed_at = db.clock.now() - TimeDelta::hours(1);
        let stop = CancellationToken::new();
        let working = tokio::spawn(serve(&JOBS, context, stop.clone()));
        while job_run::latest(db, "hourly", 1).await.unwrap().first().is_none_or(|run| run.outcome != RunOutcome::Done)
            || job_run::latest(db, "waits", 1).await.unwrap().is_empty()
        {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        tokio::time::timeout(std::time::Duration::from_secs(9), working).await.expect("stops in time").unwrap().unwrap();
        assert_eq!(job_run::latest(db, "waits", 1).await.unwrap(), [], "handed back");
    }
}
