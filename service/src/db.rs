//! The connection: opened once, shared by everything, the same shape over both databases.
//!
//! SQLite: one writer (the database allows one at a time anyway, and a queue in front of it is kinder than its busy
//! handler) and a few readers that cannot write; WAL, so that readers never wait; `synchronous = NORMAL`, which cannot
//! corrupt the file, but a power cut may lose the last commits. PostgreSQL: one pool; statements have a time limit, so
//! that a dead peer cannot hold a connection for ever.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;

use crate::dialect::without_password;
use crate::error::{During, ServiceError};
use crate::outbox::noting_queued;
pub use crate::schema::{check_schema, migrate};

/// An open transaction that may write.
pub type Tx = DatabaseTransaction;

/// How to connect.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Readers on SQLite, all connections on PostgreSQL.
    pub connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// How long one statement may take (PostgreSQL).
    pub statement_timeout: Duration,
    /// SQLite's page cache of the writer; each reader has an eighth.
    pub page_cache_kib: u32,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_mins(2),
            page_cache_kib: 64 * 1024,
        }
    }
}

/// A database: cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    url: String,
    statements: Arc<AtomicU64>,
    /// Counts the transactions that queued mail.
    mail_queued: watch::Sender<u64>,
}

/// How the connections of a pool are used at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Which: `read` and `write` on SQLite, `shared` on PostgreSQL.
    pub name: &'static str,
    /// Connections that somebody works with.
    pub in_use: u32,
    /// Connections that wait for work.
    pub idle: u32,
    /// How many there may be.
    pub limit: u32,
}

impl PoolUse {
    fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> Self {
        let (size, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
        Self { name, in_use: size.saturating_sub(idle), idle, limit: pool.options().get_max_connections() }
    }
}

/// How long SQLite waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// To what size the write-ahead log is cut back once it is folded in.
const WAL_LIMIT: &str = "67108864";
/// Rows that SQLite's thread may run ahead: fewer hand-overs between threads.
const ROW_BUFFER: usize = 512;

impl Db {
    /// Connects with the default options.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] for a URL of neither database, [`ServiceError::Unreachable`] when nothing answers.
    pub async fn connect(url: &str) -> Result<Self, ServiceError> {
        Self::connect_with(url, &DbOptions::default()).await
    }

    /// Connects.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] for a URL of neither database, [`ServiceError::Unreachable`] when nothing answers.
    pub async fn connect_with(url: &str, options: &DbOptions) -> Result<Self, ServiceError> {
        let statements = Arc::new(AtomicU64::new(0));
        let (mut reader, mut writer) = if url.starts_with("sqlite:") {
            connect_sqlite(url, options).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            connect_postgres(url, options).await?
        } else {
            return Err(bad_url(url, "it must start with sqlite:// or postgres://"));
        };
        for connection in [&mut reader, &mut writer] {
            let statements = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self { reader, writer, shared: Arc::new(Shared { url: without_password(url), statements, mail_queued: watch::Sender::new(0) }) })
    }

    /// The connection for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
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

    /// How the connections are used.
    pub fn pools(&self) -> Vec<PoolUse> {
        match self.backend() {
            DbBackend::Postgres => vec![PoolUse::of("shared", self.reader.get_postgres_connection_pool())],
            _ => vec![
                PoolUse::of("read", self.reader.get_sqlite_connection_pool()),
                PoolUse::of("write", self.writer.get_sqlite_connection_pool()),
            ],
        }
    }

    /// Changes whenever mail may have been queued: by a transaction of this process, or by one of another where
    /// [`crate::outbox::forward_notifications`] runs.
    pub fn mail_queued(&self) -> watch::Receiver<u64> {
        self.shared.mail_queued.subscribe()
    }

    /// Has the outbox looked at.
    pub(crate) fn wake_delivery(&self) {
        self.shared.mail_queued.send_modify(|transactions| *transactions += 1);
    }

    /// Counts statements that went past the ORM.
    pub(crate) fn count_statements(&self, statements: u64) {
        self.shared.statements.fetch_add(statements, Ordering::Relaxed);
    }

    /// Runs `work` in one transaction: all of it lands, or nothing.
    ///
    /// On SQLite the transaction takes the write lock at once: one that reads first and then writes would fail whenever
    /// another has written in between.
    ///
    /// # Errors
    /// Those of `work` (then nothing is written), and of beginning and committing.
    pub async fn write_tx<T, F>(&self, work: F) -> Result<T, ServiceError>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, ServiceError>,
    {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = self.writer.begin_with_options(options).await.during("beginning a transaction").map_err(|e| e.at(self.url()))?;
        let (worked, mail_queued) = noting_queued(Box::pin(work(&tx))).await;
        match worked {
            Ok(done) => {
                tx.commit().await.during("committing a transaction").map_err(|e| e.at(self.url()))?;
                if mail_queued {
                    self.wake_delivery();
                }
                Ok(done)
            }
            Err(error) => {
                // Dropping would roll back too, but later, when the connection is next used.
                if let Err(rollback) = tx.rollback().await {
                    tracing::warn!(error = %rollback, "rolling back a failed transaction failed");
                }
                Err(error.at(self.url()))
            }
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`ServiceError::Unreachable`] when it does not.
    pub async fn ping(&self) -> Result<(), ServiceError> {
        let statement = Statement::from_string(self.backend(), "SELECT 1");
        self.reader.query_one_raw(statement).await.during("asking whether the database answers").map_err(|e| e.at(self.url()))?;
        Ok(())
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file.
    ///
    /// # Errors
    /// Those of closing.
    pub async fn close(self) -> Result<(), ServiceError> {
        self.reader.close_by_ref().await.during("closing the database")?;
        self.writer.close_by_ref().await.during("closing the database")
    }
}

fn bad_url(url: &str, why: &str) -> ServiceError {
    ServiceError::bad_input("DATABASE_URL", format!("{} is no database URL: {why}", without_password(url)))
}

fn unreachable(url: &str, source: sqlx::Error) -> ServiceError {
    let source = DbErr::Conn(RuntimeErr::SqlxError(Arc::new(source)));
    match ServiceError::of("connecting", source) {
        ServiceError::Database { operation, source } => ServiceError::Unreachable { database: without_password(url), operation, source },
        other => other.at(&without_password(url)),
    }
}

async fn connect_sqlite(url: &str, options: &DbOptions) -> Result<(DatabaseConnection, DatabaseConnection), ServiceError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(bad_url(url, "a database in memory cannot be shared between connections; name a file"));
    }
    let connect = SqliteConnectOptions::from_str(url)
        .map_err(|e| bad_url(url, &e.to_string()))?
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Normal)
        .row_buffer_size(ROW_BUFFER);
    let cache = |kib: u32| format!("-{kib}");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        // Bulk imports hold the one writer for seconds at a time; waiting for it is no sign of a dead database.
        .acquire_timeout(options.acquire_timeout.max(BUSY_TIMEOUT * 3))
        .test_before_acquire(false)
        .connect_with(
            connect
                .clone()
                .pragma("cache_size", cache(options.page_cache_kib))
                // What undoes a failed statement is kept in memory; and 64 MiB of log before it is folded into the file,
                // so that a bulk import does not write every page once per transaction.
                .pragma("temp_store", "memory")
                .pragma("wal_autocheckpoint", "16384")
                .pragma("journal_size_limit", WAL_LIMIT),
        )
        .await
        .map_err(|e| unreachable(url, e))?;
    set_wal(&writer, url).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .connect_with(connect.create_if_missing(false).pragma("cache_size", cache(options.page_cache_kib / 8)).pragma("query_only", "on"))
        .await
        .map_err(|e| unreachable(url, e))?;
    Ok((readers.into(), writer.into()))
}

/// The journal mode is a property of the file: set once, by whoever comes first. While several processes open a new file
/// at once, the change needs the file for itself and SQLite does not always wait for that, so it is asked for again.
async fn set_wal(writer: &sqlx::SqlitePool, url: &str) -> Result<(), ServiceError> {
    let mut attempts = 0;
    loop {
        let result = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(writer).await;
        match result {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            // A read-only file keeps the mode it has; the first write says that it is read-only.
            Ok(mode) => {
                tracing::debug!(mode, "the journal mode could not be changed");
                return Ok(());
            }
            Err(error) if attempts < 100 && is_busy(&error) => {
                attempts += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(unreachable(url, error)),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code().and_then(|c| c.parse::<i32>().ok()));
    code.is_some_and(|code| code & 0xff == 5)
}

async fn connect_postgres(url: &str, options: &DbOptions) -> Result<(DatabaseConnection, DatabaseConnection), ServiceError> {
    let millis = |d: Duration| format!("{}ms", d.as_millis());
    let connect = PgConnectOptions::from_str(url).map_err(|e| bad_url(url, &e.to_string()))?.application_name("rapport").options([
        ("statement_timeout", millis(options.statement_timeout)),
        ("idle_in_transaction_session_timeout", millis(options.statement_timeout)),
        // Scoring's statements are short; compiling them costs more than running them.
        ("jit", "off".to_owned()),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(options.connections.max(2))
        .acquire_timeout(options.acquire_timeout)
        // A ping per acquire costs a seventh of the server's CPU; a broken connection shows itself by its error.
        .test_before_acquire(false)
        .connect_with(connect)
        .await
        .map_err(|e| unreachable(url, e))?;
    let connection = DatabaseConnection::from(pool);
    Ok((connection.clone(), connection))
}
