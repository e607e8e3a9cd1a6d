//! `rapport serve`: the API, and with `--worker` the jobs, in one process.

use std::net::TcpListener;
use std::sync::Arc;

use api::{ApiConfig, AppState, Engine};
use clap::Args;
use service::clock::Clock;
use service::db::Role;
use service::error::with_causes;
use tokio_util::sync::CancellationToken;
use worker::Pulse;

use super::crowd;
use super::watch;
use crate::failure::Failure;
use crate::lifecycle::{DRAIN, finish_in_time, stop_on_signal};
use crate::opening::{self, Ready, Schema};
use crate::settings::Settings;

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Run the worker in the same process
    #[arg(long)]
    worker: bool,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the port is busy, the database cannot be used, or the server breaks.
pub async fn run(serve: &Serve, settings: &Settings) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    // First the port: a busy one must not cost a migration.
    let listener = listen(settings)?;
    let watched = settings.metrics_bind.map(watch::listen).transpose()?;
    let clock = Clock::system();
    let ready = opening::open(settings, Schema::Migrate, &clock).await?;
    settings.log();
    tracing::info!(address = %settings.bind, worker = serve.worker, "serving");
    serve_until(listener, watched, &ready, settings, &clock, serve.worker, stop).await
}

/// Opens the port of the settings.
///
/// # Errors
/// When somebody else has it, or it is not ours to open.
pub fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    api::bind(&settings.bind.to_string()).map_err(|error| Failure::setup(with_causes(&error)))
}

/// Serves on an open port, with or without the worker, and answers those who watch on another one, where there is one; until
/// the token is canceled or one of them breaks.
///
/// # Errors
/// When the server or the worker breaks.
pub async fn serve_until(
    listener: TcpListener,
    watched: Option<TcpListener>,
    ready: &Ready,
    settings: &Settings,
    clock: &Clock,
    with_worker: bool,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let pulse = Pulse::default();
    let monitor = ready.monitor(clock, with_worker.then(|| pulse.clone()))?;
    let context = ready.context(clock.clone(), monitor.meters().clone(), pulse);
    let mail = opening::mail(settings, &ready.db, clock).await?;
    let state = AppState {
        db: ready.db.for_role(Role::Api),
        clock: clock.clone(),
        policy: ready.policy.clone(),
        policy_hash: ready.policy_hash.to_string(),
        zone: settings.time_zone,
        escalation_to: Arc::clone(&ready.escalation_to),
        public_url: settings.public_url.clone(),
        account_url: settings.account_url.clone(),
        monitor: monitor.clone(),
        link_key: mail.links.key().clone(),
        engine: Engine::here(),
    };
    let config = ApiConfig::new(listener, crowd::limits(settings.connections_per_address), DRAIN);
    let http = async {
        let done = api::serve(config, state, stop.clone().cancelled_owned()).await;
        // Whoever ends first takes the other along.
        stop.cancel();
        done.map_err(|error| Failure::work(with_causes(&error)))
    };
    let jobs = async {
        if !with_worker {
            return Ok(());
        }
        let done = opening::work(context, mail, stop.clone()).await;
        stop.cancel();
        done
    };
    let answering = watch::answer(watched, monitor, stop.clone());
    let all = Box::pin(async { tokio::join!(http, jobs, answering) });
    if let Some((http, jobs, answered)) = finish_in_time(&stop, all).await {
        return http.and(jobs).and(answered);
    }
    // Requests and runs that take longer are cut off: what they had not committed did not happen.
    tracing::warn!("stopped with work under way");
    Ok(())
}
