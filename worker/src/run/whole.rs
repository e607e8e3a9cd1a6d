//! Runs that one worker does whole: it claims the slot, keeps the lease while the job runs, and settles the row.

use chrono::{DateTime, Utc};
use service::job::job_batch::Finished;
use service::job::job_run::{self, Claim, RunCounts, RunOutcome};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::lease::{Held, LONGEST, hold, patiently};
use super::ran::{Ran, RunNowError, looking, note, span};
use crate::context::Context;
use crate::job::{Counts, Job, JobError, Outcome, Running};

/// Runs a job for a slot, unless somebody else has it.
pub(super) async fn run_whole(
    job: &Job,
    run: fn(Context, CancellationToken) -> Running,
    slot: DateTime<Utc>,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Ran, RunNowError> {
    let claiming = job_run::claim(&context.db, job.name, slot, &context.worker, context.clock.now());
    let Some(claim) = looking(job, context, claiming).await? else {
        return Ok(Ran::Nothing);
    };
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

async fn settle(
    claim: Claim,
    ended: Result<Outcome, JobError>,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Ran, RunNowError> {
    let finished = match ended {
        Ok(Outcome::Stopped) => {
            job_run::hand_back(&context.db, claim).await?;
            return Ok(Ran::Stopped);
        }
        Err(JobError::Passing(error)) => {
            patiently(stop, || job_run::let_go(&context.db, claim, &error)).await?;
            return Ok(Ran::Interrupted(error));
        }
        Ok(Outcome::Done(counts)) => Finished {
            outcome: RunOutcome::Done,
            counts: named(counts),
            error: None,
        },
        Ok(Outcome::Partial(counts, error)) => Finished {
            outcome: RunOutcome::Partial,
            counts: named(counts),
            error: Some(error),
        },
        Err(JobError::Failed(error)) => Finished {
            outcome: RunOutcome::Failed,
            counts: RunCounts::new(),
            error: Some(error),
        },
    };
    let Finished {
        outcome,
        counts,
        error,
    } = &finished;
    let now = context.clock.now();
    let settled = patiently(stop, || {
        job_run::settle(&context.db, claim, *outcome, counts, error.as_deref(), now)
    })
    .await?;
    if !settled {
        tracing::warn!("the slot had been taken over by another worker");
    }
    Ok(Ran::from(finished))
}

fn named(counts: Counts) -> RunCounts {
    counts
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect()
}
