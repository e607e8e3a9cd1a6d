//! From a due slot to a settled row: claim, run, write down what came of it. Cron and "run now" are this one path.

use std::any::Any;

use chrono::{DateTime, Utc};
use engagement::schedule::{UnreadablePattern, Verdict, due, passed_over};
use service::error::ServiceError;
use service::job_run::{self, Claim, RunOutcome};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::job::{Counts, Job, JobError, Outcome};

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
    Done(Counts),
    /// It failed, and the ledger says how.
    Failed(String),
    /// It was stopped, and its slot handed back.
    Stopped,
    /// Its slot was too long ago.
    Missed,
}

/// Runs a job if a slot of it is due and nobody else has it.
///
/// # Errors
/// When the ledger cannot be read or written; what fails within the job is no error here.
pub async fn run_if_due(job: &Job, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let schedule = job.schedule()?;
    let now = context.clock.now();
    if let Some(wanted) = job.wanted
        && !wanted(context.clone()).await?
    {
        return Ok(Ran::Nothing);
    }
    let last = job_run::last_slot(&context.db, job.name, now).await?.unwrap_or(context.installed_at).max(context.installed_at);
    let Some(slot) = due(&schedule, last, now, context.zone) else { return Ok(Ran::Nothing) };
    if slot.verdict == Verdict::Missed {
        tracing::warn!(job = job.name, slot = %slot.at, "slot missed: too late to make up for");
        job_run::record_missed(&context.db, job.name, slot.at, &context.worker, now).await?;
        return Ok(Ran::Missed);
    }
    // A slot without work is passed over on purpose; only where every slot counts is it worth a word.
    if job.wanted.is_none() {
        let skipped = passed_over(&schedule, last, slot.at, context.zone);
        if skipped > 0 {
            tracing::warn!(job = job.name, slot = %slot.at, skipped, "making up for missed slots with the latest one");
        }
    }
    run_slot(job, slot.at, context, stop).await
}

/// Runs a job now, whatever its schedule says.
///
/// # Errors
/// When the ledger cannot be read or written.
pub async fn run_now(job: &Job, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    run_slot(job, context.clock.now(), context, stop).await
}

async fn run_slot(job: &Job, slot: DateTime<Utc>, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let Some(claim) = job_run::claim(&context.db, job.name, slot, &context.worker, context.clock.now()).await? else {
        return Ok(Ran::Nothing);
    };
    tracing::debug!(job = job.name, %slot, "run started");
    // A task of its own: a panic ends the run and nothing else.
    let running = tokio::spawn((job.run)(context.clone(), stop.clone()));
    let ended = match running.await {
        Ok(ended) => ended,
        Err(error) if error.is_panic() => Err(JobError(format!("internal error: {}", said(error.into_panic().as_ref())))),
        Err(error) => Err(JobError(error.to_string())),
    };
    settle(job, slot, claim, ended, context).await
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

async fn settle(
    job: &Job,
    slot: DateTime<Utc>,
    claim: Claim,
    ended: Result<Outcome, JobError>,
    context: &Context,
) -> Result<Ran, RunNowError> {
    let now = context.clock.now();
    let (outcome, counts, error, ran) = match ended {
        Ok(Outcome::Stopped) => {
            job_run::hand_back(&context.db, claim).await?;
            tracing::info!(job = job.name, %slot, "run stopped, slot handed back");
            return Ok(Ran::Stopped);
        }
        Ok(Outcome::Done(counts)) => {
            tracing::info!(job = job.name, %slot, ?counts, "run done");
            (RunOutcome::Done, serde_json::json!(counts), None, Ran::Done(counts))
        }
        Err(error) => {
            tracing::error!(job = job.name, %slot, %error, "run failed");
            (RunOutcome::Failed, serde_json::json!({}), Some(error.0.clone()), Ran::Failed(error.0))
        }
    };
    if !job_run::settle(&context.db, claim, outcome, &counts, error.as_deref(), now).await? {
        tracing::warn!(job = job.name, %slot, "the slot had been taken over by another worker");
    }
    Ok(ran)
}
