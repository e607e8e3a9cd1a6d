//! From a due slot to a settled row: claim, run, write down what came of it. Cron and "run now" are this one path.

use chrono::{DateTime, Utc};
use engagement::schedule::{Slot, Verdict, due, passed_over};
use service::job::{job_batch, job_run};
use tokio_util::sync::CancellationToken;

use super::ran::{Ran, RunNowError, looking};
use super::share::{begin, join, see_through};
use super::whole::run_whole;
use crate::context::Context;
use crate::job::{Job, Work};

/// Runs a job if a slot of it is due and nobody else has it; and takes part in a run of it that others have begun.
///
/// # Errors
/// When the ledger cannot be read or written; what fails within the job is no error here.
pub async fn run_if_due(job: &Job, context: &Context, stop: &CancellationToken) -> Result<Ran, RunNowError> {
    let now = looking(job, context, context.shared_now()).await?;
    if let Work::Shared(sharing) = &job.work {
        looking(
            job,
            context,
            job_batch::close_abandoned(&context.db, job.name, now - job.catch_up, now),
        )
        .await?;
        // What is begun is finished first.
        let ran = join(job, sharing, context, stop).await?;
        if ran != Ran::Nothing {
            return Ok(ran);
        }
    }
    let Some(slot) = looking(job, context, owed(job, context, now)).await? else {
        return Ok(Ran::Nothing);
    };
    if slot.verdict == Verdict::Missed {
        return Ok(Ran::Missed);
    }
    match &job.work {
        Work::Whole(run) => run_whole(job, *run, slot.at, context, stop).await,
        Work::Shared(sharing) => Ok(begin(job, sharing, slot.at, context, stop).await?.1),
    }
}

/// The slot that is owed, if there is one and there is anything to do. One that is too late to be made up for is written down.
async fn owed(job: &Job, context: &Context, now: DateTime<Utc>) -> Result<Option<Slot>, RunNowError> {
    let schedule = job.schedule()?;
    if let Some(wanted) = job.wanted
        && !wanted(context.clone()).await?
    {
        return Ok(None);
    }
    let last = job_run::last_slot(&context.db, job.name, now)
        .await?
        .unwrap_or(context.installed_at)
        .max(context.installed_at);
    let Some(slot) = due(&schedule, last, now, context.zone) else {
        return Ok(None);
    };
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
    let slot = looking(job, context, context.shared_now()).await?;
    match &job.work {
        Work::Whole(run) => run_whole(job, *run, slot, context, stop).await,
        Work::Shared(sharing) => {
            // What is begun is finished first.
            let joined = join(job, sharing, context, stop).await?;
            match begin(job, sharing, slot, context, stop).await? {
                (None, Ran::Nothing) => Ok(joined),
                (Some(run), Ran::Nothing | Ran::Shared | Ran::Interrupted(_)) => {
                    see_through(run, job, sharing, context, stop).await
                }
                (_, ran) => Ok(ran),
            }
        }
    }
}
