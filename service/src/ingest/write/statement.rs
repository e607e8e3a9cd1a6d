//! Statements over many rows at once.
//!
//! Rows are sent in chunks of a few fixed sizes, so that there are few statement texts and both databases find them in
//! their caches; a builder would spend more time on the text than the database on the rows.

use futures_util::future::join;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::sql::dialect::max_parameters;

/// Rows per statement: the largest that fits is taken.
const CHUNKS: &[usize] = &[512, 128, 32, 8, 1];

/// A statement whose text holds, in one place, a list of row values.
pub(super) struct RowsStatement {
    /// What is being done, for errors.
    pub(super) operation: &'static str,
    /// The text before the rows.
    pub(super) before: String,
    /// The text behind them.
    pub(super) after: String,
    /// Parameters per row.
    pub(super) width: usize,
    /// Whether every row starts with its number in the chunk.
    pub(super) numbered: bool,
}

impl RowsStatement {
    fn text(&self, backend: DbBackend, rows: usize) -> String {
        let mut text =
            String::with_capacity(self.before.len() + self.after.len() + rows * (self.width * 7 + 8));
        text.push_str(&self.before);
        let mut parameter = 0;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ",(" });
            if self.numbered {
                text.push_str(&row.to_string());
            }
            for at in 0..self.width {
                if at > 0 || self.numbered {
                    text.push(',');
                }
                if backend == DbBackend::Postgres {
                    parameter += 1;
                    text.push('$');
                    text.push_str(&parameter.to_string());
                } else {
                    text.push('?');
                }
            }
            text.push(')');
        }
        text.push_str(&self.after);
        text
    }

    /// Splits the rows into chunks of the fixed sizes.
    fn chunks<'a, R>(
        &self,
        backend: DbBackend,
        mut rows: &'a [R],
    ) -> impl Iterator<Item = &'a [R]> + use<'a, R> {
        let most = max_parameters(backend) / self.width.max(1);
        std::iter::from_fn(move || {
            let size = CHUNKS
                .iter()
                .copied()
                .find(|size| *size <= rows.len() && *size <= most)?;
            let (chunk, rest) = rows.split_at(size);
            rows = rest;
            Some(chunk)
        })
    }

    fn statement<R>(&self, backend: DbBackend, rows: &[R], fill: &impl Fn(&R, &mut Vec<Value>)) -> Statement {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for row in rows {
            fill(row, &mut values);
        }
        Statement::from_sql_and_values(backend, self.text(backend, rows.len()), values)
    }

    /// Runs it for its effect. `fill` gives the parameters of a row.
    pub(super) async fn execute<R>(
        &self,
        tx: &Tx,
        rows: &[R],
        fill: impl Fn(&R, &mut Vec<Value>),
    ) -> Result<(), ServiceError> {
        let backend = tx.get_database_backend();
        let mut chunks = self
            .chunks(backend, rows)
            .map(|chunk| self.statement(backend, chunk, &fill));
        let mut next = chunks.next();
        while let Some(statement) = next {
            // While the database works on a chunk, the one behind it is made ready.
            let (done, following) = join(tx.execute_raw(statement), async { chunks.next() }).await;
            done.during(self.operation)?;
            next = following;
        }
        Ok(())
    }

    /// Runs it for its rows, whose first column is the number of the row they belong to.
    pub(super) async fn query<R>(
        &self,
        tx: &Tx,
        rows: &[R],
        fill: impl Fn(&R, &mut Vec<Value>),
    ) -> Result<Vec<(usize, QueryResult)>, ServiceError> {
        let backend = tx.get_database_backend();
        let mut found = Vec::new();
        for (first, row) in self.query_chunks(tx, rows, fill).await? {
            // SQLite types the number as the chunk's literal, 64 bits; PostgreSQL as a 32-bit integer.
            let number = match backend {
                DbBackend::Postgres => i64::from(row.try_get_by_index::<i32>(0).during(self.operation)?),
                _ => row.try_get_by_index::<i64>(0).during(self.operation)?,
            };
            found.push((first + usize::try_from(number).unwrap_or_default(), row));
        }
        Ok(found)
    }

    /// Runs it chunk by chunk: the rows, each with the number of its chunk's first row.
    async fn query_chunks<R>(
        &self,
        tx: &Tx,
        rows: &[R],
        fill: impl Fn(&R, &mut Vec<Value>),
    ) -> Result<Vec<(usize, QueryResult)>, ServiceError> {
        let backend = tx.get_database_backend();
        let mut first = 0;
        let mut chunks = self
            .chunks(backend, rows)
            .map(|chunk| (chunk.len(), self.statement(backend, chunk, &fill)));
        let mut next = chunks.next();
        let mut found = Vec::new();
        while let Some((size, statement)) = next {
            let (answer, following) = join(tx.query_all_raw(statement), async { chunks.next() }).await;
            found.extend(answer.during(self.operation)?.into_iter().map(|row| (first, row)));
            first += size;
            next = following;
        }
        Ok(found)
    }
}

/// Finds the ids in `column` of a table's rows by their keys; `None` where there is no such row.
pub(super) async fn find_ids<R>(
    tx: &Tx,
    operation: &'static str,
    (table, column): (&'static str, &'static str),
    key: &[&str],
    rows: &[R],
    fill: impl Fn(&R, &mut Vec<Value>),
) -> Result<Vec<Option<Uuid>>, ServiceError> {
    let mut ids = vec![None; rows.len()];
    if tx.get_database_backend() == DbBackend::Postgres {
        for (number, row) in select_by_key(operation, table, key, &[column])
            .query(tx, rows, fill)
            .await?
        {
            if let Some(slot) = ids.get_mut(number) {
                *slot = row.try_get_by_index(1).during(operation)?;
            }
        }
        return Ok(ids);
    }
    // One packed text per chunk: SQLite's driver hands every row over between two threads, which costs more than finding it.
    let statement = select_joined(
        operation,
        table,
        key,
        &format!("group_concat(concat(hex(t.{column}), k.n), '|')"),
    );
    for (first, row) in statement.query_chunks(tx, rows, fill).await? {
        let packed: Option<String> = row.try_get_by_index(0).during(operation)?;
        for one in packed.iter().flat_map(|packed| packed.split('|')) {
            let parts = one
                .split_at_checked(32)
                .and_then(|(id, number)| Some((Uuid::try_parse(id).ok()?, number.parse::<usize>().ok()?)));
            let Some((id, number)) = parts else {
                return Err(ServiceError::Stored {
                    table,
                    column,
                    value: one.to_owned(),
                });
            };
            if let Some(slot) = ids.get_mut(first + number) {
                *slot = Some(id);
            }
        }
    }
    Ok(ids)
}

/// `SELECT` of columns of a table for rows of keys. The keys come first in the join, so that each is one search in the
/// index, whatever the planner knows about the table.
pub(super) fn select_by_key(
    operation: &'static str,
    table: &str,
    key: &[&str],
    columns: &[&str],
) -> RowsStatement {
    let selected: Vec<String> = std::iter::once("k.n".to_owned())
        .chain(columns.iter().map(|column| format!("t.{column}")))
        .collect();
    select_joined(operation, table, key, &selected.join(", "))
}

/// The same, with what is selected of the keys `k` and the table `t` written out.
fn select_joined(operation: &'static str, table: &str, key: &[&str], selected: &str) -> RowsStatement {
    let names: Vec<String> = (0..key.len()).map(|at| format!("k{at}")).collect();
    let joined: Vec<String> = key
        .iter()
        .zip(&names)
        .map(|(column, name)| format!("t.{column} = k.{name}"))
        .collect();
    RowsStatement {
        operation,
        before: format!("WITH k(n, {}) AS (VALUES ", names.join(", ")),
        after: format!(
            ") SELECT {selected} FROM k CROSS JOIN {table} t WHERE {}",
            joined.join(" AND ")
        ),
        width: key.len(),
        numbered: true,
    }
}

/// `DELETE` of the rows of keys.
pub(super) fn delete_by_key(operation: &'static str, table: &str, key: &[&str]) -> RowsStatement {
    let before = format!("DELETE FROM {table} WHERE ({}) IN (VALUES ", key.join(", "));
    RowsStatement {
        operation,
        before,
        after: ")".to_owned(),
        width: key.len(),
        numbered: false,
    }
}
