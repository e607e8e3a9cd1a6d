//! Who serves an account, and which interactions were a newsletter or a campaign. Until now everybody was taken to be served
//! by ourselves, and every mail to expect an answer: what is stored goes on saying so.

use sea_orm_migration::prelude::*;

use crate::words::{Words, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let no = if words.postgres { "false" } else { "0" };
        let served_by = one_of("served_by", &["DIRECT", "PARTNER", "POOLED"]);
        let bulk = words.flag("bulk");
        run(
            manager,
            &[
                format!("ALTER TABLE account ADD COLUMN {served_by} NOT NULL DEFAULT 'DIRECT'"),
                format!("ALTER TABLE interaction ADD COLUMN {bulk} DEFAULT {no}"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dropped = [("interaction", "bulk"), ("account", "served_by")];
        run(
            manager,
            &dropped.map(|(table, column)| format!("ALTER TABLE {table} DROP COLUMN {column}")),
        )
        .await
    }
}
