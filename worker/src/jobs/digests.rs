//! Digests: whoever's day and hour has come, by the clock that all workers share, gets their week into the outbox.

use std::sync::Arc;

use service::digest::{DigestSettings, queue_due};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::job::{Counts, JobError, Outcome};

/// Queues what is due. Each batch of readers is a transaction of its own; a run that is dropped between two of them leaves
/// nothing half done.
pub(super) async fn queue(context: Context, stop: CancellationToken) -> Result<Outcome, JobError> {
    let settings = DigestSettings {
        policy: Arc::clone(&context.policy),
        zone: context.zone,
        installed_at: context.installed_at,
    };
    let work = async { queue_due(&context.db, &settings, context.shared_now().await?).await };
    let Some(done) = stop.run_until_cancelled(work).await else {
        return Ok(Outcome::Stopped);
    };
    let done = done?;
    let counts = [
        ("queued", done.queued),
        ("empty", done.empty),
        ("missed", done.missed),
        ("failed", done.failed),
    ];
    let counts = Counts::from(counts);
    Ok(match done.failed {
        0 => Outcome::Done(counts),
        failed => Outcome::Partial(
            counts,
            format!("{failed} digests could not be made, the log says why; they are tried again"),
        ),
    })
}
