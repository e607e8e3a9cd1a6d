//! Reading: each statement on a connection of the pool that is free.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::prelude::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::lent::Lent;
use super::pool::Pool;

/// The connections for reading.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: Pool,
    statements: Arc<AtomicU64>,
}

impl Reader {
    pub(super) fn new(pool: Pool, statements: Arc<AtomicU64>) -> Self {
        Self { pool, statements }
    }

    /// A connection for several statements.
    pub(crate) async fn lend(&self) -> Result<Lent, DbErr> {
        self.pool.lend().await
    }

    async fn lend_counted(&self) -> Result<Lent, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.lend().await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lend_counted().await?.execute(&statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lend().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.lend_counted().await?.query_one(&statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.lend_counted().await?.query_all(&statement).await
    }
}
