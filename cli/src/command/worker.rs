//! `rapport worker`: jobs on their schedule, and mail, until it is told to stop.

use std::net::{SocketAddr, TcpListener};

use service::clock::Clock;
use service::monitoring::Monitor;
use tokio_util::sync::CancellationToken;
use worker::Pulse;

use crate::failure::{Failure, chain};
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
    let listener = settings.metrics_bind.map(listen).transpose()?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Migrate, &clock).await?;
    let mail = opening::mail(settings, &ready.db, &clock).await?;
    settings.log();
    let pulse = Pulse::default();
    let monitor = ready.monitor(&clock, Some(pulse.clone()))?;
    let work = opening::work(ready.context(clock, monitor.meters().clone(), pulse), mail, stop.clone());
    let answering = answer(listener, monitor, stop.clone());
    if let Some((worked, answered)) = finish_in_time(&stop, async { tokio::join!(work, answering) }).await {
        return worked.and(answered);
    }
    // What it had not committed did not happen, and its slot is taken over.
    tracing::warn!("stopped with work under way");
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    api::bind_for("RAPPORT_METRICS_BIND", &address.to_string()).map_err(|error| Failure::setup(chain(&error)))
}

/// Answers those who watch, where an address was set for them.
async fn answer(listener: Option<TcpListener>, monitor: Monitor, stop: CancellationToken) -> Result<(), Failure> {
    let Some(listener) = listener else { return Ok(()) };
    let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
    tracing::info!(address, "answering /healthz, /readyz and /metrics");
    let done = api::serve_health(listener, monitor, stop.clone().cancelled_owned()).await;
    // A worker that nobody can watch any more is better started again.
    stop.cancel();
    done.map_err(|error| Failure::work(chain(&error)))
}
