//! `rapport worker`: jobs on their schedule, and mail, until it is told to stop.

use service::clock::Clock;
use worker::Pulse;

use super::watch;
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
    // First the port: a busy one must not cost a migration.
    let listener = settings.metrics_bind.map(watch::listen).transpose()?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Migrate, &clock).await?;
    let mail = opening::mail(settings, &ready.db, &clock).await?;
    settings.log();
    let pulse = Pulse::default();
    let monitor = ready.monitor(&clock, Some(pulse.clone()))?;
    let work = opening::work(
        ready.context(clock, monitor.meters().clone(), pulse),
        mail,
        stop.clone(),
    );
    let answering = watch::answer(listener, monitor, stop.clone());
    if let Some((worked, answered)) = finish_in_time(&stop, async { tokio::join!(work, answering) }).await {
        return worked.and(answered);
    }
    // What it had not committed did not happen, and its slot is taken over.
    tracing::warn!("stopped with work under way");
    Ok(())
}
