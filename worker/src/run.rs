//! From a due slot to a settled row: claim, run, write down what came of it. Cron and "run now" are this one path.

use std::time::Duration;

use chrono::{DateTime, Utc};
use engagement::schedule::{Slot, UnreadablePattern, Verdict, due, passed_over};
use service::error::ServiceError;
use service::job_batch::{self, Finished};
use service::job_run::{self, Claim, RunCounts, RunOutcome};
use service::monitoring::SlotOutcome;
use service::shared_clock::measure;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::context::Context;
use crate::job::{Counts, Job, JobError, Outcome, Work};
use crate::lease::{Held, LONGEST, hold, patiently};
use crate::pulse::Pulse;
use crate::share::{begin, join, see_through};

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

/// Runs a job if a slot of it is due and nobody else has it; and takes part in a run of it that others have begun.
///
/// # Errors
/// When the ledger cannot be read or written; what fails within the job is no error here.
pub async fn run_if_due(job: &Job, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let now = looking(job, context, shared_now(context)).await?;
    if let Work::Shared(sharing) = &job.work {
        looking(job, context, job_batch::close_abandoned(&context.db, job.name, now - job.catch_up, now)).await?;
        // What is begun is finished first.
        let ran = join(job, sharing, context, stop).await?;
        if ran != Ran::Nothing {
            return Ok(ran);
        }
    }
    let Some(slot) = looking(job, context, owed(job, context, now)).await? else { return Ok(Ran::Nothing) };
    if slot.verdict == Verdict::Missed {
        return Ok(Ran::Missed);
    }
    match &job.work {
        Work::Whole(run) => run_whole(job, *run, slot.at, context, stop).await,
        Work::Shared(sharing) => Ok(begin(job, sharing, slot.at, context, stop).await?.1),
    }
}

/// What time it is by the clock that all workers share: whose slot has come, it says.
pub(crate) async fn shared_now(context: &Context) -> Result<DateTime<Utc>, ServiceError> {
    let ahead = measure(&context.db, &context.clock).await?;
    Ok(context.clock.now() - ahead)
}

/// Asks the ledger something about a job: an answer that does not come is a job that nobody looks after.
pub(crate) async fn looking<T>(job: &Job, context: &Context, asking: impl Future<Output = T>) -> T {
    let _looking = context.pulse.begin(job.name, Pulse::SILENCE);
    asking.await
}

/// The slot that is owed, if there is one and there is anything to do. One that is too late to be made up for is written down.
async fn owed(job: &Job, context: &Context, now: DateTime<Utc>) -> Result<Option<Slot>, RunNowError> {
    let schedule = job.schedule()?;
    if let Some(wanted) = job.wanted
        && !wanted(context.clone()).await?
    {
        return Ok(None);
    }
    let last = job_run::last_slot(&context.db, job.name, now).await?.unwrap_or(context.installed_at).max(context.installed_at);
    let Some(slot) = due(&schedule, last, now, context.zone) else { return Ok(None) };
    if slot.verdict == Verdict::Missed {
        tracing::warn!(job = job.name, slot = %slot.at, "slot missed: too late to make up for");
        job_run::record_missed(&context.db, job.name, slot.at, &context.worker, now).await?;
        context.meters.job_missed(job.name);
        return Ok(Some(slot));
    }
    // A slot without work is passed over on purpose, and a job that has never run has missed none that anybody waited for; only
    // where every slot counts is it worth a word.
    if job.wanted.is_none() && last > context.installed_at {
        let skipped = passed_over(&schedule, last, slot.at, context.zone);
        if skipped > 0 {
            tracing::warn!(job = job.name, slot = %slot.at, skipped, "making up for missed slots with the latest one");
        }
    }
    Ok(Some(slot))
}

/// Runs a job now, whatever its schedule says.
///
/// # Errors
/// When the ledger cannot be read or written.
pub async fn run_now(job: &Job, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let slot = looking(job, context, shared_now(context)).await?;
    match &job.work {
        Work::Whole(run) => run_whole(job, *run, slot, context, stop).await,
        Work::Shared(sharing) => {
            // What is begun is finished first.
            let joined = join(job, sharing, context, stop).await?;
            match begin(job, sharing, slot, context, stop).await? {
                (None, Ran::Nothing) => Ok(joined),
                (Some(run), Ran::Nothing | Ran::Shared | Ran::Interrupted(_)) => see_through(run, job, sharing, context, stop).await,
                (_, ran) => Ok(ran),
            }
        }
    }
}

async fn run_whole(
    job: &Job,
    run: fn(Context, CancellationToken) -> crate::job::Running,
    slot: DateTime<Utc>,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Ran, RunNowError> {
    let claiming = job_run::claim(&context.db, job.name, slot, &context.worker, context.clock.now());
    let Some(claim) = looking(job, context, claiming).await? else { return Ok(Ran::Nothing) };
    let working = async {
        tracing::debug!("run started");
        let started = Instant::now();
        let _under_way = context.pulse.begin(job.name, LONGEST);
        let renew = |now| job_run::renew(&context.db, claim, now);
        let ran = match hold(&context.clock, stop, renew, |token| run(context.clone(), token)).await {
            Held::Ended(ended) => settle(claim, ended, context, stop).await?,
            // Who has it by now settles it.
            Held::Lost => return Ok(Ran::Nothing),
        };
        note(job, context, started.elapsed(), &ran);
        Ok(ran)
    };
    working.instrument(span(job, claim.run(), slot, context)).await
}

/// What every line of the log says that is written during a run: which run it is.
pub(crate) fn span(job: &Job, run: Uuid, slot: DateTime<Utc>, context: &Context) -> Span {
    tracing::info_span!("run", run_id = %run, job = job.name, slot = slot.to_rfc3339(), worker = %context.worker)
}

async fn settle(claim: Claim, ended: Result<Outcome, JobError>, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let finished = match ended {
        Ok(Outcome::Stopped) => {
            job_run::hand_back(&context.db, claim).await?;
            return Ok(Ran::Stopped);
        }
        Err(JobError::Passing(error)) => {
            patiently(stop, || job_run::let_go(&context.db, claim, &error)).await?;
            return Ok(Ran::Interrupted(error));
        }
        Ok(Outcome::Done(counts)) => Finished { outcome: RunOutcome::Done, counts: named(counts), error: None },
        Ok(Outcome::Partial(counts, error)) => Finished { outcome: RunOutcome::Partial, counts: named(counts), error: Some(error) },
        Err(JobError::Failed(error)) => Finished { outcome: RunOutcome::Failed, counts: RunCounts::new(), error: Some(error) },
    };
    let Finished { outcome, counts, error } = &finished;
    let now = context.clock.now();
    let settled = patiently(stop, || job_run::settle(&context.db, claim, *outcome, counts, error.as_deref(), now)).await?;
    if !settled {
        tracing::warn!("the slot had been taken over by another worker");
    }
    Ok(Ran::from(finished))
}

fn named(counts: Counts) -> RunCounts {
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Says in the log what came of a run, within its span, and counts it.
pub(crate) fn note(job: &Job, context: &Context, took: Duration, ran: &Ran) {
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
