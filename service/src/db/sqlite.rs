//! Connections to a file: for each role one writer, and readers that cannot write; WAL, so that readers never wait;
//! `synchronous = NORMAL`, which cannot corrupt the file, but a power cut may lose the last commits.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Semaphore;

use super::care::Care;
use super::lent::is_locked;
use super::pool::{Connections, Pool, Turn};
use super::pools::Pools;
use super::private_files::create_if_missing;
use super::role::Role;
use super::url::{bad_url, unreachable};
use crate::error::ServiceError;

/// To what size the write-ahead log is cut back once it is folded in.
const WAL_LIMIT: &str = "67108864";
/// Rows that SQLite's thread may run ahead: fewer hand-overs between threads.
const ROW_BUFFER: usize = 512;
/// After how long without work a connection is closed: its cache is memory that others could use.
const IDLE: Duration = Duration::from_mins(5);

/// How a role connects to a file.
struct Options {
    reader: SqliteConnectOptions,
    writer: SqliteConnectOptions,
}

fn options(url: &str, role: Role) -> Result<Options, ServiceError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(bad_url(
            url,
            "a database in memory cannot be shared between connections; name a file",
        ));
    }
    let limits = role.limits();
    let connect = SqliteConnectOptions::from_str(url)
        .map_err(|e| bad_url(url, &e.to_string()))?
        .busy_timeout(limits.lock)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Normal)
        .row_buffer_size(ROW_BUFFER);
    let cache = |kib: u32| format!("-{kib}");
    Ok(Options {
        writer: connect
            .clone()
            .pragma("cache_size", cache(limits.page_cache_kib))
            // What undoes a failed statement is kept in memory; and 64 MiB of log before it is folded into the file,
            // so that a bulk import does not write every page once per transaction.
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", "16384")
            .pragma("journal_size_limit", WAL_LIMIT),
        reader: connect
            .create_if_missing(false)
            .pragma("cache_size", cache(limits.page_cache_kib / 8))
            .pragma("query_only", "on"),
    })
}

/// The pools of every role. Connections are made when they are needed, but for the first.
pub(super) async fn connect(url: &str) -> Result<Vec<Pools>, ServiceError> {
    if url.contains("mode=rwc") {
        // Before SQLite does, which would make it as the umask says. What SQLite makes beside it, the write-ahead log, gets the
        // mode that the file has.
        let file = options(url, Role::Command)?.writer.get_filename().to_owned();
        create_if_missing(&file).map_err(|error| unreachable(url, sqlx::Error::Io(error)))?;
    }
    let queue = Arc::new(Semaphore::new(1));
    let mut roles = Vec::with_capacity(Role::ALL.len());
    for role in Role::ALL {
        let (limits, options, [read, write]) = (role.limits(), options(url, role)?, role.pools());
        let pool = || {
            SqlitePoolOptions::new()
                .test_before_acquire(false)
                .idle_timeout(IDLE)
        };
        // Bulk imports hold the one writer for seconds at a time; waiting for it is no sign of a dead database.
        let (within, among) = match role {
            Role::Health => (limits.acquire, limits.acquire),
            // A request is given up after ten seconds: whoever waits for longer is told before that to come again.
            Role::Api => (limits.acquire, limits.lock),
            Role::Command | Role::Worker => (limits.lock * 3, limits.lock * 3),
        };
        let writer = pool()
            .max_connections(1)
            .acquire_timeout(within)
            .connect_lazy_with(options.writer);
        let readers = pool()
            .max_connections(limits.readers)
            .acquire_timeout(limits.acquire)
            .connect_lazy_with(options.reader);
        if role == Role::Command {
            set_wal(&writer, url).await?;
            readers.acquire().await.map_err(|e| unreachable(url, e))?;
        }
        let turn = Turn {
            queue: Arc::clone(&queue),
            patience: among,
        };
        roles.push(Pools {
            read: Pool::new(read, Connections::Sqlite(readers), Care::endless(), None),
            write: Pool::new(write, Connections::Sqlite(writer), Care::endless(), Some(turn)),
            room: None,
        });
    }
    Ok(roles)
}

/// The ORM's own pool, of one connection.
pub(super) fn lone(pool: &sqlx::SqlitePool) -> DatabaseConnection {
    let options = pool.connect_options().as_ref().clone();
    SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options)
        .into()
}

/// The journal mode is a property of the file: set once, by whoever comes first. While several processes open a new file
/// at once, the change needs the file for itself and SQLite does not always wait for that, so it is asked for again.
async fn set_wal(writer: &sqlx::SqlitePool, url: &str) -> Result<(), ServiceError> {
    let mut attempts = 0;
    loop {
        let result = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL")
            .fetch_one(writer)
            .await;
        match result {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            // A read-only file keeps the mode it has; the first write says that it is read-only.
            Ok(mode) => {
                tracing::debug!(mode, "the journal mode could not be changed");
                return Ok(());
            }
            Err(error) if attempts < 100 && is_locked(&error) => {
                attempts += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(unreachable(url, error)),
        }
    }
}
