//! Stopping: the first SIGTERM or SIGINT asks everybody to finish, nine seconds later nobody is waited for any more, so that ten is enough.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// How long running work may take to finish.
pub const GRACE: Duration = Duration::from_secs(9);
/// How long requests in flight may take to finish: what they leave of the grace is for hanging up.
pub const DRAIN: Duration = GRACE.saturating_sub(Duration::from_secs(1));

/// A token that is canceled by the first SIGTERM or SIGINT. A second SIGINT (somebody who does not want to wait) ends
/// the process at once.
///
/// # Errors
/// When the system hands out no signals.
pub fn stop_on_signal() -> Result<CancellationToken, Failure> {
    let unusable = |error: std::io::Error| Failure::work(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(unusable)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unusable)?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        token.cancel();
        interrupt.recv().await;
        std::process::exit(130);
    });
    Ok(stop)
}

/// Waits for what was asked to stop, but not for ever.
pub async fn finish_in_time<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return Some(done),
        () = stop.cancelled() => {}
    }
    tokio::time::timeout(GRACE, work).await.ok()
}
