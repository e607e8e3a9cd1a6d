//! Hearing of mail that other processes queue, as far as the database tells: whether anybody listens decides how often the
//! courier looks by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use service::outbox::forward_notifications;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::context::Context;

/// Hears of mail that other processes queue, for as long as it can.
pub(super) async fn listen(context: Context, listening: Arc<AtomicBool>, stop: CancellationToken) {
    loop {
        let heard = forward_notifications(&context.db, || listening.store(true, Ordering::Release)).await;
        listening.store(false, Ordering::Release);
        match heard {
            Ok(false) => return,
            Ok(true) => tracing::info!("the connection that told of queued mail is gone, making another"),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "not hearing of queued mail, looking for it instead"
            ),
        }
        if stop
            .run_until_cancelled(sleep(Duration::from_secs(2)))
            .await
            .is_none()
        {
            return;
        }
    }
}
