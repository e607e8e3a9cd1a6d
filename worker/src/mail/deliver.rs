//! Delivery as its callers know it: until it is told to stop, once, or by hand.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio_util::sync::CancellationToken;

use super::courier::Courier;
use super::delivered::{Delivered, NAME};
use super::listening::listen;
use super::means::Mail;
use crate::context::Context;

/// Delivers until it is told to stop; returns when what was under way is finished or handed back.
pub async fn deliver(context: Context, mail: Mail, stop: CancellationToken) -> Delivered {
    let listening = Arc::new(AtomicBool::new(false));
    let listener = tokio::spawn(listen(context.clone(), Arc::clone(&listening), stop.clone()));
    tracing::info!(worker = %context.worker, to = ?mail.transport, "delivering mail");
    let transport = Arc::clone(&mail.transport);
    let delivered = Courier::new(context.clone(), mail, Some(listening))
        .run(&stop)
        .await;
    transport.close().await;
    context.pulse.rest(NAME);
    listener.abort();
    tracing::info!(?delivered, "mail stopped");
    delivered
}

/// Delivers what is due now, and returns when nothing is due any more or the mail server is down.
pub async fn deliver_due(context: &Context, mail: &Mail) -> Delivered {
    let delivered = Courier::new(context.clone(), mail.clone(), None)
        .run(&CancellationToken::new())
        .await;
    mail.transport.close().await;
    delivered
}

/// The same, because somebody asked for it: that is a run, also when nothing is due.
pub async fn deliver_by_hand(context: &Context, mail: &Mail, stop: &CancellationToken) -> Delivered {
    let mut courier = Courier::new(context.clone(), mail.clone(), None);
    courier.ledger.busy(Delivered::default()).await;
    let delivered = courier.run(stop).await;
    mail.transport.close().await;
    delivered
}
