//! Writing rows of the ledger: how a run begins, how it ends, how one is closed that was abandoned.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_run;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::lease::micros;
use super::outcome::{RunCounts, RunOutcome};
use crate::db::Tx;
use crate::error::{During, ServiceError};

/// Writes a row unless its slot has one.
pub(crate) async fn insert(tx: &Tx, row: job_run::ActiveModel) -> Result<bool, ServiceError> {
    let inserted = job_run::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([job_run::Column::Job, job_run::Column::SlotAt])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await
        .during("claiming a job's slot")?;
    Ok(inserted > 0)
}

/// Closes runs as abandoned.
pub(crate) async fn close(tx: &Tx, which: Condition, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let why = Expr::cust(
        "'abandoned: ' || worker || ' was not heard of any more, and nobody went on in time' || coalesce('; before that: ' || error, '')",
    );
    let closed = job_run::Entity::update_many()
        .col_expr(job_run::Column::Outcome, Expr::value(RunOutcome::Failed.as_str()))
        .col_expr(job_run::Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
        .col_expr(job_run::Column::Error, why)
        .filter(which)
        .exec(tx)
        .await
        .during("closing abandoned runs")?;
    if closed.rows_affected > 0 {
        tracing::warn!(
            runs = closed.rows_affected,
            "runs were abandoned by their workers, and are closed as failed"
        );
    }
    Ok(())
}

/// Writes what became of a run; `false` where there is no such run.
pub(crate) async fn write_outcome(
    tx: &Tx,
    run: Condition,
    outcome: RunOutcome,
    counts: &RunCounts,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    let settled = job_run::Entity::update_many()
        .col_expr(job_run::Column::FinishedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(
            job_run::Column::Counts,
            Expr::value(serde_json::json!(counts).to_string()),
        )
        // PostgreSQL keeps no NUL in a text.
        .col_expr(
            job_run::Column::Error,
            Expr::value(error.map(|error| error.replace('\0', ""))),
        )
        .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
        .filter(run)
        .exec(tx)
        .await
        .during("settling a job's run")?;
    Ok(settled.rows_affected > 0)
}

/// A row of the ledger, by a worker whose clock is so far ahead.
pub(crate) fn row_of(
    id: Uuid,
    job: &str,
    slot_at: DateTime<Utc>,
    (worker, ahead): (&str, TimeDelta),
    outcome: RunOutcome,
    now: DateTime<Utc>,
) -> job_run::ActiveModel {
    job_run::ActiveModel {
        id: Set(id),
        job: Set(job.to_owned()),
        slot_at: Set(slot_at.timestamp_micros()),
        worker: Set(worker.to_owned()),
        started_at: Set(now.timestamp_micros()),
        finished_at: Set(None),
        outcome: Set(outcome.as_str().to_owned()),
        counts: Set("{}".to_owned()),
        error: Set(None),
        attempts: Set(1),
        leased_until: Set(None),
        clock_ahead: Set(micros(ahead)),
    }
}
