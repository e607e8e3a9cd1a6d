//! Begins a run that several workers share, cut into batches.

use chrono::{DateTime, Utc};
use engagement::id::AccountId;
use entity::job_batch;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait,
};
use uuid::Uuid;

use super::model::{Begun, Coverage, of_run};
use crate::db::shared_clock::shared_now;
use crate::db::{Db, Tx};
use crate::error::{During, ServiceError};
use crate::ids::new_id;
use crate::job::job_run::{RunCounts, RunOutcome, insert, is_under_way, row_of, write_outcome};
use crate::job::recompute::{Portion, portions};
use crate::sql::dialect::rows_per_insert;

/// Begins a run: its row and all its batches in one transaction.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    db: &Db,
    job: &str,
    slot_at: DateTime<Utc>,
    worker: &str,
    coverage: &[Coverage],
    now: DateTime<Utc>,
) -> Result<Begun, ServiceError> {
    let ahead = db.clock_ahead();
    db.write_tx(async |tx| {
        let shared = shared_now(tx, now).await?;
        if is_under_way(tx, job, None, shared).await? {
            return Ok(Begun::Taken);
        }
        let id = new_id(now);
        if !insert(
            tx,
            row_of(id, job, slot_at, (worker, ahead), RunOutcome::Running, shared),
        )
        .await?
        {
            return Ok(Begun::Taken);
        }
        let mut all = Vec::new();
        for Coverage { day, which } in coverage {
            all.extend(portions(tx, *day, *which, now).await?);
        }
        if all.is_empty() {
            write_outcome(tx, of_run(id), RunOutcome::Done, &RunCounts::new(), None, shared).await?;
            return Ok(Begun::Empty);
        }
        write_batches(tx, id, &all).await?;
        Ok(Begun::Batches(id))
    })
    .await
}

async fn write_batches(tx: &Tx, run: Uuid, portions: &[Portion]) -> Result<(), ServiceError> {
    use sea_orm::ConnectionTrait;
    let mut numbers = 0..;
    for some in portions.chunks(rows_per_insert(tx.get_database_backend(), 6)) {
        let rows = some
            .iter()
            .zip(numbers.by_ref())
            .map(|(portion, number)| job_batch::ActiveModel {
                run_id: Set(run),
                number: Set(number),
                day: Set(portion.day),
                which: Set(portion.which.as_str().to_owned()),
                after_account: Set(portion.after.map(AccountId::uuid)),
                until_account: Set(portion.until.map(AccountId::uuid)),
                attempts: NotSet,
                leased_by: NotSet,
                leased_until: NotSet,
                done_at: NotSet,
                counts: NotSet,
                set_aside: NotSet,
            });
        job_batch::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await
            .during("writing the batches of a run")?;
    }
    Ok(())
}
