//! Alerts, every hour, all of them: scores bring along those of the accounts that changed, but days pass, feeds dry up and
//! people stay silent without any account changing.

use service::access::Access;
use service::job::guardrail_round::watch;
use service::job::job_batch::left_out;
use tokio_util::sync::CancellationToken;

use super::recompute::note_alerts;
use crate::context::Context;
use crate::job::{Counts, JobError, Outcome};

/// Lets every alert follow what is true now. Batches are transactions of their own: a run that is dropped between two of
/// them leaves nothing half done.
pub(super) async fn hourly(context: Context, stop: CancellationToken) -> Result<Outcome, JobError> {
    let (access, settings) = (Access::system(), context.settings());
    let work = watch(&context.db, &access, &settings, context.clock.now());
    let Some(done) = stop.run_until_cancelled(work).await else {
        return Ok(Outcome::Stopped);
    };
    let done = done?;
    let mut counts = Counts::from([
        ("accounts", done.accounts),
        ("stale_feeds", done.stale_feeds),
        ("silent_owners", done.silent_owners),
    ]);
    note_alerts(&mut counts, &done.alerts);
    Ok(match left_out(&done.set_aside) {
        Some(error) => Outcome::Partial(counts, error),
        None => Outcome::Done(counts),
    })
}
