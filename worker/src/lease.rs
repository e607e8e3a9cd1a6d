//! Keeping what was claimed while it is worked on: a sign of life every twenty seconds, and no work on what has become
//! somebody else's.

use std::any::Any;
use std::time::Duration;

use chrono::{DateTime, Utc};
use service::error::ServiceError;
use service::job_run::LEASE;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::context::Context;
use crate::job::JobError;

/// How often a lease is renewed: a third of it, so that one renewal may fail.
const RENEWAL: Duration = Duration::from_secs(20);
/// No run of one worker, and no batch of a shared one, takes longer unless it hangs: a living worker renews its lease for ever.
pub(crate) const LONGEST: Duration = Duration::from_hours(1);
/// The wait before the ledger is written again; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How work ended that was done under a lease.
pub(crate) enum Held<T> {
    /// It ended while the lease was ours, as far as we know.
    Ended(Result<T, JobError>),
    /// It was broken off: it is somebody else's by now.
    Lost,
}

/// Does work in a task of its own, so that a panic ends it and nothing else, and renews its lease meanwhile. Work whose lease
/// is lost is asked to stop.
pub(crate) async fn hold<T, Renewing, Work>(
    context: &Context,
    stop: &CancellationToken,
    renew: impl Fn(DateTime<Utc>) -> Renewing,
    work: impl FnOnce(CancellationToken) -> Work,
) -> Held<T>
where
    T: Send + 'static,
    Renewing: Future<Output = Result<bool, ServiceError>>,
    Work: Future<Output = Result<T, JobError>> + Send + 'static,
{
    let token = stop.child_token();
    let mut running = tokio::spawn(work(token.clone()).in_current_span());
    let mut lost = false;
    loop {
        tokio::select! {
            ended = &mut running => {
                return match ended {
                    _ if lost => Held::Lost,
                    Ok(ended) => Held::Ended(ended),
                    Err(error) if error.is_panic() => {
                        Held::Ended(Err(JobError::Failed(format!("internal error: {}", said(error.into_panic().as_ref())))))
                    }
                    Err(error) => Held::Ended(Err(JobError::Failed(error.to_string()))),
                };
            }
            () = sleep(RENEWAL), if !lost => match renew(context.clock.now()).await {
                Ok(true) => {}
                Ok(false) => {
                    lost = true;
                    token.cancel();
                }
                // Another renewal comes before the lease is over; and whoever settles finds out whose it is.
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "a lease could not be renewed"),
            },
        }
    }
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Writes to the ledger, again and again while the database is away, for as long as a lease lasts: after that the work is
/// somebody else's anyway. One that is to stop tries once more and leaves it.
pub(crate) async fn patiently<T, Writing>(stop: &CancellationToken, write: impl Fn() -> Writing) -> Result<T, ServiceError>
where
    Writing: Future<Output = Result<T, ServiceError>>,
{
    let (started, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let stopping = stop.is_cancelled();
        match write().await {
            Err(error) if error.is_passing() && !stopping && started.elapsed() < LEASE.to_std().unwrap_or_default() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "writing to the ledger failed, trying again");
                stop.run_until_cancelled(sleep(wait)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            done => return done,
        }
    }
}
