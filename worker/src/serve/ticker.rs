//! The tick: it wakes whoever looks for due work, and knows nothing about it.
//!
//! The scheduler freezes the offset of time zones, replays no tick and guards against no overlap; a plain tick in UTC
//! needs none of that, and one that is lost costs at most the thirty seconds until the next look.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Every ten seconds: a slot is at most that old when it is found.
const TICK: &str = "*/10 * * * * *";

/// A running tick; it ends with [`Ticker::stop`].
pub(super) struct Ticker(JobScheduler);

impl Ticker {
    /// Starts waking.
    pub(super) async fn start(wake: Vec<Arc<Notify>>) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let tick = Job::new_async(TICK, move |_, _| {
            let wake = wake.clone();
            Box::pin(async move {
                for one in &wake {
                    one.notify_one();
                }
            })
        })?;
        scheduler.add(tick).await?;
        scheduler.start().await?;
        Ok(Self(scheduler))
    }

    /// Stops waking.
    pub(super) async fn stop(mut self) {
        if let Err(error) = self.0.shutdown().await {
            tracing::warn!(%error, "the ticker did not stop cleanly");
        }
    }
}
