//! The ledger of job runs: one row per job and slot, and the row is the lock.
//!
//! Whoever inserts the row runs the slot; nobody else can. A worker that stops hands its slot back (the row goes), one
//! that was killed leaves a row that says RUNNING: after a while somebody else takes it over, so that no slot is lost.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_run;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::ids::new_id;

/// How long a run may take before it counts as abandoned.
pub const ABANDONED: TimeDelta = TimeDelta::hours(1);

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunOutcome {
    /// It runs, or its worker was killed.
    Running,
    /// It did its work.
    Done,
    /// It could not.
    Failed,
    /// Its slot was too long ago to be made up for.
    Missed,
}

impl RunOutcome {
    /// As the column holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Failed => "FAILED",
            Self::Missed => "MISSED",
        }
    }

    fn parse(text: &str) -> Result<Self, ServiceError> {
        [Self::Running, Self::Done, Self::Failed, Self::Missed]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| ServiceError::Stored { table: "job_run", column: "outcome", value: text.to_owned() })
    }
}

/// One run, as the ledger has it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRun {
    /// Which row.
    pub id: Uuid,
    /// Which job.
    pub job: String,
    /// Which slot.
    pub slot_at: DateTime<Utc>,
    /// Who.
    pub worker: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when.
    pub finished_at: Option<DateTime<Utc>>,
    /// What became of it.
    pub outcome: RunOutcome,
    /// What it counted.
    pub counts: serde_json::Value,
    /// What failed.
    pub error: Option<String>,
}

/// A slot that is ours to run, until it is settled or handed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    id: Uuid,
    started_at: DateTime<Utc>,
}

/// Claims a slot of a job for a worker; `None` when somebody else has it.
///
/// # Errors
/// Those of the database.
pub async fn claim(db: &Db, job: &str, slot_at: DateTime<Utc>, worker: &str, now: DateTime<Utc>) -> Result<Option<Claim>, ServiceError> {
    let claim = Claim { id: new_id(now), started_at: now };
    let row = row_of(claim, job, slot_at, worker, RunOutcome::Running);
    db.write_tx(async |tx| {
        let inserted = job_run::Entity::insert(row)
            .on_conflict(OnConflict::columns([job_run::Column::Job, job_run::Column::SlotAt]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await
            .during("claiming a job's slot")?;
        if inserted > 0 {
            return Ok(Some(claim));
        }
        take_over(tx, job, slot_at, worker, now).await
    })
    .await
}

/// Takes over a slot whose worker has not been heard of for too long. Its start changes: that fences the old worker off.
async fn take_over(
    tx: &crate::db::Tx,
    job: &str,
    slot_at: DateTime<Utc>,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<Option<Claim>, ServiceError> {
    let of_slot = Condition::all().add(job_run::Column::Job.eq(job)).add(job_run::Column::SlotAt.eq(slot_at.timestamp_micros()));
    let taken = job_run::Entity::update_many()
        .col_expr(job_run::Column::Worker, Expr::value(worker))
        .col_expr(job_run::Column::StartedAt, Expr::value(now.timestamp_micros()))
        .filter(of_slot.clone().add(abandoned(now)))
        .exec(tx)
        .await
        .during("taking over an abandoned slot")?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = job_run::Entity::find().filter(of_slot).one(tx).await.during("reading an abandoned slot")?;
    Ok(row.map(|row| Claim { id: row.id, started_at: now }))
}

fn abandoned(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .add(job_run::Column::StartedAt.lt((now - ABANDONED).timestamp_micros()))
}

/// Writes what became of a claimed slot. `false` when the slot is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    claim: Claim,
    outcome: RunOutcome,
    counts: &serde_json::Value,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    let settled = db
        .write_tx(async |tx| {
            job_run::Entity::update_many()
                .col_expr(job_run::Column::FinishedAt, Expr::value(now.timestamp_micros()))
                .col_expr(job_run::Column::Outcome, Expr::value(outcome.as_str()))
                .col_expr(job_run::Column::Counts, Expr::value(counts.to_string()))
                .col_expr(job_run::Column::Error, Expr::value(error.map(str::to_owned)))
                .filter(ours(claim))
                .exec(tx)
                .await
                .during("settling a job's run")
        })
        .await?;
    Ok(settled.rows_affected > 0)
}

/// Hands a claimed slot back, so that the next worker runs it at once.
///
/// # Errors
/// Those of the database.
pub async fn hand_back(db: &Db, claim: Claim) -> Result<(), ServiceError> {
    db.write_tx(async |tx| job_run::Entity::delete_many().filter(ours(claim)).exec(tx).await.during("handing a job's slot back")).await?;
    Ok(())
}

fn ours(claim: Claim) -> Condition {
    Condition::all()
        .add(job_run::Column::Id.eq(claim.id))
        .add(job_run::Column::StartedAt.eq(claim.started_at.timestamp_micros()))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
}

/// Writes down a slot that nobody ran and nobody will.
///
/// # Errors
/// Those of the database.
pub async fn record_missed(db: &Db, job: &str, slot_at: DateTime<Utc>, worker: &str, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let claim = Claim { id: new_id(now), started_at: now };
    let row =
        job_run::ActiveModel { finished_at: Set(Some(now.timestamp_micros())), ..row_of(claim, job, slot_at, worker, RunOutcome::Missed) };
    db.write_tx(async |tx| {
        job_run::Entity::insert(row)
            .on_conflict(OnConflict::columns([job_run::Column::Job, job_run::Column::SlotAt]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await
            .during("recording a missed slot")
    })
    .await?;
    Ok(())
}

fn row_of(claim: Claim, job: &str, slot_at: DateTime<Utc>, worker: &str, outcome: RunOutcome) -> job_run::ActiveModel {
    job_run::ActiveModel {
        id: Set(claim.id),
        job: Set(job.to_owned()),
        slot_at: Set(slot_at.timestamp_micros()),
        worker: Set(worker.to_owned()),
        started_at: Set(claim.started_at.timestamp_micros()),
        finished_at: Set(None),
        outcome: Set(outcome.as_str().to_owned()),
        counts: Set("{}".to_owned()),
        error: Set(None),
    }
}

/// The latest slot of a job that is done, being done or given up; an abandoned one is none of these.
///
/// # Errors
/// Those of the database.
pub async fn last_slot(db: &Db, job: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ServiceError> {
    #[derive(FromQueryResult)]
    struct Latest {
        slot_at: Option<i64>,
    }
    let latest = job_run::Entity::find()
        .select_only()
        .column_as(job_run::Column::SlotAt.max(), "slot_at")
        .filter(job_run::Column::Job.eq(job))
        .filter(abandoned(now).not())
        .into_model::<Latest>()
        .one(db.read())
        .await
        .during("looking for a job's last slot")?;
    Ok(latest.and_then(|latest| latest.slot_at).map(instant))
}

/// The latest runs of a job, newest first.
///
/// # Errors
/// Those of the database.
pub async fn latest(db: &Db, job: &str, limit: u64) -> Result<Vec<JobRun>, ServiceError> {
    let rows = job_run::Entity::find()
        .filter(job_run::Column::Job.eq(job))
        .order_by(job_run::Column::StartedAt, Order::Desc)
        .limit(limit)
        .all(db.read())
        .await
        .during("listing a job's runs")?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: job_run::Model) -> Result<JobRun, ServiceError> {
    Ok(JobRun {
        id: row.id,
        outcome: RunOutcome::parse(&row.outcome)?,
        counts: serde_json::from_str(&row.counts).map_err(|_| ServiceError::Stored {
            table: "job_run",
            column: "counts",
            value: row.counts.clone(),
        })?,
        job: row.job,
        slot_at: instant(row.slot_at),
        worker: row.worker,
        started_at: instant(row.started_at),
        finished_at: row.finished_at.map(instant),
        error: row.error,
    })
}
