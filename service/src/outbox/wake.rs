//! Waking whoever delivers, as soon as a message is there: within this process by [`crate::db::Db::mail_queued`], from
//! other processes by PostgreSQL's notifications. Both are sent at the commit and not before; both may be lost, and then a
//! look at the table every now and then finds the same rows.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor};
use tokio::time::timeout;

use crate::db::{Db, Tx, note_queued};
use crate::error::{During, ServiceError};

/// The channel of the notifications.
const CHANNEL: &str = "rapport_outbox";

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// After how long without a notification the server is asked whether it is there.
const DOUBT: Duration = Duration::from_secs(10);

/// Passes PostgreSQL's notifications on to [`Db::mail_queued`], on a connection of its own, and calls `listening` once it
/// hears them. Ends when the connection breaks or nobody answers on it; with `false`, and at once, where the database tells nobody (SQLite).
///
/// # Errors
/// When the connection cannot be made or breaks.
pub async fn forward_notifications(db: &Db, listening: impl FnOnce()) -> Result<bool, ServiceError> {
    let Some(server) = db.server() else {
        return Ok(false);
    };
    let operation = "listening for queued messages";
    // One connection that is never given back: it must not be one of those that everybody waits for.
    let options = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE);
    let pool = options.connect_lazy_with(server);
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    let mut listener = PgListener::connect_with(&pool).await.during(operation)?;
    listener.ignore_pool_close_event(true);
    listener.eager_reconnect(false);
    timeout(PATIENCE, listener.listen(CHANNEL))
        .await
        .map_err(silent)
        .and_then(|listens| listens)
        .during(operation)?;
    listening();
    // Nobody listened until now.
    db.wake_delivery();
    loop {
        if let Ok(heard) = timeout(DOUBT, listener.try_recv()).await {
            if heard.during(operation)?.is_none() {
                return Ok(true);
            }
            db.wake_delivery();
        } else {
            // A connection on which nothing comes looks like one whose other end is gone. Listening twice is listening once, and
            // the server's list of sessions goes on saying what this one is for.
            let asked = timeout(
                PATIENCE,
                listener.execute(AssertSqlSafe(format!("LISTEN \"{CHANNEL}\""))),
            )
            .await;
            asked
                .map_err(silent)
                .and_then(|answered| answered)
                .map(drop)
                .during(operation)?;
        }
    }
}

/// Tells every delivering worker, once the transaction is committed, that a message is there. On PostgreSQL it sends one statement.
///
/// # Errors
/// Those of the database.
pub(crate) async fn announce(tx: &Tx) -> Result<(), ServiceError> {
    note_queued();
    if tx.get_database_backend() == DbBackend::Postgres {
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, '')", [CHANNEL.into()]);
        tx.execute_raw(statement)
            .await
            .during("announcing queued messages")?;
    }
    Ok(())
}
