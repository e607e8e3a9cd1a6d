//! Waking whoever delivers, as soon as a message is there: within this process by [`crate::db::Db::mail_queued`], from
//! other processes by PostgreSQL's notifications. Both are sent at the commit and not before; both may be lost, and then a
//! look at the table every now and then finds the same rows.

use std::cell::Cell;

use sea_orm::DbBackend;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::db::Db;
use crate::error::{During, ServiceError};

/// The channel of the notifications.
pub(super) const CHANNEL: &str = "rapport_outbox";

tokio::task_local! {
    /// Whether the transaction under way has queued a message.
    static QUEUED: Cell<bool>;
}

/// Runs the work of a transaction; says whether it queued a message.
pub(crate) async fn noting_queued<T>(work: impl Future<Output = T>) -> (T, bool) {
    QUEUED
        .scope(Cell::new(false), async {
            let done = work.await;
            (done, QUEUED.with(Cell::get))
        })
        .await
}

/// Notes that the transaction under way has queued a message.
pub(crate) fn note_queued() {
    // Outside of `write_tx` there is nobody to tell; the next look at the table finds the row.
    let _ = QUEUED.try_with(|queued| queued.set(true));
}

/// Passes PostgreSQL's notifications on to [`Db::mail_queued`], on a connection of its own, and calls `listening` once it
/// hears them. Ends when the connection breaks; with `false`, and at once, where the database tells nobody (SQLite).
///
/// # Errors
/// When the connection cannot be made or breaks.
pub async fn forward_notifications(db: &Db, listening: impl FnOnce()) -> Result<bool, ServiceError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(false);
    }
    let operation = "listening for queued messages";
    // One connection that is never given back: it must not be one of those that everybody waits for.
    let options = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = options.connect_lazy_with(db.read().get_postgres_connection_pool().connect_options().as_ref().clone());
    let mut listener = PgListener::connect_with(&pool).await.during(operation)?;
    listener.ignore_pool_close_event(true);
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await.during(operation)?;
    listening();
    // Nobody listened until now.
    db.wake_delivery();
    while listener.try_recv().await.during(operation)?.is_some() {
        db.wake_delivery();
    }
    Ok(true)
}
