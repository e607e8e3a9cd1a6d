//! A worker killed in the middle of a night's run: another one finishes it, and nothing is done twice but the batch that was
//! under way. It waits for the killed worker's lease to run out by the real clock, which takes a minute.

use std::time::{Duration, Instant};

use harness::{Kind, TestDb};
use service::access::Access;
use service::job::job_run::{LEASE, RunOutcome};
use service::scoring::assessment::missing_on;
use service::scoring::touched;

use crate::worker::{Worker, now, owe_a_night, until};

/// Four batches a day, of eight days.
const ACCOUNTS: usize = 2_000;
const BATCHES: u64 = 32;

#[test]
fn another_worker_finishes_the_run_of_one_that_was_killed() {
    harness::run(Kind::Postgres, body);
}

async fn body(db: &TestDb) {
    owe_a_night(db.scratch(), &db.url, ACCOUNTS).await;
    let first = Worker::start(db.scratch(), &db.url, &[]);
    until(db, |_, progress| progress.done >= 2 && progress.claimed == 1).await;
    first.kill();
    let killed_at = Instant::now();
    let (_, left) = until(db, |_, _| true).await;
    assert!(
        left.done >= 2 && left.done < BATCHES - 1,
        "it was killed in the middle: {left:?}"
    );

    let mut second = Worker::start(db.scratch(), &db.url, &[]);
    // All that was free is done at once, and what was done stays done.
    let (run, waiting) = until(db, |run, progress| {
        progress.free == 0 && (progress.claimed <= 1 || run.outcome != RunOutcome::Running)
    })
    .await;
    println!(
        "killed after {} of {BATCHES} batches; {waiting:?} after {:?}",
        left.done,
        killed_at.elapsed()
    );
    assert_eq!(
        run.outcome,
        RunOutcome::Running,
        "the batch of the killed worker is its own for a minute"
    );
    let (run, _) = until(db, |run, _| run.outcome != RunOutcome::Running).await;
    println!("finished {:?} after the kill", killed_at.elapsed());
    assert_eq!((run.outcome, run.error), (RunOutcome::Done, None));
    assert_eq!(
        run.counts["accounts"],
        8 * ACCOUNTS as u64,
        "each account once on each day: {:?}",
        run.counts
    );
    let lease = LEASE.to_std().unwrap_or_default();
    assert!(
        killed_at.elapsed() < lease + Duration::from_mins(1),
        "it took {:?}",
        killed_at.elapsed()
    );
    let today = now().date_naive();
    for days in 0..8 {
        let day = today - chrono::Days::new(days);
        assert_eq!(
            missing_on(db, &Access::system(), day).await.expect("scores"),
            [],
            "{day}"
        );
    }
    assert_eq!(touched::count(db, &Access::system()).await.expect("notes"), 0);
    assert!(second.is_alive());
}
