//! A connection that somebody works with, and what becomes of it afterwards. It goes back to its pool when it is as it was:
//! no transaction is open, and the database answers on it, in time. Else it is closed without a word to the other end, who
//! may not be there: what it had not committed did not happen.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::stream::{BoxStream, try_unfold};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Postgres, Sqlite};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::care::{Care, Ended};

/// How long a connection may take to go back: until a statement that nobody waits for has ended, and for a round trip. The
/// driver itself sets no limit to either (sqlx#4349).
const RETURN: Duration = Duration::from_secs(5);

/// The driver's connection.
#[derive(Debug)]
pub(super) enum Raw {
    /// To a file.
    Sqlite(PoolConnection<Sqlite>),
    /// To a server.
    Postgres(PoolConnection<Postgres>),
}

/// In what state a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No transaction is open.
    Whole,
    /// A transaction is open, or may be.
    InTransaction,
    /// Nobody may use it again.
    Broken,
}

/// A connection that somebody works with.
#[derive(Debug)]
pub(crate) struct Lent {
    raw: Option<Raw>,
    state: State,
    care: Arc<Care>,
    /// What others wait for until the connection has gone back.
    permit: Option<OwnedSemaphorePermit>,
}

/// Sends a statement, and waits for it in time, whichever driver it is.
macro_rules! send {
    ($lent:ident, $sql:expr, $kind:path, $connection:ident => $given:expr) => {{
        let care = Arc::clone(&$lent.care);
        let given = match &mut $lent.raw {
            Some(Raw::Sqlite($connection)) => care.in_time($sql, async { $given }).await,
            Some(Raw::Postgres($connection)) => care.in_time($sql, async { $given }).await,
            None => Err(Ended::Lost),
        };
        given.map_err(|ended| note(&mut $lent.state, ended, $kind))
    }};
}

/// The driver's query for a statement of the ORM.
macro_rules! query {
    ($statement:ident) => {
        sqlx::query_with(
            AssertSqlSafe($statement.sql.as_str()),
            SqlxValues(
                $statement
                    .values
                    .clone()
                    .unwrap_or_else(|| sea_orm::Values(Vec::new())),
            ),
        )
    };
}

impl Lent {
    pub(super) fn new(raw: Raw, care: Arc<Care>) -> Self {
        Self {
            raw: Some(raw),
            state: State::Whole,
            care,
            permit: None,
        }
    }

    /// One whose statements are waited for as long as it takes.
    pub(super) fn unguarded(raw: Raw) -> Self {
        Self::new(raw, Arc::new(Care::endless()))
    }

    /// Asks the server a question about a text; nothing where it does not answer in time.
    pub(super) async fn ask(
        &mut self,
        question: &'static str,
        about: &str,
        patience: Duration,
    ) -> Option<bool> {
        let Some(Raw::Postgres(connection)) = &mut self.raw else {
            return None;
        };
        let answer = timeout(
            patience,
            sqlx::query_scalar::<_, bool>(question)
                .bind(about)
                .fetch_one(&mut **connection),
        )
        .await;
        if !matches!(answer, Ok(Ok(_))) {
            self.state = State::Broken;
        }
        answer.ok()?.ok()
    }

    /// Holds a permit until the connection has gone back.
    pub(super) fn keep(&mut self, permit: OwnedSemaphorePermit) {
        self.permit = Some(permit);
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        send!(self, &statement.sql, DbErr::Exec, connection => query!(statement).execute(&mut **connection).await.map(ExecResult::from))
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        send!(self, sql, DbErr::Exec, connection => connection.execute(AssertSqlSafe(sql.to_owned())).await.map(ExecResult::from))
    }

    pub(super) async fn query_one(&mut self, statement: &Statement) -> Result<Option<QueryResult>, DbErr> {
        send!(self, &statement.sql, DbErr::Query, connection => {
            query!(statement).fetch_optional(&mut **connection).await.map(|row| row.map(QueryResult::from))
        })
    }

    pub(super) async fn query_all(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        send!(self, &statement.sql, DbErr::Query, connection => {
            query!(statement).fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(QueryResult::from).collect())
        })
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self, words: &'static str) -> Result<(), DbErr> {
        // Until the answer is there it may be open or not.
        self.state = State::InTransaction;
        let begun = self.execute_unprepared(words).await.map(drop);
        if let Err(error) = &begun
            && self.state != State::Broken
        {
            // Somebody else holds the lock: nothing has begun. Whatever else it is, the connection is not as it should be: it is
            // inside a transaction that somebody has left open, for one.
            self.state = if is_busy(error) {
                State::Whole
            } else {
                State::Broken
            };
        }
        begun
    }

    /// Ends a transaction, by COMMIT or ROLLBACK. Where that fails it is not known how it has ended: SQLite, for one, rolls back
    /// by itself when the disk is full, and its driver does not notice. On a broken connection nothing is sent, for nobody answers.
    pub(super) async fn end(&mut self, words: &'static str) -> Result<(), DbErr> {
        if self.state == State::Broken {
            return Err(lost());
        }
        let ended = self.execute_unprepared(words).await.map(drop);
        self.state = if ended.is_ok() {
            State::Whole
        } else {
            State::Broken
        };
        ended
    }

    /// The rows of a statement on SQLite, as they come; none on another database.
    pub(crate) fn sqlite<'c>(
        &'c mut self,
        text: &'static str,
        query: Query<'c, Sqlite, SqliteArguments>,
    ) -> BoxStream<'c, Result<SqliteRow, DbErr>> {
        match &mut self.raw {
            Some(Raw::Sqlite(connection)) => rows(
                &mut **connection,
                Arc::clone(&self.care),
                &mut self.state,
                text,
                query,
            ),
            _ => Box::pin(futures_util::stream::empty()),
        }
    }

    /// The rows of a statement on PostgreSQL, as they come; none on another database.
    pub(crate) fn postgres<'c>(
        &'c mut self,
        text: &'static str,
        query: Query<'c, Postgres, PgArguments>,
    ) -> BoxStream<'c, Result<PgRow, DbErr>> {
        match &mut self.raw {
            Some(Raw::Postgres(connection)) => rows(
                &mut **connection,
                Arc::clone(&self.care),
                &mut self.state,
                text,
                query,
            ),
            _ => Box::pin(futures_util::stream::empty()),
        }
    }
}

fn is_busy(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) => is_locked(error),
        _ => false,
    }
}

fn lost() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "the server does not answer on this connection".to_owned(),
    ))
}

/// What a statement that gave nothing means for the connection, and as an error of the ORM.
fn note(state: &mut State, ended: Ended, kind: fn(RuntimeErr) -> DbErr) -> DbErr {
    match ended {
        Ended::Lost => {
            *state = State::Broken;
            lost()
        }
        Ended::Failed(error) => {
            if !matches!(error, sqlx::Error::Database(_) | sqlx::Error::Encode(_)) {
                *state = State::Broken;
            }
            kind(RuntimeErr::SqlxError(Arc::new(error)))
        }
    }
}

/// The rows of a statement of the driver, as they come.
fn rows<'c, D>(
    connection: &'c mut D::Connection,
    care: Arc<Care>,
    state: &'c mut State,
    text: &'static str,
    query: Query<'c, D, <D as Database>::Arguments>,
) -> BoxStream<'c, Result<D::Row, DbErr>>
where
    D: Database,
    <D as Database>::Arguments: IntoArguments<D>,
    &'c mut D::Connection: Executor<'c, Database = D>,
{
    let given = (query.fetch(connection), care, state);
    Box::pin(try_unfold(given, move |(mut rows, care, state)| async move {
        match care.in_time(text, rows.try_next()).await {
            Ok(row) => Ok(row.map(|row| (row, (rows, care, state)))),
            Err(ended) => Err(note(state, ended, DbErr::Query)),
        }
    }))
}

impl Drop for Lent {
    fn drop(&mut self) {
        let permit = self.permit.take();
        match self.raw.take() {
            Some(Raw::Sqlite(connection)) => put_down(connection, self.state, permit),
            Some(Raw::Postgres(connection)) => put_down(connection, self.state, permit),
            None => {}
        }
    }
}

/// Gives a connection back, or throws it away. A dropped `PoolConnection` would go back by itself, but without a limit.
fn put_down<D>(mut connection: PoolConnection<D>, state: State, permit: Option<OwnedSemaphorePermit>)
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let (State::Whole | State::InTransaction, Ok(runtime)) = (state, Handle::try_current()) else {
        return drop(connection.detach());
    };
    if state == State::Whole {
        // The next one may begin while this connection goes back.
        drop(permit);
        let returning = connection.return_to_pool();
        runtime.spawn(timeout(RETURN, returning));
        return;
    }
    runtime.spawn(async move {
        // Whoever began the transaction is gone.
        match timeout(RETURN, (&mut *connection).execute("ROLLBACK")).await {
            Ok(Ok(_)) => {
                let returning = connection.return_to_pool();
                let _ = timeout(RETURN, returning).await;
            }
            _ => drop(connection.detach()),
        }
        drop(permit);
    });
}

/// Whether another connection holds the lock.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|e| e.code().and_then(|c| c.parse::<i32>().ok()));
    code.is_some_and(|code| code & 0xff == 5)
}

#[cfg(test)]
mod tests {
    use sqlx::SqlitePool;

    use super::*;

    #[tokio::test]
    async fn nothing_is_sent_on_a_broken_connection_to_end_a_transaction() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        for words in ["ROLLBACK", "COMMIT"] {
            let mut lent = Lent::unguarded(Raw::Sqlite(pool.acquire().await.unwrap()));
            lent.begin("BEGIN").await.unwrap();
            lent.state = State::Broken;
            lent.end(words).await.unwrap_err();
            assert_eq!(lent.state, State::Broken);
            lent.execute_unprepared("ROLLBACK")
                .await
                .expect("the transaction is open: it was not told to end");
        }
    }
}
