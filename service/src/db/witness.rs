//! Who is asked, on a connection of its own, what the server does: whether it answers at all, and whether it works on a statement
//! whose answer does not come.

use std::time::Duration;

use sea_orm::prelude::async_trait;

use super::care::Watch;
use super::lent::{Lent, Raw};

/// How long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks a server (PostgreSQL).
#[derive(Debug)]
pub(super) struct Witness(sqlx::PgPool);

impl Witness {
    /// One that asks on the connections of a pool.
    pub(super) fn new(pool: sqlx::PgPool) -> Self {
        Self(pool)
    }

    async fn ask(&self, question: &'static str, about: &str) -> Option<bool> {
        let connection = self.0.acquire().await.ok()?;
        Lent::unguarded(Raw::Postgres(connection))
            .ask(question, about, PATIENCE)
            .await
    }
}

#[async_trait::async_trait]
impl Watch for Witness {
    async fn answers(&self) -> bool {
        self.ask("SELECT $1 = ''", "").await == Some(true)
    }

    async fn works_on(&self, sql: &str) -> Option<bool> {
        // The server keeps the beginning of a statement's text only. Names are those of this process: `postgres::connect`.
        let asked = "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = current_user
            AND application_name = current_setting('application_name') AND state = 'active' AND left(query, 200) = left($1, 200)";
        self.ask(asked, sql).await
    }
}
