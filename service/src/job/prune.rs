//! Thins out what the product itself has written and nobody looks at any more: stored scores (`engagement::retention` says
//! which days), the texts of mails, the ledgers of runs and digests, the keys of requests. Never what was imported or what people did.
//!
//! A few rows at a time, each time in a transaction of its own, so that nobody waits for it; whoever drops it between two of
//! them, or begins again, loses nothing. What tells that something was done once stays: the last slot of each job, the last
//! week of each user's digest, the key of each message.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use engagement::retention::{is_kept, kept_whole_from};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::access::idempotency;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::settings::Settings;

/// Rows of a transaction.
const BATCH: i64 = 1_000;

/// How many rows were thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Stored scores.
    pub assessments: u64,
    /// Texts of mails.
    pub mail_bodies: u64,
    /// Runs of jobs.
    pub job_runs: u64,
    /// What became of digests.
    pub digests: u64,
    /// Keys of requests that may be used anew.
    pub idempotency_keys: u64,
}

/// The days before one that have stored scores: jumps from day to day in the index.
const DAYS: &str = "
    WITH RECURSIVE stored (day) AS (
        SELECT min(day) FROM assessment WHERE day < $1
        UNION ALL
        SELECT (SELECT min(a.day) FROM assessment a WHERE a.day > stored.day AND a.day < $1) FROM stored WHERE stored.day IS NOT NULL
    )
    SELECT day FROM stored WHERE day IS NOT NULL";

const ASSESSMENTS: &str = "
    DELETE FROM assessment WHERE day = $1 AND account_id IN (SELECT account_id FROM assessment WHERE day = $1 LIMIT $2)";

/// What was sent is never written again, so neither is what it was written from kept. What was given up or canceled may be put
/// back: it is written anew then.
const MAIL_BODIES: &str = "
    UPDATE outbox SET message = NULL, context = CASE status WHEN 'SENT' THEN '{}' ELSE context END
    WHERE id IN (SELECT id FROM outbox WHERE message IS NOT NULL AND finished_at IS NOT NULL AND finished_at < $1 LIMIT $2)";

/// The latest slot of a job says which ones are due.
const JOB_RUNS: &str = "
    DELETE FROM job_run WHERE id IN (
        SELECT r.id FROM job_run r WHERE r.outcome <> 'RUNNING' AND r.started_at < $1
            AND r.slot_at < (SELECT max(l.slot_at) FROM job_run l WHERE l.job = r.job)
        LIMIT $2)";

/// A user's latest week says which ones are due, and the last time they were told what is new since. Weeks of a future that a
/// wrong clock has seen ($3) count for neither.
const DIGESTS: &str = "
    DELETE FROM digest WHERE (user_id, week) IN (
        SELECT d.user_id, d.week FROM digest d WHERE d.settled_at < $1 AND d.due_at <= $3
            AND EXISTS (SELECT 1 FROM digest l WHERE l.user_id = d.user_id AND l.week > d.week AND l.due_at <= $3)
            AND (d.outcome = 'MISSED' OR EXISTS (
                SELECT 1 FROM digest t
                WHERE t.user_id = d.user_id AND t.outcome <> 'MISSED' AND t.settled_at > d.settled_at AND t.due_at <= $3))
        LIMIT $2)";

const IDEMPOTENCY_KEYS: &str = "
    DELETE FROM idempotency_key WHERE (user_id, mutation, key_hash) IN (
        SELECT k.user_id, k.mutation, k.key_hash FROM idempotency_key k WHERE k.used_at <= $1 LIMIT $2)";

/// Throws away what the policy does not keep.
///
/// # Errors
/// Those of the database. What was thrown away before stays away.
pub async fn prune(db: &Db, settings: &Settings, now: DateTime<Utc>) -> Result<Pruned, ServiceError> {
    let policy = &settings.policy.retention;
    let today = settings.day_of(now);
    let before = |days: u32| Value::from((now - TimeDelta::days(i64::from(days))).timestamp_micros());
    let mut pruned = Pruned::default();
    for day in days_before(db, kept_whole_from(today, policy)).await? {
        if !is_kept(day, today, policy) {
            pruned.assessments +=
                in_batches(db, "pruning scores", ASSESSMENTS, vec![day.into(), BATCH.into()]).await?;
        }
    }
    let values = vec![before(policy.mail_body_days), BATCH.into()];
    pruned.mail_bodies = in_batches(db, "pruning mails", MAIL_BODIES, values).await?;
    pruned.job_runs = in_batches(
        db,
        "pruning runs",
        JOB_RUNS,
        vec![before(policy.job_run_days), BATCH.into()],
    )
    .await?;
    let values = vec![
        before(policy.digest_days),
        BATCH.into(),
        now.timestamp_micros().into(),
    ];
    pruned.digests = in_batches(db, "pruning digests", DIGESTS, values).await?;
    let values = vec![
        (now - idempotency::KEPT_FOR).timestamp_micros().into(),
        BATCH.into(),
    ];
    pruned.idempotency_keys = in_batches(db, "pruning keys of requests", IDEMPOTENCY_KEYS, values).await?;
    Ok(pruned)
}

async fn days_before(db: &Db, day: NaiveDate) -> Result<Vec<NaiveDate>, ServiceError> {
    let operation = "listing days with scores";
    let statement = Statement::from_sql_and_values(db.backend(), DAYS, [day.into()]);
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)
}

/// Runs a statement that takes at most [`BATCH`] rows until it takes fewer.
async fn in_batches(
    db: &Db,
    operation: &'static str,
    statement: &str,
    values: Vec<Value>,
) -> Result<u64, ServiceError> {
    let mut all = 0;
    loop {
        let statement = Statement::from_sql_and_values(db.backend(), statement, values.clone());
        let taken = db
            .write_tx(async |tx| tx.execute_raw(statement.clone()).await.during(operation))
            .await?
            .rows_affected();
        all += taken;
        if taken < BATCH.unsigned_abs() {
            return Ok(all);
        }
        // Whoever waits for the writer is served first.
        tokio::task::yield_now().await;
    }
}
