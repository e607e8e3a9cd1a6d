//! Runs that several workers share: whoever looks takes the next free batch, and whoever settles the last one has settled
//! the run.

use chrono::{DateTime, Utc};
use service::job::job_batch::{self, BatchClaim, Begun, Finished, MOST_ATTEMPTS, Settled};
use service::job::job_run::{self, RunCounts, RunOutcome};
use service::job::recompute::SetAside;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::lease::{Held, LONGEST, hold, patiently};
use super::ran::{Ran, RunNowError, looking, note, span};
use crate::context::Context;
use crate::job::{BatchOutcome, Job, JobError, Sharing};

/// What came of a batch.
enum Step {
    /// It is settled, by us or by somebody else.
    Settled,
    /// It is settled, and its run with it.
    Last(Finished),
    /// It is handed back.
    Stopped,
    /// It is handed back: the database is away.
    Interrupted(String),
}

/// Begins a run of a slot, unless somebody else has it, and works on it for as long as something is free.
pub(super) async fn begin(
    job: &Job,
    sharing: &Sharing,
    slot: DateTime<Utc>,
    context: &Context,
    stop: &CancellationToken,
) -> Result<(Option<Uuid>, Ran), RunNowError> {
    let coverage = (sharing.coverage)(context);
    let beginning = job_batch::begin(
        &context.db,
        job.name,
        slot,
        &context.worker,
        &coverage,
        context.clock.now(),
    );
    Ok(match looking(job, context, beginning).await? {
        Begun::Taken => (None, Ran::Nothing),
        Begun::Empty => (None, Ran::Done(RunCounts::new())),
        Begun::Batches(run) => {
            tracing::debug!(run_id = %run, job = job.name, %slot, "run started");
            (Some(run), join(job, sharing, context, stop).await?)
        }
    })
}

/// Works on what is free of the job's runs, until nothing is.
pub(super) async fn join(
    job: &Job,
    sharing: &Sharing,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Ran, RunNowError> {
    let (mut ran, mut part) = (Ran::Nothing, None);
    while !stop.is_cancelled() {
        let claiming = job_batch::claim(&context.db, job.name, &context.worker, context.clock.now());
        let Some(claim) = looking(job, context, claiming).await? else {
            // Whoever settles the last batch says what came of the run; we say that we had a part in it.
            if let Some((run, since)) = part {
                note_part(job, context, &run, since, &Ran::Shared);
            }
            return Ok(ran);
        };
        let run = span(job, claim.run(), claim.slot_at, context);
        let since = part.map_or_else(Instant::now, |(_, since)| since);
        ran = match work_on(job, sharing, &claim, context, stop)
            .instrument(run.clone())
            .await?
        {
            Step::Settled => {
                part = Some((run, since));
                if ran == Ran::Nothing { Ran::Shared } else { ran }
            }
            Step::Last(finished) => {
                part = None;
                let ended = Ran::from(finished);
                note_part(job, context, &run, since, &ended);
                ended
            }
            Step::Stopped => {
                note_part(job, context, &run, since, &Ran::Stopped);
                return Ok(Ran::Stopped);
            }
            Step::Interrupted(error) => {
                let interrupted = Ran::Interrupted(error);
                note_part(job, context, &run, since, &interrupted);
                return Ok(interrupted);
            }
        };
    }
    Ok(Ran::Stopped)
}

/// Says and counts what came of a run, or of our part in it.
fn note_part(job: &Job, context: &Context, run: &Span, since: Instant, ran: &Ran) {
    run.in_scope(|| note(job, context, since.elapsed(), ran));
}

/// Waits for the end of a run that was begun by hand, working on it whenever something becomes free.
pub(super) async fn see_through(
    run: Uuid,
    job: &Job,
    sharing: &Sharing,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Ran, RunNowError> {
    loop {
        if let Some(row) = job_run::find(&context.db, run).await?
            && row.outcome != RunOutcome::Running
        {
            return Ok(Ran::from(Finished {
                outcome: row.outcome,
                counts: row.counts,
                error: row.error,
            }));
        }
        if stop
            .run_until_cancelled(tokio::time::sleep(LOOK_AGAIN))
            .await
            .is_none()
        {
            return Ok(Ran::Stopped);
        }
        join(job, sharing, context, stop).await?;
    }
}

/// How often somebody looks who waits for a run.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(500);

async fn work_on(
    job: &Job,
    sharing: &Sharing,
    claim: &BatchClaim,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Step, RunNowError> {
    if claim.attempts > MOST_ATTEMPTS {
        return settle(
            claim,
            RunCounts::new(),
            vec![all_of(claim, format!("{MOST_ATTEMPTS} workers ended at it"))],
            context,
            stop,
        )
        .await;
    }
    let _under_way = context.pulse.begin(job.name, LONGEST);
    let renew = |now| job_batch::renew(&context.db, claim, now);
    match hold(&context.clock, stop, renew, |token| {
        (sharing.batch)(context.clone(), claim.portion, token)
    })
    .await
    {
        Held::Ended(Ok(BatchOutcome::Done(counts, set_aside))) => {
            let counts = counts
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect();
            settle(claim, counts, set_aside, context, stop).await
        }
        Held::Ended(Ok(BatchOutcome::Stopped)) => {
            job_batch::hand_back(&context.db, claim).await?;
            tracing::info!("batch handed back");
            Ok(Step::Stopped)
        }
        Held::Ended(Err(JobError::Passing(error))) => {
            tracing::warn!(error, "batch interrupted, to be tried again");
            patiently(stop, || job_batch::hand_back(&context.db, claim)).await?;
            Ok(Step::Interrupted(error))
        }
        Held::Ended(Err(JobError::Failed(error))) => {
            tracing::error!(error, "batch failed");
            settle(claim, RunCounts::new(), vec![all_of(claim, error)], context, stop).await
        }
        Held::Lost => {
            tracing::warn!("the batch had been taken over by another worker");
            Ok(Step::Settled)
        }
    }
}

async fn settle(
    claim: &BatchClaim,
    counts: RunCounts,
    set_aside: Vec<SetAside>,
    context: &Context,
    stop: &CancellationToken,
) -> Result<Step, RunNowError> {
    let settled = patiently(stop, || {
        job_batch::settle(&context.db, claim, &counts, &set_aside, context.clock.now())
    })
    .await?;
    Ok(match settled {
        Settled::Last(finished) => Step::Last(finished),
        Settled::More => Step::Settled,
        Settled::Fenced => {
            tracing::warn!("the batch had been taken over by another worker");
            Step::Settled
        }
    })
}

/// All accounts of a batch, as what could not be scored.
fn all_of(claim: &BatchClaim, reason: String) -> SetAside {
    SetAside {
        account: None,
        day: claim.portion.day,
        name: format!("a part of {}", claim.portion.day),
        reason,
    }
}
