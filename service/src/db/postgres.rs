//! Connections to a server, any of which may be gone without a word: the network drops what was idle for long, a machine dies,
//! a server is replaced. Every wait for an answer has a limit (`care`, `lent`), a connection that was idle is asked before it is
//! used, none is kept for long, and the server, for its part, finds out by itself that a client is gone.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::timeout;

use super::again::{MOMENT, WaitingRoom};
use super::care::{Care, Watch};
use super::pool::{Connections, Pool};
use super::pools::Pools;
use super::role::{Limits, Role};
use super::url::{bad_url, unreachable};
use super::witness::Witness;
use crate::error::ServiceError;

/// After how long without work a connection is closed.
const IDLE: Duration = Duration::from_mins(5);
/// After how long it is closed in any case.
const LIFETIME: Duration = Duration::from_mins(30);
/// A connection that was idle for this long is asked whether it is there: one that was just used has been. (Asking each time
/// costs a seventh of the server's CPU.)
const DOUBTFUL: Duration = Duration::from_secs(2);
/// How long it may take to say so.
const PING: Duration = Duration::from_secs(1);

/// The pools of every role. Connections are made when they are needed, but for the first.
pub(super) async fn connect(url: &str) -> Result<Vec<Pools>, ServiceError> {
    // The name of this process, by which it finds its own statements among those that the server works on.
    let name = format!("rapport-{}", tag());
    let given = PgConnectOptions::from_str(url)
        .map_err(|e| bad_url(url, &e.to_string()))?
        .application_name(&name);
    let limits = Role::Health.limits();
    let asking = pool(&given, &limits, limits.readers + limits.writers, limits.row);
    let witness: Arc<dyn Watch> = Arc::new(Witness::new(asking.clone()));
    let health = Pool::new(
        "health",
        Connections::Postgres(asking),
        Care::beyond(limits.statement, None),
        None,
    );
    let of = |role: Role| {
        let (limits, [read, write]) = (role.limits(), role.pools());
        let pool = |name, connections, row| {
            let care = Care::beyond(limits.statement, Some(Arc::clone(&witness)));
            Pool::new(
                name,
                Connections::Postgres(pool(&given, &limits, connections, row)),
                care,
                None,
            )
        };
        match role {
            Role::Health => Pools {
                read: health.clone(),
                write: health.clone(),
                room: None,
            },
            // Half of its writers may wait for what others hold: one looks, the others have places.
            Role::Api => Pools {
                read: pool(read, limits.readers, limits.row),
                write: pool(write, limits.writers, MOMENT),
                room: Some(WaitingRoom::new(limits.writers / 2 - 1, limits.row)),
            },
            _ => Pools {
                read: pool(read, limits.readers, limits.row),
                write: pool(write, limits.writers, limits.row),
                room: None,
            },
        }
    };
    let roles: Vec<Pools> = Role::ALL.into_iter().map(of).collect();
    if let Some(Connections::Postgres(first)) = roles.first().map(|pools| pools.write.connections()) {
        first.acquire().await.map_err(|e| unreachable(url, e))?;
    }
    Ok(roles)
}

fn pool(given: &PgConnectOptions, limits: &Limits, connections: u32, row: Duration) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(limits.acquire)
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for < DOUBTFUL {
                    return Ok(true);
                }
                let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
                timeout(PING, connection.ping())
                    .await
                    .map_err(silent)?
                    .map(|()| true)
            })
        })
        .connect_lazy_with(session(given.clone(), limits.statement, row))
}

/// What the server is to do with a session. It drops one whose client is gone, with what it holds, after half a minute.
fn session(given: PgConnectOptions, statement: Duration, row: Duration) -> PgConnectOptions {
    let millis = |d: Duration| format!("{}ms", d.as_millis());
    let over_tcp = given.get_socket().is_none() && !given.get_host().starts_with('/');
    let session = given.options([
        ("statement_timeout", millis(statement)),
        ("lock_timeout", millis(row)),
        (
            "idle_in_transaction_session_timeout",
            millis(statement.max(Duration::from_secs(30))),
        ),
        // Scoring's statements are short; compiling them costs more than running them.
        ("jit", "off".to_owned()),
    ]);
    if !over_tcp {
        return session;
    }
    session.options([
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "4"),
        ("tcp_user_timeout", "30000"),
    ])
}

/// Eight letters of chance.
fn tag() -> String {
    let mut bytes = [0; 4];
    // Without chance two processes have one name, and learn a little later that a connection is gone.
    let _ = getrandom::fill(&mut bytes);
    format!("{:08x}", u32::from_ne_bytes(bytes))
}

/// The ORM's own pool, of one connection.
pub(super) fn lone(pool: &sqlx::PgPool) -> DatabaseConnection {
    let options = pool.connect_options().as_ref().clone();
    PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options)
        .into()
}
