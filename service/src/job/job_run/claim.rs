//! Claims a slot of a job: the worker that inserts its row, or takes over an abandoned one, runs it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_run;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::lease::{MOST_AT_ONCE, is_free, lease, micros};
use super::outcome::RunOutcome;
use super::row::{close, insert, row_of};
use crate::db::shared_clock::shared_now;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;

/// A run that is ours, until it is settled, handed back, or taken from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub(super) id: Uuid,
    pub(super) attempt: i32,
}

impl Claim {
    /// The run's row.
    pub const fn run(&self) -> Uuid {
        self.id
    }
}

/// Claims a slot of a job for a worker; `None` when somebody else has it, or is at another slot of the job. Runs of earlier
/// slots that nobody goes on with are closed: this one makes up for them.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    db: &Db,
    job: &str,
    slot_at: DateTime<Utc>,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<Option<Claim>, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        close_abandoned(
            tx,
            job,
            job_run::Column::SlotAt.lt(slot_at.timestamp_micros()),
            now,
        )
        .await?;
        if is_under_way(tx, job, Some(slot_at), now).await? {
            return Ok(None);
        }
        let claim = Claim {
            id: new_id(now),
            attempt: 1,
        };
        let row = job_run::ActiveModel {
            leased_until: Set(Some(lease(now))),
            ..row_of(claim.id, job, slot_at, (worker, ahead), RunOutcome::Running, now)
        };
        if insert(tx, row).await? {
            Ok(Some(claim))
        } else {
            take_over(tx, job, slot_at, (worker, ahead), now).await
        }
    })
    .await
}

/// Begins a run of a job that has no slots and of which there may be several at once: its slot is when it began. Runs that
/// nobody has any more are closed.
///
/// # Errors
/// Those of the database.
pub async fn begin_burst(
    db: &Db,
    job: &str,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<Claim, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        close_abandoned(tx, job, job_run::Column::SlotAt.lte(now.timestamp_micros()), now).await?;
        let claim = Claim {
            id: new_id(now),
            attempt: 1,
        };
        // Another worker may have begun one in the same microsecond.
        for later in 0..MOST_AT_ONCE {
            let slot_at = now + TimeDelta::microseconds(later);
            let row = job_run::ActiveModel {
                leased_until: Set(Some(lease(now))),
                ..row_of(claim.id, job, slot_at, (worker, ahead), RunOutcome::Running, now)
            };
            if insert(tx, row).await? {
                return Ok(claim);
            }
        }
        Err(ServiceError::internal(
            "beginning a run",
            format!("{MOST_AT_ONCE} runs of {job} began at once"),
        ))
    })
    .await
}

/// Whether somebody is at a run of the job, of another slot than this one.
pub(crate) async fn is_under_way(
    tx: &Tx,
    job: &str,
    but: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, ServiceError> {
    let found = job_run::Entity::find()
        .select_only()
        .column(job_run::Column::Id)
        .filter(job_run::Column::Job.eq(job))
        .filter(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .filter(is_free(now).not())
        .filter(but.map_or_else(Condition::all, |slot| {
            Condition::all().add(job_run::Column::SlotAt.ne(slot.timestamp_micros()))
        }))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(tx)
        .await
        .during("looking for a run under way")?;
    Ok(found.is_some())
}

/// Takes over a run that nobody has any more. Its number changes: that fences the old worker off.
async fn take_over(
    tx: &Tx,
    job: &str,
    slot_at: DateTime<Utc>,
    (worker, ahead): (&str, TimeDelta),
    now: DateTime<Utc>,
) -> Result<Option<Claim>, ServiceError> {
    let of_slot = Condition::all()
        .add(job_run::Column::Job.eq(job))
        .add(job_run::Column::SlotAt.eq(slot_at.timestamp_micros()));
    let taken = job_run::Entity::update_many()
        .col_expr(job_run::Column::Worker, Expr::value(worker))
        .col_expr(job_run::Column::StartedAt, Expr::value(now.timestamp_micros()))
        .col_expr(job_run::Column::ClockAhead, Expr::value(micros(ahead)))
        .col_expr(
            job_run::Column::Attempts,
            Expr::col(job_run::Column::Attempts).add(1),
        )
        .col_expr(job_run::Column::LeasedUntil, Expr::value(lease(now)))
        .col_expr(job_run::Column::Error, Expr::value(None::<String>))
        .filter(of_slot.clone().add(is_free(now)))
        .exec(tx)
        .await
        .during("taking over an abandoned run")?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = job_run::Entity::find()
        .filter(of_slot)
        .one(tx)
        .await
        .during("reading an abandoned run")?;
    Ok(row.map(|row| Claim {
        id: row.id,
        attempt: row.attempts,
    }))
}

/// Closes runs that nobody has any more and nobody will go on with: so an abandoned run is seen.
pub(super) async fn close_abandoned(
    tx: &Tx,
    job: &str,
    which: Expr,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    close(
        tx,
        Condition::all()
            .add(job_run::Column::Job.eq(job))
            .add(which)
            .add(is_free(now)),
        now,
    )
    .await
}
