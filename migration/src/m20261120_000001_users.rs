//! The people who use Rapport and the bearer tokens they come with. A token is kept as its SHA-256 only.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let Words {
            id, bigint, table, ..
        } = words;
        let role = one_of("role", &["ADMIN", "MANAGER", "CSM", "VIEWER"]);
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE app_user (
                        id {id} NOT NULL PRIMARY KEY,
                        email text NOT NULL UNIQUE CHECK (email = lower(email) AND email <> ''),
                        name text NOT NULL,
                        {role} NOT NULL,
                        time_zone text,
                        manager_email text,
                        created_at {bigint} NOT NULL
                    ) {table}"
                ),
                format!(
                    "CREATE TABLE api_token (
                        id {id} NOT NULL PRIMARY KEY,
                        user_id {id} NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
                        name text NOT NULL,
                        token_hash text NOT NULL UNIQUE CHECK (length(token_hash) = 64),
                        last4 text NOT NULL,
                        created_at {bigint} NOT NULL,
                        expires_at {bigint},
                        last_used_at {bigint},
                        revoked_at {bigint}
                    ) {table}"
                ),
                "CREATE INDEX api_token_user ON api_token (user_id)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_token", "app_user"]).await
    }
}
