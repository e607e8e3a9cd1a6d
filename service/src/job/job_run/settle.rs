//! What the holder of a run does with it: renews it, settles it, hands it back.

use chrono::{DateTime, Utc};
use entity::job_run;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::claim::{Claim, close_abandoned};
use super::lease::lease;
use super::outcome::{RunCounts, RunOutcome};
use super::row::{insert, row_of, write_outcome};
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::ids::new_id;

/// Renews our lease; `false` when the run is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn renew(db: &Db, claim: Claim, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let renewed = db
        .write_tx(async |tx| {
            let now = shared_now(tx, now).await?;
            job_run::Entity::update_many()
                .col_expr(job_run::Column::LeasedUntil, Expr::value(lease(now)))
                .filter(is_ours(claim))
                .exec(tx)
                .await
                .during("renewing the lease of a run")
        })
        .await?;
    Ok(renewed.rows_affected > 0)
}

/// Writes what became of a claimed slot. `false` when the slot is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    claim: Claim,
    outcome: RunOutcome,
    counts: &RunCounts,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        write_outcome(tx, is_ours(claim), outcome, counts, error, now).await
    })
    .await
}

/// Hands a claimed slot back, so that the next worker that looks runs it at once, as if it had never been begun.
///
/// # Errors
/// Those of the database.
pub async fn hand_back(db: &Db, claim: Claim) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        job_run::Entity::delete_many()
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during("handing a job's slot back")
    })
    .await?;
    Ok(())
}

/// Lets go of a claimed slot after something that will pass, and says what: the next worker that looks goes on at once.
///
/// # Errors
/// Those of the database.
pub async fn let_go(db: &Db, claim: Claim, error: &str) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        job_run::Entity::update_many()
            .col_expr(job_run::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(job_run::Column::Error, Expr::value(error.replace('\0', "")))
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during("letting go of a run")
    })
    .await?;
    Ok(())
}

pub(super) fn is_ours(claim: Claim) -> Condition {
    Condition::all()
        .add(job_run::Column::Id.eq(claim.id))
        .add(job_run::Column::Attempts.eq(claim.attempt))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
}

/// Writes down a slot that nobody ran and nobody will; one that was begun and abandoned is closed.
///
/// # Errors
/// Those of the database.
pub async fn record_missed(
    db: &Db,
    job: &str,
    slot_at: DateTime<Utc>,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        let row = job_run::ActiveModel {
            finished_at: Set(Some(now.timestamp_micros())),
            ..row_of(
                new_id(now),
                job,
                slot_at,
                (worker, ahead),
                RunOutcome::Missed,
                now,
            )
        };
        close_abandoned(
            tx,
            job,
            job_run::Column::SlotAt.lte(slot_at.timestamp_micros()),
            now,
        )
        .await?;
        insert(tx, row.clone()).await
    })
    .await
    .map(drop)
}
