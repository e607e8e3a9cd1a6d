//! Statements over many rows at once.
//!
//! Rows are sent in chunks of a few fixed sizes, so that there are few statement texts and both databases find them in
//! their caches; a builder would spend more time on the text than the database on the rows.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};

use crate::db::Tx;
use crate::dialect::max_parameters;
use crate::error::{During, ServiceError};

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
        let mut text = String::with_capacity(self.before.len() + self.after.len() + rows * (self.width * 7 + 8));
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
    fn chunks<'a>(&self, backend: DbBackend, mut rows: &'a mut [Vec<Value>]) -> Vec<(usize, &'a mut [Vec<Value>])> {
        let most = max_parameters(backend) / self.width.max(1);
        let mut chunks = Vec::new();
        let mut done = 0;
        while !rows.is_empty() {
            let size = CHUNKS.iter().copied().find(|size| *size <= rows.len() && *size <= most).unwrap_or(1);
            let (chunk, rest) = rows.split_at_mut(size);
            chunks.push((done, chunk));
            done += size;
            rows = rest;
        }
        chunks
    }

    fn statement(&self, backend: DbBackend, rows: &mut [Vec<Value>]) -> Statement {
        let values: Vec<Value> = rows.iter_mut().flat_map(std::mem::take).collect();
        Statement::from_sql_and_values(backend, self.text(backend, rows.len()), values)
    }

    /// Runs it for its effect.
    pub(super) async fn execute(&self, tx: &Tx, mut rows: Vec<Vec<Value>>) -> Result<(), ServiceError> {
        let backend = tx.get_database_backend();
        for (_, chunk) in self.chunks(backend, &mut rows) {
            tx.execute_raw(self.statement(backend, chunk)).await.during(self.operation)?;
        }
        Ok(())
    }

    /// Runs it for its rows, whose first column is the number of the row they belong to.
    pub(super) async fn query(&self, tx: &Tx, mut rows: Vec<Vec<Value>>) -> Result<Vec<(usize, QueryResult)>, ServiceError> {
        let backend = tx.get_database_backend();
        let mut found = Vec::new();
        for (first, chunk) in self.chunks(backend, &mut rows) {
            for row in tx.query_all_raw(self.statement(backend, chunk)).await.during(self.operation)? {
                // SQLite types the number as the chunk's literal, 64 bits; PostgreSQL as a 32-bit integer.
                let number = match backend {
                    DbBackend::Postgres => i64::from(row.try_get_by_index::<i32>(0).during(self.operation)?),
                    _ => row.try_get_by_index::<i64>(0).during(self.operation)?,
                };
                found.push((first + usize::try_from(number).unwrap_or_default(), row));
            }
        }
        Ok(found)
    }
}

/// `SELECT` of columns of a table for rows of keys. The keys come first in the join, so that each is one search in the
/// index, whatever the planner knows about the table.
pub(super) fn select_by_key(operation: &'static str, table: &str, key: &[&str], columns: &[&str]) -> RowsStatement {
    let names: Vec<String> = (0..key.len()).map(|at| format!("k{at}")).collect();
    let selected: Vec<String> = columns.iter().map(|column| format!("t.{column}")).collect();
    let joined: Vec<String> = key.iter().zip(&names).map(|(column, name)| format!("t.{column} = k.{name}")).collect();
    RowsStatement {
        operation,
        before: format!("WITH k(n, {}) AS (VALUES ", names.join(", ")),
        after: format!(") SELECT k.n, {} FROM k CROSS JOIN {table} t WHERE {}", selected.join(", "), joined.join(" AND ")),
        width: key.len(),
        numbered: true,
    }
}

/// `DELETE` of the rows of keys.
pub(super) fn delete_by_key(operation: &'static str, table: &str, key: &[&str]) -> RowsStatement {
    let before = format!("DELETE FROM {table} WHERE ({}) IN (VALUES ", key.join(", "));
    RowsStatement { operation, before, after: ")".to_owned(), width: key.len(), numbered: false }
}
