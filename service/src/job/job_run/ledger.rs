//! Reading the ledger: how a job stands, and its latest runs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::job_run;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use uuid::Uuid;

use super::lease::is_free;
use super::outcome::{RunCounts, RunOutcome};
use crate::clock::instant;
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};

/// One run, as the ledger has it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRun {
    /// Which row.
    pub id: Uuid,
    /// Which job.
    pub job: String,
    /// Which slot.
    pub slot_at: DateTime<Utc>,
    /// Who began it, or had it last.
    pub worker: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when.
    pub finished_at: Option<DateTime<Utc>>,
    /// What became of it.
    pub outcome: RunOutcome,
    /// What it counted.
    pub counts: RunCounts,
    /// What failed.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// Until when its worker has it; absent for one that is shared, and for one that waits to be gone on with.
    pub leased_until: Option<DateTime<Utc>>,
}

/// The latest slot of a job that is done, under way or given up; one that was abandoned is none of these. Slots of a future that a
/// clock has seen which was ahead do not count, or nothing would run until then; when they come, their rows keep them from running
/// twice.
///
/// # Errors
/// Those of the database.
pub async fn last_slot(
    db: &Db,
    job: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ServiceError> {
    #[derive(FromQueryResult)]
    struct Latest {
        slot_at: Option<i64>,
    }
    let now = shared_now(db.read(), now).await?;
    let latest = job_run::Entity::find()
        .select_only()
        .column_as(job_run::Column::SlotAt.max(), "slot_at")
        .filter(job_run::Column::Job.eq(job))
        .filter(job_run::Column::SlotAt.lte(now.timestamp_micros()))
        .filter(is_free(now).not())
        .into_model::<Latest>()
        .one(db.read())
        .await
        .during("looking for a job's last slot")?;
    Ok(latest.and_then(|latest| latest.slot_at).map(instant))
}

/// How a job stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The latest slot that a run has ended for, however, or that was given up.
    pub last_ended_slot: Option<DateTime<Utc>>,
    /// When the run of the latest slot ended that ended well, or well but for what it names.
    pub last_success_at: Option<DateTime<Utc>>,
}

/// How some jobs stand at an instant, in one statement; two looks into an index for each. Later slots do not count.
///
/// # Errors
/// Those of the database.
pub async fn standings(
    db: &Db,
    jobs: &[&str],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Standing>, ServiceError> {
    let operation = "reading how jobs stand";
    if jobs.is_empty() {
        return Ok(HashMap::new());
    }
    let now = now.timestamp_micros();
    let names: Vec<String> = (1..=jobs.len())
        .map(|place| format!("SELECT CAST(${place} AS text) AS name"))
        .collect();
    let text = format!(
        "SELECT job.name,
            (SELECT r.slot_at FROM job_run r WHERE r.job = job.name AND r.outcome <> 'RUNNING' AND r.slot_at <= {now} ORDER BY r.slot_at DESC LIMIT 1),
            (SELECT r.finished_at FROM job_run r WHERE r.job = job.name AND r.outcome IN ('DONE', 'PARTIAL') AND r.slot_at <= {now} ORDER BY r.slot_at DESC LIMIT 1)
         FROM ({}) job",
        names.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(db.backend(), text, jobs.iter().map(|job| (*job).into()));
    let rows = db.read().query_all_raw(statement).await.during(operation)?;
    rows.iter()
        .map(|row| {
            let at = |place| {
                row.try_get_by_index::<Option<i64>>(place)
                    .map(|micros| micros.map(instant))
                    .during(operation)
            };
            let name = row.try_get_by_index(0).during(operation)?;
            Ok((
                name,
                Standing {
                    last_ended_slot: at(1)?,
                    last_success_at: at(2)?,
                },
            ))
        })
        .collect()
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

/// One run.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<JobRun>, ServiceError> {
    let row = job_run::Entity::find_by_id(id)
        .one(db.read())
        .await
        .during("reading a run")?;
    row.map(from_row).transpose()
}

pub(super) fn from_row(row: job_run::Model) -> Result<JobRun, ServiceError> {
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
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        leased_until: row.leased_until.map(instant),
    })
}
