//! The connections of one role for one purpose.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbBackend, DbErr, RuntimeErr};
use tokio::sync::Semaphore;

use super::care::Care;
use super::lent::{Lent, Raw};

/// How the connections of a pool are used at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Which: whose, and for what.
    pub name: &'static str,
    /// Connections that somebody works with.
    pub in_use: u32,
    /// Connections that wait for work.
    pub idle: u32,
    /// How many there may be.
    pub limit: u32,
}

/// The driver's pool.
#[derive(Debug, Clone)]
pub(super) enum Connections {
    /// Of files.
    Sqlite(sqlx::SqlitePool),
    /// Of a server.
    Postgres(sqlx::PgPool),
}

/// Connections that are lent: cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    name: &'static str,
    connections: Connections,
    care: Arc<Care>,
    turn: Option<Turn>,
}

/// The writers of a process take turns (SQLite lets one write at a time, and its own waiting is not fair). Each role waits
/// with one connection at most, so that the roles take turns too, however many wait within one.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// One permit, for whoever writes.
    pub(super) queue: Arc<Semaphore>,
    /// How long it is waited for.
    pub(super) patience: Duration,
}

impl Pool {
    pub(super) fn new(name: &'static str, connections: Connections, care: Care, turn: Option<Turn>) -> Self {
        Self {
            name,
            connections,
            care: Arc::new(care),
            turn,
        }
    }

    /// Which of the two databases it is for.
    pub(super) fn backend(&self) -> DbBackend {
        match &self.connections {
            Connections::Sqlite(_) => DbBackend::Sqlite,
            Connections::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// Lends a connection.
    pub(super) async fn lend(&self) -> Result<Lent, DbErr> {
        let raw = match &self.connections {
            Connections::Sqlite(pool) => pool.acquire().await.map(Raw::Sqlite),
            Connections::Postgres(pool) => pool.acquire().await.map(Raw::Postgres),
        };
        let mut lent = match raw {
            Ok(raw) => Lent::new(raw, Arc::clone(&self.care)),
            Err(error) => return Err(self.refused(error).await),
        };
        if let Some(turn) = &self.turn {
            let permit = tokio::time::timeout(turn.patience, Arc::clone(&turn.queue).acquire_owned()).await;
            let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
            lent.keep(permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?);
        }
        Ok(lent)
    }

    /// Why there is no connection. The driver tries a server that is away until the time is up, and then says what it says when
    /// all connections are in use: so the server is asked.
    async fn refused(&self, error: sqlx::Error) -> DbErr {
        match (error, &self.connections) {
            (sqlx::Error::PoolTimedOut, Connections::Sqlite(_)) => {
                DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
            }
            (sqlx::Error::PoolTimedOut, Connections::Postgres(_)) => match self.care.watch() {
                Some(watch) if watch.answers().await => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
                _ => DbErr::Conn(RuntimeErr::Internal("the server does not answer".to_owned())),
            },
            (sqlx::Error::PoolClosed, _) => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            (error, _) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
        }
    }

    /// How its connections are used.
    pub(super) fn in_use(&self) -> PoolUse {
        fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> PoolUse {
            let (size, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
            PoolUse {
                name,
                in_use: size.saturating_sub(idle),
                idle,
                limit: pool.options().get_max_connections(),
            }
        }
        match &self.connections {
            Connections::Sqlite(pool) => of(self.name, pool),
            Connections::Postgres(pool) => of(self.name, pool),
        }
    }

    /// The driver's pool.
    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Folds SQLite's write-ahead log into the file as far as nobody reads from it, without waiting. The connection that does so
    /// removes the log when it is the last to close.
    pub(super) async fn fold(&self) {
        if let Connections::Sqlite(pool) = &self.connections
            && let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await
        {
            tracing::debug!(%error, "the write-ahead log stays beside the file");
        }
    }

    /// Closes every connection; those that somebody works with when they come back.
    pub(super) async fn close(&self) {
        match &self.connections {
            Connections::Sqlite(pool) => pool.close().await,
            Connections::Postgres(pool) => pool.close().await,
        }
    }
}
