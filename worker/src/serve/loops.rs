//! The loops of the worker: one per job, so that a long run keeps no other job waiting and no job overlaps itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_cron_scheduler::JobSchedulerError;
use tokio_util::sync::CancellationToken;

use super::clock_watch;
use super::ticker::Ticker;
use crate::context::Context;
use crate::job::Job;
use crate::pulse::{BEAT, Pulse};
use crate::run::run_if_due;

/// How long to wait for a tick that does not come.
const SAFETY: Duration = Duration::from_secs(30);

/// Why the worker could not start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The ticker did not start.
    #[error("the ticker did not start")]
    Ticker(#[from] JobSchedulerError),
    /// A job's schedule cannot be read.
    #[error(transparent)]
    Pattern(#[from] engagement::schedule::UnreadablePattern),
}

/// Runs jobs until it is told to stop; returns when what was running is finished or handed back.
///
/// # Errors
/// When it cannot start. What fails later is logged and tried again at the next tick.
pub async fn serve(
    jobs: &'static [Job],
    context: Context,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    for job in jobs {
        job.schedule()?;
    }
    let wake: Vec<Arc<Notify>> = jobs.iter().map(|_| Arc::new(Notify::new())).collect();
    let ticker = Ticker::start(wake.clone()).await?;
    let mut loops = JoinSet::new();
    for (job, wake) in jobs.iter().zip(wake) {
        loops.spawn(watch(job, context.clone(), wake, stop.clone()));
    }
    loops.spawn(clock_watch::watch(
        context.db.clone(),
        context.clock.clone(),
        stop.clone(),
    ));
    tracing::info!(worker = %context.worker, jobs = jobs.len(), "worker started");
    // A loop ends only when it is told to; a panic within a run does not reach it.
    while loops.join_next().await.is_some() {}
    ticker.stop().await;
    tracing::info!(worker = %context.worker, "worker stopped");
    Ok(())
}

async fn watch(job: &'static Job, context: Context, wake: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // The database may be away for a while: the next look is the retry.
        if let Err(error) = beating(&context.pulse, job.name, run_if_due(job, &context, &stop)).await {
            tracing::error!(
                job = job.name,
                error = &error as &dyn std::error::Error,
                "looking for due work failed"
            );
        }
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(SAFETY) => {}
            () = stop.cancelled() => {}
        }
    }
    context.pulse.rest(job.name);
}

/// Lets it be seen that a part is alive while it works.
async fn beating<T>(pulse: &Pulse, part: &'static str, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        pulse.beat(part);
        if let Ok(done) = tokio::time::timeout(BEAT, &mut work).await {
            pulse.beat(part);
            return done;
        }
    }
}
