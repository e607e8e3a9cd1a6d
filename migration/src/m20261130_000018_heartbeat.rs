//! What a process writes to see whether the database takes writes: one row.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words {
            int,
            bigint,
            table,
            postgres,
            ..
        } = Words::of(manager);
        let bytes = if postgres { "bytea" } else { "BLOB" };
        let mut statements = vec![format!(
            "CREATE TABLE heartbeat (
                id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
                at {bigint} NOT NULL,
                ballast {bytes}
            ) {table}"
        )];
        if postgres {
            // Compressed it would take no room.
            statements.push("ALTER TABLE heartbeat ALTER COLUMN ballast SET STORAGE EXTERNAL".to_owned());
        }
        run(manager, &statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["heartbeat"]).await
    }
}
