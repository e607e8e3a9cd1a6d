//! Thinning out, every night, once the day's scores are there.

use service::job::prune::prune;
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::job::{Counts, JobError, Outcome};

/// Throws away what the policy does not keep. A few rows are a transaction of their own; a run that is dropped between two of
/// them is gone on with by the next.
pub(super) async fn nightly(context: Context, stop: CancellationToken) -> Result<Outcome, JobError> {
    let settings = context.settings();
    // What a wrong clock has thrown away does not come back.
    let work = async { prune(&context.db, &settings, context.shared_now().await?).await };
    let Some(done) = stop.run_until_cancelled(work).await else {
        return Ok(Outcome::Stopped);
    };
    let done = done?;
    Ok(Outcome::Done(Counts::from([
        ("assessments", done.assessments),
        ("mail_bodies", done.mail_bodies),
        ("job_runs", done.job_runs),
        ("digests", done.digests),
        ("idempotency_keys", done.idempotency_keys),
    ])))
}
