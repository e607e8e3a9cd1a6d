//! Settles a batch; whoever settles the last one settles the run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{job_batch, job_run};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::model::{BatchClaim, Finished, Settled, is_ours, of_run};
use crate::db::Db;
use crate::db::shared_clock::shared_now;
use crate::error::{During, ServiceError};
use crate::job::job_run::{RunCounts, RunOutcome, write_outcome};
use crate::job::recompute::SetAside;

/// As many accounts are named that could not be scored.
const NAMED: usize = 10;

/// Writes what came of a batch, and of its run if it was the last one.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &Db,
    claim: &BatchClaim,
    counts: &RunCounts,
    set_aside: &[SetAside],
    now: DateTime<Utc>,
) -> Result<Settled, ServiceError> {
    let operation = "settling a batch";
    let counts = serde_json::json!(counts).to_string();
    let set_aside = serde_json::json!(set_aside).to_string().replace("\\u0000", "");
    db.write_tx(async |tx| {
        let now = shared_now(tx, now).await?;
        // Holds the run: of two who settle its last two batches, the second one sees what the first has written.
        let held = job_run::Entity::update_many()
            .col_expr(job_run::Column::Worker, Expr::col(job_run::Column::Worker))
            .filter(of_run(claim.run))
            .exec(tx)
            .await
            .during(operation)?;
        if held.rows_affected == 0 {
            return Ok(Settled::Fenced);
        }
        let settled = job_batch::Entity::update_many()
            .col_expr(job_batch::Column::DoneAt, Expr::value(now.timestamp_micros()))
            .col_expr(job_batch::Column::LeasedBy, Expr::value(None::<String>))
            .col_expr(job_batch::Column::LeasedUntil, Expr::value(None::<i64>))
            .col_expr(job_batch::Column::Counts, Expr::value(counts.as_str()))
            .col_expr(job_batch::Column::SetAside, Expr::value(set_aside.as_str()))
            .filter(is_ours(claim))
            .exec(tx)
            .await
            .during(operation)?;
        if settled.rows_affected == 0 {
            return Ok(Settled::Fenced);
        }
        let of_it = || job_batch::Entity::find().filter(job_batch::Column::RunId.eq(claim.run));
        if of_it()
            .filter(job_batch::Column::DoneAt.is_null())
            .count(tx)
            .await
            .during(operation)?
            > 0
        {
            return Ok(Settled::More);
        }
        let finished = sum(of_it()
            .order_by_asc(job_batch::Column::Number)
            .all(tx)
            .await
            .during(operation)?)?;
        write_outcome(
            tx,
            of_run(claim.run),
            finished.outcome,
            &finished.counts,
            finished.error.as_deref(),
            now,
        )
        .await?;
        job_batch::Entity::delete_many()
            .filter(job_batch::Column::RunId.eq(claim.run))
            .exec(tx)
            .await
            .during(operation)?;
        Ok(Settled::Last(finished))
    })
    .await
}

/// How far a run has come, in batches. All are nothing once it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    /// Some worker's, or that of one that was killed a moment ago.
    pub claimed: u64,
    /// Nobody's yet.
    pub free: u64,
}

/// How far a run has come.
///
/// # Errors
/// Those of the database.
pub async fn progress(db: &Db, run: Uuid) -> Result<Progress, ServiceError> {
    let of_it = job_batch::Entity::find().filter(job_batch::Column::RunId.eq(run));
    let mut progress = Progress::default();
    for batch in of_it
        .all(db.read())
        .await
        .during("reading how far a run has come")?
    {
        match (batch.done_at, batch.leased_until) {
            (Some(_), _) => progress.done += 1,
            (None, Some(_)) => progress.claimed += 1,
            (None, None) => progress.free += 1,
        }
    }
    Ok(progress)
}

/// What the batches of a run come to.
pub(super) fn sum(batches: Vec<job_batch::Model>) -> Result<Finished, ServiceError> {
    let mut counts = RunCounts::new();
    let mut days = BTreeSet::new();
    let mut set_aside: Vec<SetAside> = Vec::new();
    for batch in batches {
        let stored = |column, value: &str| ServiceError::Stored {
            table: "job_batch",
            column,
            value: value.to_owned(),
        };
        let of_batch: RunCounts =
            serde_json::from_str(&batch.counts).map_err(|_| stored("counts", &batch.counts))?;
        for (name, count) in of_batch {
            *counts.entry(name).or_default() += count;
        }
        set_aside.extend(
            serde_json::from_str::<Vec<SetAside>>(&batch.set_aside)
                .map_err(|_| stored("set_aside", &batch.set_aside))?,
        );
        days.insert(batch.day);
    }
    counts.insert("days".to_owned(), days.len() as u64);
    let error = left_out(&set_aside);
    let outcome = match &error {
        None => RunOutcome::Done,
        Some(_) if counts.get("accounts").is_none_or(|accounts| *accounts == 0) => RunOutcome::Failed,
        Some(_) => RunOutcome::Partial,
    };
    Ok(Finished {
        outcome,
        counts,
        error,
    })
}

/// Names what could not be scored, each account once; nothing where all could.
pub fn left_out(set_aside: &[SetAside]) -> Option<String> {
    let mut by_name: BTreeMap<&str, &SetAside> = BTreeMap::new();
    for one in set_aside {
        by_name.entry(&one.name).or_insert(one);
    }
    if by_name.is_empty() {
        return None;
    }
    let named: Vec<String> = by_name
        .values()
        .take(NAMED)
        .map(|one| format!("{} ({})", one.name, one.reason))
        .collect();
    let more = by_name.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(format!("could not be scored: {}{more}", named.join(", ")))
}
