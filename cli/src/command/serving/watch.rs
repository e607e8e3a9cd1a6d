//! Answering those who watch a process, on an address and a thread of their own.

use std::net::{SocketAddr, TcpListener};

use service::error::with_causes;
use service::monitoring::Monitor;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// Opens the port that is set for it.
///
/// # Errors
/// When somebody else has it, or it is not ours to open.
pub fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    api::bind_for("RAPPORT_METRICS_BIND", &address.to_string())
        .map_err(|error| Failure::setup(with_causes(&error)))
}

/// Answers those who watch, where an address was set for them, until the token is canceled.
///
/// # Errors
/// When the server breaks; the token is canceled then.
pub async fn answer(
    listener: Option<TcpListener>,
    monitor: Monitor,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let Some(listener) = listener else { return Ok(()) };
    let address = listener
        .local_addr()
        .map_or_else(|_| "?".to_owned(), |address| address.to_string());
    tracing::info!(address, "answering /healthz, /readyz and /metrics");
    let done = api::serve_health(listener, monitor, stop.clone().cancelled_owned()).await;
    // A process that nobody can watch any more is better started again.
    stop.cancel();
    done.map_err(|error| Failure::work(with_causes(&error)))
}
