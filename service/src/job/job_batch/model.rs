//! A batch of a run as it is claimed, and how runs begin and end that workers share.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{job_batch, job_run};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::job::job_run::{RunCounts, RunOutcome};
use crate::job::recompute::{Portion, Which};

/// What a run is to cover: which accounts of which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The day.
    pub day: NaiveDate,
    /// Which accounts.
    pub which: Which,
}

/// A batch that is ours, until it is settled, handed back, or taken from us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchClaim {
    pub(super) run: Uuid,
    pub(super) number: i32,
    pub(super) token: String,
    /// The slot of its run.
    pub slot_at: DateTime<Utc>,
    /// What is to be done.
    pub portion: Portion,
    /// How often it was begun, this time included.
    pub attempts: u32,
}

impl BatchClaim {
    /// The run's row.
    pub const fn run(&self) -> Uuid {
        self.run
    }
}

/// A run that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What became of it.
    pub outcome: RunOutcome,
    /// What its batches counted, in sum.
    pub counts: RunCounts,
    /// What was left out, and why.
    pub error: Option<String>,
}

/// What settling a batch did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was not ours any more.
    Fenced,
    /// There are others left.
    More,
    /// It was the last one.
    Last(Finished),
}

/// What came of beginning a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Somebody else has the slot, or is at another one.
    Taken,
    /// It has batches.
    Batches(Uuid),
    /// There was nothing to do.
    Empty,
}

pub(super) fn of_run(id: Uuid) -> Condition {
    Condition::all()
        .add(job_run::Column::Id.eq(id))
        .add(job_run::Column::Outcome.eq(RunOutcome::Running.as_str()))
}

pub(super) fn is_ours(claim: &BatchClaim) -> Condition {
    Condition::all()
        .add(job_batch::Column::RunId.eq(claim.run))
        .add(job_batch::Column::Number.eq(claim.number))
        .add(job_batch::Column::LeasedBy.eq(claim.token.as_str()))
}
