//! Keeping what was claimed while it is worked on: a sign of life every twenty seconds, and no work on what has become
//! somebody else's.

use std::any::Any;
use std::time::Duration;

use chrono::{DateTime, Utc};
use service::clock::Clock;
use service::error::ServiceError;
use service::job::job_run::LEASE;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::job::JobError;

/// How often a lease is renewed: a third of it, so that one renewal may fail.
const RENEWAL: Duration = Duration::from_secs(20);
/// No run of one worker, and no batch of a shared one, takes longer unless it hangs: a living worker renews its lease for ever.
pub(super) const LONGEST: Duration = Duration::from_hours(1);
/// The wait before the ledger is written again; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How work ended that was done under a lease.
pub(super) enum Held<T> {
    /// It ended while the lease was ours, as far as we know.
    Ended(Result<T, JobError>),
    /// It was broken off: it is somebody else's by now.
    Lost,
}

/// Does work in a task of its own, so that a panic ends it and nothing else, and renews its lease meanwhile. Work whose lease
/// is lost is asked to stop.
pub(super) async fn hold<T, Renewing, Work>(
    clock: &Clock,
    stop: &CancellationToken,
    renew: impl Fn(DateTime<Utc>) -> Renewing,
    work: impl FnOnce(CancellationToken) -> Work,
) -> Held<T>
where
    T: Send + 'static,
    Renewing: Future<Output = Result<bool, ServiceError>>,
    Work: Future<Output = Result<T, JobError>> + Send + 'static,
{
    hold_with(RENEWAL, clock, stop, renew, work).await
}

async fn hold_with<T, Renewing, Work>(
    renewal: Duration,
    clock: &Clock,
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
            () = sleep(renewal), if !lost => match renew(clock.now()).await {
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
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

/// Writes to the ledger, again and again while the database is away, for as long as a lease lasts: after that the work is
/// somebody else's anyway. One that is to stop tries once more and leaves it.
pub(super) async fn patiently<T, Writing>(
    stop: &CancellationToken,
    write: impl Fn() -> Writing,
) -> Result<T, ServiceError>
where
    Writing: Future<Output = Result<T, ServiceError>>,
{
    let (started, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let stopping = stop.is_cancelled();
        match write().await {
            Err(error)
                if error.is_passing()
                    && !stopping
                    && started.elapsed() < LEASE.to_std().unwrap_or_default() =>
            {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "writing to the ledger failed, trying again"
                );
                stop.run_until_cancelled(sleep(wait)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const OFTEN: Duration = Duration::from_millis(1);

    fn away() -> ServiceError {
        ServiceError::ReadOnly {
            database: "the database".to_owned(),
        }
    }

    #[tokio::test]
    async fn work_whose_lease_is_lost_is_told_to_stop_and_its_end_does_not_count() {
        let stop = CancellationToken::new();
        let work = |token: CancellationToken| async move {
            token.cancelled().await;
            Ok(())
        };
        let held = hold_with(OFTEN, &Clock::system(), &stop, async |_| Ok(false), work).await;
        assert!(matches!(held, Held::Lost));
        assert!(!stop.is_cancelled(), "nothing else stops");
    }

    #[tokio::test]
    async fn a_renewal_that_fails_ends_nothing() {
        let asked = AtomicU32::new(0);
        let (enough, told) = tokio::sync::oneshot::channel();
        let enough = std::sync::Mutex::new(Some(enough));
        let renew = async |_| {
            if asked.fetch_add(1, Ordering::SeqCst) == 2 {
                enough.lock().unwrap().take().unwrap().send(()).unwrap();
            }
            Err(away())
        };
        let work = |_| async move { told.await.map_err(|error| JobError::Failed(error.to_string())) };
        let held = hold_with(OFTEN, &Clock::system(), &CancellationToken::new(), renew, work).await;
        assert!(matches!(held, Held::Ended(Ok(()))));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_with_its_words() {
        let work = |_| async move {
            assert!(away().is_passing(), "unused");
            panic!("the account {} broke it", 17)
        };
        let held: Held<()> = hold_with(
            OFTEN,
            &Clock::system(),
            &CancellationToken::new(),
            async |_| Ok(true),
            work,
        )
        .await;
        assert!(
            matches!(held, Held::Ended(Err(JobError::Failed(error))) if error == "internal error: the account 17 broke it")
        );
    }

    #[tokio::test]
    async fn the_ledger_is_written_again_while_the_database_is_away_and_once_when_it_is_to_stop() {
        let tries = AtomicU32::new(0);
        let write = async || {
            if tries.fetch_add(1, Ordering::SeqCst) < 2 {
                Err(away())
            } else {
                Ok(7)
            }
        };
        assert_eq!(patiently(&CancellationToken::new(), write).await.unwrap(), 7);
        assert_eq!(tries.load(Ordering::SeqCst), 3);
        let stop = CancellationToken::new();
        stop.cancel();
        let tries = AtomicU32::new(0);
        let write = async || {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(away())
        };
        assert!(patiently(&stop, write).await.is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        let tries = AtomicU32::new(0);
        let write = async || {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(ServiceError::internal("working", "for good"))
        };
        assert!(patiently(&CancellationToken::new(), write).await.is_err());
        assert_eq!(
            tries.load(Ordering::SeqCst),
            1,
            "what does not pass is not tried again"
        );
    }
}
