//! What became of each user's digest of each week: the row is what makes it once, also where nothing was sent. And when a user
//! last changed what they want of it: what was due before that is owed by nobody.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words {
            id,
            bigint,
            clustered,
            ..
        } = Words::of(manager);
        let outcome = one_of("outcome", &["QUEUED", "EMPTY", "MISSED"]);
        // Weeks as 2026-W25: their order as texts is their order.
        let table = format!(
            "CREATE TABLE digest (
                user_id {id} NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
                week text NOT NULL CHECK (length(week) = 8),
                {outcome} NOT NULL,
                due_at {bigint} NOT NULL,
                settled_at {bigint} NOT NULL,
                PRIMARY KEY (user_id, week)
            ) {clustered}"
        );
        run(
            manager,
            &[
                table,
                format!("ALTER TABLE app_user ADD COLUMN digest_changed_at {bigint}"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &["ALTER TABLE app_user DROP COLUMN digest_changed_at".to_owned()],
        )
        .await?;
        drop_tables(manager, &["digest"]).await
    }
}
