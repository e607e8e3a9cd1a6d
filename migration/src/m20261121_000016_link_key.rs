//! What links in mails are signed with: one row, made by the first process that needs it, the same for all of them.

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
        let table = format!(
            "CREATE TABLE link_key (
                id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
                secret {bytes} NOT NULL CHECK (length(secret) = 32),
                created_at {bigint} NOT NULL
            ) {table}"
        );
        run(manager, &[table]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["link_key"]).await
    }
}
