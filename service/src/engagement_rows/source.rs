//! Where rows are read: straight from the driver, row by row, or through an open transaction, which sees what it has written
//! itself. The statements and what becomes of their rows are the same.

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::db::{Db, Lent, Tx};
use crate::error::{During, ServiceError};

/// Where rows are read.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// The readers' pool.
    Pool(&'a Db),
    /// A transaction: for few accounts, since it keeps all rows of a statement in memory.
    Tx(&'a Tx),
}

/// Where the statements of one batch run.
pub(super) enum Connection<'a> {
    /// On a reader's connection.
    Lent(&'a Db, Lent),
    /// In a transaction.
    Tx(&'a Tx),
}

/// A value that a statement is given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parameter<'a> {
    /// A JSON list of ids.
    List(&'a str),
    Ids(&'a [Uuid]),
    /// A number.
    Number(i64),
    /// A day.
    Day(chrono::NaiveDate),
}

/// A row of one of the two drivers, whoever fetched it.
pub(super) trait DriverRow: Row + Sized + 'static {
    /// The driver's row within the ORM's.
    fn within(result: &QueryResult) -> Option<&Self>;
}

impl DriverRow for SqliteRow {
    fn within(result: &QueryResult) -> Option<&Self> {
        result.try_as_sqlite_row()
    }
}

impl DriverRow for PgRow {
    fn within(result: &QueryResult) -> Option<&Self> {
        result.try_as_pg_row()
    }
}

/// The rows of one statement, as they come.
pub(super) enum Rows<'a, R> {
    /// From the driver.
    Stream(BoxStream<'a, Result<R, DbErr>>),
    /// From a transaction.
    List(std::vec::IntoIter<QueryResult>),
}

/// One row.
pub(super) enum Fetched<R> {
    /// Of the driver.
    Own(R),
    /// Of a transaction.
    Within(QueryResult),
}

impl<R: DriverRow> Rows<'_, R> {
    /// The next row.
    pub(super) async fn next(&mut self, operation: &'static str) -> Result<Option<Fetched<R>>, ServiceError> {
        match self {
            Self::Stream(rows) => Ok(rows.try_next().await.during(operation)?.map(Fetched::Own)),
            Self::List(rows) => Ok(rows.next().map(Fetched::Within)),
        }
    }
}

impl<R: DriverRow> Fetched<R> {
    /// The row.
    pub(super) fn row(&self) -> Result<&R, ServiceError> {
        match self {
            Self::Own(row) => Ok(row),
            Self::Within(result) => R::within(result)
                .ok_or_else(|| ServiceError::internal("reading rows", "they are those of another database")),
        }
    }
}

impl<'a> Source<'a> {
    /// Which database.
    pub(super) fn backend(self) -> DbBackend {
        match self {
            Self::Pool(db) => db.backend(),
            Self::Tx(tx) => tx.get_database_backend(),
        }
    }

    /// A connection for the statements of one batch.
    pub(super) async fn connection(self) -> Result<Connection<'a>, ServiceError> {
        Ok(match self {
            Self::Pool(db) => Connection::Lent(
                db,
                Box::pin(db.read().lend()).await.during("reading rows to score")?,
            ),
            Self::Tx(tx) => Connection::Tx(tx),
        })
    }
}

impl Connection<'_> {
    /// Runs a statement on SQLite.
    pub(super) async fn sqlite<'c>(
        &'c mut self,
        operation: &'static str,
        text: &'static str,
        parameters: &[Parameter<'c>],
    ) -> Result<Rows<'c, SqliteRow>, ServiceError> {
        let (db, lent) = match self {
            Self::Lent(db, lent) => (db, lent),
            Self::Tx(tx) => return list(tx, operation, text, parameters).await,
        };
        db.count_statements(1);
        let statement = parameters
            .iter()
            .fold(sqlx::query(text), |statement, parameter| match *parameter {
                Parameter::List(list) => statement.bind(list),
                // SQLite has no arrays; its statements take lists.
                Parameter::Ids(_) => statement,
                Parameter::Number(number) => statement.bind(number),
                Parameter::Day(day) => statement.bind(day),
            });
        Ok(Rows::Stream(lent.sqlite(text, statement)))
    }

    /// Runs a statement on PostgreSQL.
    pub(super) async fn postgres<'c>(
        &'c mut self,
        operation: &'static str,
        text: &'static str,
        parameters: &[Parameter<'c>],
    ) -> Result<Rows<'c, PgRow>, ServiceError> {
        let (db, lent) = match self {
            Self::Lent(db, lent) => (db, lent),
            Self::Tx(tx) => return list(tx, operation, text, parameters).await,
        };
        db.count_statements(1);
        let statement = parameters
            .iter()
            .fold(sqlx::query(text), |statement, parameter| match *parameter {
                Parameter::List(list) => statement.bind(list),
                Parameter::Ids(ids) => statement.bind(ids),
                Parameter::Number(number) => statement.bind(number),
                Parameter::Day(day) => statement.bind(day),
            });
        Ok(Rows::Stream(lent.postgres(text, statement)))
    }
}

async fn list<'a, R>(
    tx: &Tx,
    operation: &'static str,
    text: &str,
    parameters: &[Parameter<'_>],
) -> Result<Rows<'a, R>, ServiceError> {
    let values = parameters.iter().map(|parameter| match *parameter {
        Parameter::List(list) => Value::from(list),
        Parameter::Ids(ids) => Value::from(ids.to_vec()),
        Parameter::Number(number) => Value::from(number),
        Parameter::Day(day) => Value::from(day),
    });
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), text, values);
    Ok(Rows::List(
        tx.query_all_raw(statement).await.during(operation)?.into_iter(),
    ))
}
