//! Brings the schema up to date, and tells whether it is.
//!
//! Any number of processes may start at once: on PostgreSQL they queue for an advisory lock, on SQLite for the write
//! lock; the first does the work, the others find it done. All steps run in one transaction: a crash leaves nothing half
//! done.

use std::collections::HashSet;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::db::Db;
use crate::error::{During, ServiceError};

/// Any number will do as long as it stays the same: it spells "rapport" in ASCII.
const MIGRATION_LOCK: i64 = 0x0072_6170_706f_7274;

/// Brings the database to the schema of this binary. Does nothing when it is there already.
///
/// # Errors
/// [`ServiceError::SchemaNewer`] when a newer binary was here, [`ServiceError::ReadOnly`] and
/// [`ServiceError::Unreachable`] when the database takes no writes or does not answer.
pub async fn migrate(db: &Db) -> Result<(), ServiceError> {
    db.schema_tx(async |tx| {
        lock(tx).await?;
        let applied = applied_steps(tx).await?;
        let unknown = unknown_steps(&applied);
        if !unknown.is_empty() {
            return Err(ServiceError::SchemaNewer {
                database: db.url().to_owned(),
                unknown,
            });
        }
        Migrator::up(tx, None).await.during("migrating the schema")?;
        // Changes nothing, but takes a database that can be written: one that cannot is better known now than at the
        // first write of the night.
        tx.execute_unprepared("DELETE FROM seaql_migrations WHERE version IS NULL")
            .await
            .map(drop)
            .during("probing for write access")
    })
    .await
}

/// Whether the schema is the one that this binary was made for.
///
/// # Errors
/// [`ServiceError::SchemaNewer`] or [`ServiceError::SchemaOlder`] when it is not.
pub async fn check_schema(db: &Db) -> Result<(), ServiceError> {
    let applied = applied_steps(db.read()).await.map_err(|e| e.at(db.url()))?;
    let unknown = unknown_steps(&applied);
    if !unknown.is_empty() {
        return Err(ServiceError::SchemaNewer {
            database: db.url().to_owned(),
            unknown,
        });
    }
    let pending = Migrator::migrations().len().saturating_sub(applied.len());
    if pending > 0 {
        return Err(ServiceError::SchemaOlder {
            database: db.url().to_owned(),
            pending,
        });
    }
    Ok(())
}

async fn lock(tx: &impl ConnectionTrait) -> Result<(), ServiceError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Waiting for another process's migration may take longer than a statement may; the lock goes with the transaction.
        tx.execute_unprepared(&format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
        ))
        .await
        .during("waiting for the migration lock")?;
    }
    Ok(())
}

/// Names of the steps that the database has seen; none when it is empty.
async fn applied_steps(connection: &impl ConnectionTrait) -> Result<Vec<String>, ServiceError> {
    let backend = connection.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    let operation = "reading the schema's history";
    if connection
        .query_one_raw(Statement::from_string(backend, exists))
        .await
        .during(operation)?
        .is_none()
    {
        return Ok(Vec::new());
    }
    let rows = connection
        .query_all_raw(Statement::from_string(
            backend,
            "SELECT version FROM seaql_migrations ORDER BY version",
        ))
        .await
        .during(operation)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .during(operation)
}

fn unknown_steps(applied: &[String]) -> Vec<String> {
    let known: HashSet<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    applied
        .iter()
        .filter(|step| !known.contains(*step))
        .cloned()
        .collect()
}
