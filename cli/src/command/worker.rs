//! `rapport worker`: jobs on their schedule, and mail, until it is told to stop.

use service::clock::Clock;

use crate::failure::Failure;
use crate::lifecycle::{finish_in_time, stop_on_signal};
use crate::opening::{self, Schema};
use crate::settings::Settings;

/// Runs the worker.
///
/// # Errors
/// When the database cannot be used or the worker cannot start.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    let mail = opening::mail(settings)?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Migrate, &clock).await?;
    settings.log();
    let work = opening::work(ready.context(clock), mail, stop.clone());
    if let Some(done) = finish_in_time(&stop, work).await {
        return done;
    }
    // What it had not committed did not happen, and its slot is taken over.
    tracing::warn!("stopped with work under way");
    Ok(())
}
