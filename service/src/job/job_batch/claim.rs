//! Claims the next free batch of a run, renews the lease on it, hands it back.

use chrono::{DateTime, Utc};
use entity::{job_batch, job_run};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Statement};

use super::model::{BatchClaim, is_ours};
use crate::clock::instant;
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::job::job_run::{LEASE, RunOutcome, close, has_lapsed, longest_lease};
use crate::job::recompute::{Portion, Which};
use crate::job::statement::claim_batch;

/// How often a batch is begun before it counts as one that kills its workers.
pub const MOST_ATTEMPTS: u32 = 5;

/// Closes runs whose slot was before an instant and whose batches nobody has: there is no more making up for them.
///
/// # Errors
/// Those of the database.
pub async fn close_abandoned(
    db: &Db,
    job: &str,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let now = shared_now(db.read(), now).await?;
    let of_run = |which: Condition| {
        Query::select()
            .expr(Expr::val(1))
            .from(job_batch::Entity)
            .and_where(
                Expr::col((job_batch::Entity, job_batch::Column::RunId))
                    .equals((job_run::Entity, job_run::Column::Id)),
            )
            .cond_where(which)
            .to_owned()
    };
    let held = has_lapsed((job_batch::Entity, job_batch::Column::LeasedUntil), now).not();
    let done = Expr::col((job_batch::Entity, job_batch::Column::DoneAt)).gt((now - LEASE).timestamp_micros());
    let abandoned = Condition::all()
        .add(job_run::Column::Job.eq(job))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .add(job_run::Column::SlotAt.lt(before.timestamp_micros()))
        // Between two batches nobody has any.
        .add(job_run::Column::StartedAt.lt((now - LEASE).timestamp_micros()))
        .add(Expr::exists(of_run(Condition::all())))
        .add(Expr::exists(of_run(Condition::any().add(held).add(done))).not());
    // Most looks find nothing, and lock nothing.
    let found = job_run::Entity::find()
        .filter(abandoned.clone())
        .count(db.read())
        .await
        .during("looking for abandoned runs")?;
    if found > 0 {
        db.write_tx(async |tx| {
            close(tx, abandoned.clone(), now).await?;
            let over = Query::select()
                .column(job_run::Column::Id)
                .from(job_run::Entity)
                .and_where(Expr::col(job_run::Column::Outcome).ne(RunOutcome::Running.as_str()))
                .and_where(Expr::col(job_run::Column::Job).eq(job))
                .to_owned();
            let batches = job_batch::Entity::delete_many()
                .filter(Expr::col(job_batch::Column::RunId).in_subquery(over));
            batches
                .exec(tx)
                .await
                .during("removing the batches of abandoned runs")
        })
        .await?;
    }
    Ok(())
}

/// Claims a batch of a run of the job that is under way; `None` when nothing is free. Looking costs one statement and locks
/// nothing.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    db: &Db,
    job: &str,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<Option<BatchClaim>, ServiceError> {
    let operation = "claiming a batch";
    let looked_at = shared_now(db.read(), now).await?;
    let free = Condition::all()
        .add(job_batch::Column::DoneAt.is_null())
        .add(has_lapsed(
            (job_batch::Entity, job_batch::Column::LeasedUntil),
            looked_at,
        ))
        .add(Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from(job_run::Entity)
                .and_where(
                    Expr::col((job_run::Entity, job_run::Column::Id))
                        .equals((job_batch::Entity, job_batch::Column::RunId)),
                )
                .and_where(Expr::col((job_run::Entity, job_run::Column::Job)).eq(job))
                .and_where(
                    Expr::col((job_run::Entity, job_run::Column::Outcome)).eq(RunOutcome::Running.as_str()),
                )
                .to_owned(),
        ));
    if job_batch::Entity::find()
        .filter(free)
        .count(db.read())
        .await
        .during(operation)?
        == 0
    {
        return Ok(None);
    }
    let token = format!("{worker}/{}", new_id(now).simple());
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        let values = [
            job.into(),
            now.timestamp_micros().into(),
            longest_lease(now).timestamp_micros().into(),
            token.as_str().into(),
            (now + LEASE).timestamp_micros().into(),
        ];
        let statement = Statement::from_sql_and_values(db.backend(), claim_batch(db.backend()), values);
        let Some(row) = job_batch::Entity::find()
            .from_raw_sql(statement)
            .one(tx)
            .await
            .during(operation)?
        else {
            return Ok(None);
        };
        let run = job_run::Entity::find_by_id(row.run_id)
            .one(tx)
            .await
            .during(operation)?;
        run.map(|run| from_row(&row, token.clone(), &run)).transpose()
    })
    .await
}

fn from_row(row: &job_batch::Model, token: String, run: &job_run::Model) -> Result<BatchClaim, ServiceError> {
    let unknown = || ServiceError::Stored {
        table: "job_batch",
        column: "which",
        value: row.which.clone(),
    };
    let which = Which::parse(&row.which).ok_or_else(unknown)?;
    Ok(BatchClaim {
        run: row.run_id,
        number: row.number,
        token,
        slot_at: instant(run.slot_at),
        portion: Portion {
            day: row.day,
            which,
            after: row.after_account.map(Into::into),
            until: row.until_account.map(Into::into),
        },
        attempts: u32::try_from(row.attempts).unwrap_or(0),
    })
}

/// Renews our lease; `false` when the batch is no longer ours.
///
/// # Errors
/// Those of the database.
pub async fn renew(db: &Db, claim: &BatchClaim, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let renewed = db
        .write_tx(async |tx| {
            let now = shared_now(tx, now).await?;
            job_batch::Entity::update_many()
                .col_expr(
                    job_batch::Column::LeasedUntil,
                    Expr::value((now + LEASE).timestamp_micros()),
                )
                .filter(is_ours(claim))
                .exec(tx)
                .await
                .during("renewing the lease of a batch")
        })
        .await?;
    Ok(renewed.rows_affected > 0)
}

/// Hands a batch back, for the next worker that looks; it does not count as an attempt.
///
/// # Errors
/// Those of the database.
pub async fn hand_back(db: &Db, claim: &BatchClaim) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        job_batch::Entity::update_many()
            .col_expr(job_batch::Column::LeasedBy, Expr::value(None::<String>))
            .col_expr(job_batch::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(
                job_batch::Column::Attempts,
                Expr::col(job_batch::Column::Attempts).sub(1),
            )
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during("handing a batch back")
    })
    .await
    .map(drop)
}
