//! Which requests were done already, by the key that their caller gave them: ids of what they made, and hashes. Neither the
//! key nor the body is kept: they may name people.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, run};

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
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE idempotency_key (
                        user_id {id} NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
                        mutation text NOT NULL CHECK (mutation <> ''),
                        key_hash text NOT NULL CHECK (length(key_hash) = 64),
                        body_hash text NOT NULL CHECK (length(body_hash) = 64),
                        used_at {bigint} NOT NULL,
                        result text NOT NULL,
                        PRIMARY KEY (user_id, mutation, key_hash)
                    ) {clustered}"
                ),
                "CREATE INDEX idempotency_key_used ON idempotency_key (used_at)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["idempotency_key"]).await
    }
}
