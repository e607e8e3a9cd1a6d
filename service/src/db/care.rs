//! How long a statement is waited for. The server has a time limit of its own, but a peer that is gone tells nobody of it, and
//! nothing in the driver ends the waiting: so it ends here, and the connection with it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait;

/// How much longer than the server works on a statement its answer is waited for.
const MARGIN: Duration = Duration::from_secs(1);
/// How long after a statement was sent, and how often from then on, the server is asked whether it works on it.
const DOUBT: Duration = Duration::from_secs(3);

/// Who is asked what the server does, on a connection of its own.
#[async_trait::async_trait]
pub(super) trait Watch: Debug + Send + Sync {
    /// Whether the server answers.
    async fn answers(&self) -> bool;

    /// Whether the server works on a statement for this process; nothing where it does not say.
    async fn works_on(&self, sql: &str) -> Option<bool>;
}

/// How the statements of a pool's connections are waited for.
#[derive(Debug)]
pub(super) struct Care {
    /// How long; for ever where nothing can be gone (SQLite).
    limit: Option<Duration>,
    watch: Option<Arc<dyn Watch>>,
}

/// Why a statement has no result.
#[derive(Debug)]
pub(super) enum Ended {
    /// It failed.
    Failed(sqlx::Error),
    /// Nobody answers on this connection any more.
    Lost,
}

impl Care {
    /// Waits as long as it takes.
    pub(super) fn endless() -> Self {
        Self {
            limit: None,
            watch: None,
        }
    }

    /// Waits a little longer than the server may work on a statement.
    pub(super) fn beyond(statement: Duration, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            limit: Some(statement + MARGIN),
            watch,
        }
    }

    /// Who is asked what the server works on.
    pub(super) fn watch(&self) -> Option<&dyn Watch> {
        self.watch.as_deref()
    }

    /// Waits for what a statement gives.
    pub(super) async fn in_time<T>(
        &self,
        sql: &str,
        given: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Ended> {
        let Some(limit) = self.limit else {
            return given.await.map_err(Ended::Failed);
        };
        tokio::select! {
            biased;
            given = given => given.map_err(Ended::Failed),
            () = tokio::time::sleep(limit) => Err(Ended::Lost),
            () = self.forgotten(sql) => Err(Ended::Lost),
        }
    }

    /// Ends when the server has twice said that it does not work on a statement whose answer has not come: it may have finished
    /// a moment ago, but not a while ago. A server that says nothing has not said no.
    async fn forgotten(&self, sql: &str) {
        let Some(watch) = &self.watch else {
            return std::future::pending().await;
        };
        let mut denials = 0;
        while denials < 2 {
            tokio::time::sleep(DOUBT).await;
            denials = if watch.works_on(sql).await == Some(false) {
                denials + 1
            } else {
                0
            };
        }
    }
}
