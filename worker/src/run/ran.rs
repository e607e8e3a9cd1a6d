//! What came of a run, whichever way it was done: one answer for its caller, one line in the log, one count.
//!
//! Runs by one worker and runs that several share build on this file, and it knows of neither.

use std::time::Duration;

use chrono::{DateTime, Utc};
use engagement::schedule::UnreadablePattern;
use service::error::ServiceError;
use service::job::job_batch::Finished;
use service::job::job_run::{RunCounts, RunOutcome};
use service::monitoring::SlotOutcome;
use tracing::Span;
use uuid::Uuid;

use crate::context::Context;
use crate::job::{Job, JobError};
use crate::pulse::Pulse;

/// Why a job could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunNowError {
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] ServiceError),
    /// The schedule cannot be read.
    #[error(transparent)]
    Pattern(#[from] UnreadablePattern),
    /// The job cannot even say whether there is something to do.
    #[error("{0}")]
    Asking(#[from] JobError),
}

/// What came of looking at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// Nothing was due, or somebody else had it.
    Nothing,
    /// It ran through.
    Done(RunCounts),
    /// It ran through but for what the ledger names.
    Partial(RunCounts, String),
    /// It failed, and the ledger says how.
    Failed(String),
    /// We had a part in a run that others go on with.
    Shared,
    /// It was stopped, and what was claimed of it handed back.
    Stopped,
    /// The database was away, or the like: what was claimed is handed back, and tried again.
    Interrupted(String),
    /// Its slot was too long ago.
    Missed,
}

impl From<Finished> for Ran {
    fn from(run: Finished) -> Self {
        let error = run.error.unwrap_or_default();
        match run.outcome {
            RunOutcome::Done | RunOutcome::Running => Self::Done(run.counts),
            RunOutcome::Partial => Self::Partial(run.counts, error),
            RunOutcome::Failed => Self::Failed(error),
            RunOutcome::Missed => Self::Missed,
        }
    }
}

/// Asks the ledger something about a job: an answer that does not come is a job that nobody looks after.
pub(super) async fn looking<T>(job: &Job, context: &Context, asking: impl Future<Output = T>) -> T {
    let _looking = context.pulse.begin(job.name, Pulse::SILENCE);
    asking.await
}

/// What every line of the log says that is written during a run: which run it is.
pub(super) fn span(job: &Job, run: Uuid, slot: DateTime<Utc>, context: &Context) -> Span {
    tracing::info_span!("run", run_id = %run, job = job.name, slot = slot.to_rfc3339(), worker = %context.worker)
}

/// Says in the log what came of a run, within its span, and counts it.
pub(super) fn note(job: &Job, context: &Context, took: Duration, ran: &Ran) {
    let outcome = match ran {
        Ran::Done(counts) => {
            tracing::info!(?counts, "run done");
            SlotOutcome::Done
        }
        Ran::Partial(counts, error) => {
            tracing::error!(?counts, error, "run done in part");
            SlotOutcome::Partial
        }
        Ran::Failed(error) => {
            tracing::error!(error, "run failed");
            SlotOutcome::Failed
        }
        Ran::Interrupted(error) => {
            tracing::warn!(error, "run interrupted, to be tried again");
            SlotOutcome::Interrupted
        }
        Ran::Stopped => {
            tracing::info!("run stopped, handed back");
            SlotOutcome::Stopped
        }
        Ran::Shared => {
            tracing::info!("had a part in a run that others finish");
            SlotOutcome::Shared
        }
        Ran::Nothing | Ran::Missed => return,
    };
    context.meters.job_ran(job.name, outcome, took);
}
