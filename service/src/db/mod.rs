//! The database: opened once, shared by everything, the same shape over SQLite and PostgreSQL.
//!
//! Each [`Role`] has connections of its own ([`Db::for_role`]). What is acknowledged is stored: a transaction has happened when
//! its COMMIT was answered, and a connection on which a COMMIT or ROLLBACK has failed, or that does not answer in time, is
//! never used again.

mod after_commit;
mod again;
pub mod backup;
mod care;
mod lent;
pub mod partition;
mod pool;
mod pools;
mod postgres;
pub mod private_files;
mod reader;
mod role;
pub mod schema;
pub mod shared_clock;
mod sqlite;
mod tx;
mod url;
mod witness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use crate::error::{During, ServiceError};
pub use pool::PoolUse;
pub use reader::Reader;
pub use role::Role;
pub use tx::Tx;

pub(crate) use after_commit::note_queued;
use after_commit::noting_queued;
use again::Runs;
pub(crate) use lent::Lent;
use pool::{Connections, Pool};
use pools::Pools;
use url::{bad_url, without_password};

/// How long connections that somebody works with are waited for when all are closed.
const CLOSING: Duration = Duration::from_secs(5);

/// A database, as one role works with it: cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Db {
    reader: Reader,
    writer: Pool,
    role: Role,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    url: String,
    statements: Arc<AtomicU64>,
    /// Counts the transactions that were run again.
    gave_way: AtomicU64,
    /// Counts the transactions that queued mail.
    mail_queued: watch::Sender<u64>,
    /// How far this process's clock was last found ahead of the database's, in microseconds.
    clock_ahead: AtomicI64,
    /// Whether a write has been refused for want of room since there was last room for much.
    wants_room: AtomicBool,
    /// In the order of [`Role::ALL`].
    roles: Vec<Pools>,
}

impl Db {
    /// Connects, for a command.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] for a URL of neither database, [`ServiceError::Unreachable`] when nothing answers.
    pub async fn connect(url: &str) -> Result<Self, ServiceError> {
        let roles = if url.starts_with("sqlite:") {
            sqlite::connect(url).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            postgres::connect(url).await?
        } else {
            return Err(bad_url(url, "it must start with sqlite:// or postgres://"));
        };
        let shared = Shared {
            url: without_password(url),
            statements: Arc::default(),
            gave_way: AtomicU64::new(0),
            mail_queued: watch::Sender::new(0),
            clock_ahead: AtomicI64::new(0),
            wants_room: AtomicBool::new(false),
            roles,
        };
        Ok(Self::of(Arc::new(shared), Role::Command))
    }

    fn of(shared: Arc<Shared>, role: Role) -> Self {
        let pools = &shared.roles[role as usize];
        Self {
            reader: Reader::new(pools.read.clone(), Arc::clone(&shared.statements)),
            writer: pools.write.clone(),
            role,
            shared,
        }
    }

    /// The same database with the connections of another role.
    #[must_use]
    pub fn for_role(&self, role: Role) -> Self {
        Self::of(Arc::clone(&self.shared), role)
    }

    /// The connections for reading.
    pub fn read(&self) -> &Reader {
        &self.reader
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.writer.backend()
    }

    /// Where it is, without password.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// How many statements have been sent through [`Db::read`] and [`Db::write_tx`]: a page of a list must not cost more
    /// the longer it is.
    pub fn statements(&self) -> u64 {
        self.shared.statements.load(Ordering::Relaxed)
    }

    /// How the connections of all roles are used.
    pub fn pools(&self) -> Vec<PoolUse> {
        let mut pools: Vec<PoolUse> = self
            .shared
            .roles
            .iter()
            .flat_map(|pools| [pools.read.in_use(), pools.write.in_use()])
            .collect();
        // Health reads and writes over the same connections on PostgreSQL.
        pools.dedup_by_key(|pool| pool.name);
        pools
    }

    /// Changes whenever mail may have been queued: by a transaction of this process, or by one of another where
    /// [`crate::outbox::forward_notifications`] runs.
    pub fn mail_queued(&self) -> watch::Receiver<u64> {
        self.shared.mail_queued.subscribe()
    }

    /// Has the outbox looked at.
    pub(crate) fn wake_delivery(&self) {
        self.shared
            .mail_queued
            .send_modify(|transactions| *transactions += 1);
    }

    /// How far this process's clock was last found ahead of the database's; negative where it was behind.
    pub fn clock_ahead(&self) -> TimeDelta {
        TimeDelta::microseconds(self.shared.clock_ahead.load(Ordering::Relaxed))
    }

    /// Remembers how far this process's clock is ahead.
    pub(crate) fn note_clock_ahead(&self, ahead: TimeDelta) {
        self.shared
            .clock_ahead
            .store(ahead.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Counts statements that went past the ORM.
    pub(crate) fn count_statements(&self, statements: u64) {
        self.shared.statements.fetch_add(statements, Ordering::Relaxed);
    }

    /// How to connect to the server for something that no pool is for; nothing on SQLite.
    pub(crate) fn server(&self) -> Option<PgConnectOptions> {
        match self.writer.connections() {
            Connections::Postgres(pool) => Some(pool.connect_options().as_ref().clone()),
            Connections::Sqlite(_) => None,
        }
    }

    /// Runs `work` in a transaction that only reads, and holds nothing that a writer waits for.
    ///
    /// # Errors
    /// Those of `work`, and of beginning.
    pub(crate) async fn read_tx<T, F>(&self, work: F) -> Result<T, ServiceError>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, ServiceError>,
    {
        let tx = Tx::begin_reading(&self.reader, Arc::clone(&self.shared.statements));
        let tx = tx
            .await
            .during("beginning a transaction")
            .map_err(|error| error.at(self.url()))?;
        let worked = Box::pin(work(&tx)).await;
        tx.rollback().await;
        worked.map_err(|error| error.at(self.url()))
    }

    /// Runs `work` in one transaction: all of it lands, or nothing. One that others stand in the way of is run again (`again`): so
    /// `work` has no effect but through its transaction, and what can be cloned holds nothing of its surroundings that it could
    /// change.
    ///
    /// # Errors
    /// Those of `work` (then nothing is written), and of beginning and committing. After an error of committing it is not known
    /// whether what was written is there.
    pub async fn write_tx<T, F>(&self, work: F) -> Result<T, ServiceError>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, ServiceError> + Clone,
    {
        let mut runs = Runs::first(self.shared.roles[self.role as usize].room.as_ref());
        let done = loop {
            let done = Box::pin(self.write(work.clone(), runs.lock_timeout()))
                .await
                .map_err(|error| error.at(self.url()));
            match &done {
                Err(error) if runs.again(error).await => {
                    tracing::debug!(
                        error = error as &dyn std::error::Error,
                        "others stood in the way of a transaction, running it again"
                    );
                }
                _ => break done,
            }
        };
        self.shared
            .gave_way
            .fetch_add(runs.given_way().into(), Ordering::Relaxed);
        if let Err(ServiceError::DiskFull { .. }) = &done {
            self.shared.wants_room.store(true, Ordering::Relaxed);
        }
        done
    }

    /// How often a transaction had to give way to another and was run again.
    pub fn gave_way(&self) -> u64 {
        self.shared.gave_way.load(Ordering::Relaxed)
    }

    async fn write<T, F>(&self, work: F, lock_timeout: Option<Duration>) -> Result<T, ServiceError>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, ServiceError>,
    {
        let operation = "beginning a transaction";
        let tx = Tx::begin(&self.writer, Arc::clone(&self.shared.statements))
            .await
            .during(operation)?;
        if let Some(longest) = lock_timeout {
            tx.execute_unprepared(&format!("SET LOCAL lock_timeout = {}", longest.as_millis()))
                .await
                .during(operation)?;
        }
        let (worked, mail_queued) = noting_queued(Box::pin(work(&tx))).await;
        match worked {
            Ok(done) => {
                tx.commit().await.during("committing a transaction")?;
                if mail_queued {
                    self.wake_delivery();
                }
                Ok(done)
            }
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }

    /// The same for changing the schema, for which the ORM wants a transaction of its own kind: on a connection that nobody uses
    /// before or afterwards, and without a limit on our side.
    ///
    /// # Errors
    /// As [`Db::write_tx`].
    pub async fn schema_tx<T, F>(&self, work: F) -> Result<T, ServiceError>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, ServiceError>,
    {
        let lone: DatabaseConnection = match self.writer.connections() {
            Connections::Sqlite(pool) => sqlite::lone(pool),
            Connections::Postgres(pool) => postgres::lone(pool),
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let changed = async {
            let tx = lone
                .begin_with_options(options)
                .await
                .during("beginning a transaction")?;
            let done = work(&tx).await?;
            tx.commit().await.during("committing a transaction")?;
            Ok(done)
        };
        let changed = changed.await.map_err(|error: ServiceError| error.at(self.url()));
        lone.close()
            .await
            .during("closing the connection that changed the schema")?;
        changed
    }

    /// Whether a write has been refused for want of room, and nothing has shown since that there is some.
    pub(crate) fn wants_room(&self) -> bool {
        self.shared.wants_room.load(Ordering::Relaxed)
    }

    /// There is room again.
    pub(crate) fn has_room(&self) {
        self.shared.wants_room.store(false, Ordering::Relaxed);
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`ServiceError::Unreachable`] when it does not.
    pub async fn ping(&self) -> Result<(), ServiceError> {
        let statement = Statement::from_string(self.backend(), "SELECT 1");
        self.reader
            .query_one_raw(statement)
            .await
            .during("asking whether the database answers")
            .map_err(|e| e.at(self.url()))?;
        Ok(())
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file, unless another process has it open.
    /// Connections that somebody works with are not waited for for long.
    ///
    /// # Errors
    /// Those of closing.
    pub async fn close(self) -> Result<(), ServiceError> {
        let pools: Vec<_> = self
            .shared
            .roles
            .iter()
            .flat_map(|pools| [&pools.read, &pools.write])
            .collect();
        let closing = async {
            let Some((last, others)) = pools.split_last() else {
                return;
            };
            // Of two that close at the same time on SQLite, each leaves the log to the other.
            futures_util::future::join_all(others.iter().map(|pool| pool.close())).await;
            last.fold().await;
            last.close().await;
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("the database was left while connections were at work");
        }
        Ok(())
    }
}
