//! A transaction. After a statement has failed nothing more is sent in it, and it is not committed: PostgreSQL would answer a
//! COMMIT with a rollback and call that a success, and SQLite, which rolls back by itself when the disk is full, would run
//! what follows outside of any transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sea_orm::prelude::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::sync::{Mutex, MutexGuard};

use super::lent::Lent;
use super::pool::Pool;
use super::reader::Reader;

/// An open transaction that may write.
#[derive(Debug)]
pub struct Tx {
    backend: DbBackend,
    lent: Mutex<Lent>,
    failed: AtomicBool,
    statements: Arc<AtomicU64>,
}

impl Tx {
    /// Begins one. On SQLite it takes the write lock at once: one that reads first and then writes would fail whenever another
    /// has written in between.
    pub(super) async fn begin(pool: &Pool, statements: Arc<AtomicU64>) -> Result<Self, DbErr> {
        let backend = pool.backend();
        let mut lent = pool.lend().await?;
        lent.begin(if backend == DbBackend::Sqlite {
            "BEGIN IMMEDIATE"
        } else {
            "BEGIN"
        })
        .await?;
        Ok(Self {
            backend,
            lent: Mutex::new(lent),
            failed: AtomicBool::new(false),
            statements,
        })
    }

    /// Begins one that only reads: on SQLite it sees the database as it is at its first statement, and on both it holds nothing
    /// that a writer waits for.
    pub(super) async fn begin_reading(reader: &Reader, statements: Arc<AtomicU64>) -> Result<Self, DbErr> {
        let backend = reader.get_database_backend();
        let mut lent = reader.lend().await?;
        lent.begin(if backend == DbBackend::Sqlite {
            "BEGIN"
        } else {
            "BEGIN READ ONLY"
        })
        .await?;
        Ok(Self {
            backend,
            lent: Mutex::new(lent),
            failed: AtomicBool::new(false),
            statements,
        })
    }

    /// Makes what was written last. An error says that it may not.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        if self.failed.load(Ordering::Acquire) {
            self.rollback().await;
            return Err(has_failed());
        }
        self.lent.into_inner().end("COMMIT").await
    }

    /// Takes back what was written.
    pub(super) async fn rollback(self) {
        if let Err(error) = self.lent.into_inner().end("ROLLBACK").await {
            tracing::warn!(%error, "rolling back failed: the connection is closed, which does the same");
        }
    }

    async fn lent(&self) -> Result<MutexGuard<'_, Lent>, DbErr> {
        let lent = self.lent.lock().await;
        if self.failed.load(Ordering::Acquire) {
            Err(has_failed())
        } else {
            Ok(lent)
        }
    }

    fn note<T>(&self, given: Result<T, DbErr>) -> Result<T, DbErr> {
        if given.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        given
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

fn has_failed() -> DbErr {
    DbErr::Exec(RuntimeErr::Internal(
        "a statement of this transaction has failed before".to_owned(),
    ))
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        let given = self.lent().await?.execute(&statement).await;
        self.note(given)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let given = self.lent().await?.execute_unprepared(sql).await;
        self.note(given)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let given = self.lent().await?.query_one(&statement).await;
        self.note(given)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let given = self.lent().await?.query_all(&statement).await;
        self.note(given)
    }
}
