//! With which token a token was made: it ends with that one. Of the tokens that are there already the audit log knows it, and
//! those whose maker has ended already, or will before them, end as if they had always been its children.

use sea_orm_migration::prelude::*;

use crate::words::{Words, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words { id, postgres, .. } = Words::of(manager);
        let now = if postgres {
            "CAST(extract(epoch FROM now()) * 1000000 AS bigint)"
        } else {
            "unixepoch() * 1000000"
        };
        run(
            manager,
            &[
                format!("ALTER TABLE api_token ADD COLUMN parent_id {id} REFERENCES api_token (id) ON DELETE CASCADE"),
                "CREATE INDEX api_token_parent ON api_token (parent_id)".to_owned(),
                "UPDATE api_token SET parent_id = l.token_id FROM audit_log l
                 WHERE l.action = 'createApiToken' AND l.target_id = api_token.id AND l.token_id <> api_token.id
                    AND EXISTS (SELECT 1 FROM api_token p WHERE p.id = l.token_id)"
                    .to_owned(),
                // A maker that is not there any more went with its user.
                format!(
                    "UPDATE api_token SET revoked_at = {now} FROM audit_log l
                     WHERE l.action = 'createApiToken' AND l.target_id = api_token.id AND l.token_id <> api_token.id
                        AND api_token.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM api_token p WHERE p.id = l.token_id)"
                ),
                "WITH RECURSIVE family (id, revoked_at, expires_at) AS (
                    SELECT id, revoked_at, expires_at FROM api_token WHERE parent_id IS NULL
                    UNION ALL
                    SELECT t.id, coalesce(t.revoked_at, f.revoked_at),
                        CASE WHEN f.expires_at IS NULL OR t.expires_at < f.expires_at THEN t.expires_at ELSE f.expires_at END
                    FROM api_token t JOIN family f ON t.parent_id = f.id)
                 UPDATE api_token SET revoked_at = f.revoked_at, expires_at = f.expires_at FROM family f
                 WHERE f.id = api_token.id AND api_token.parent_id IS NOT NULL"
                    .to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX api_token_parent".to_owned(),
                "ALTER TABLE api_token DROP COLUMN parent_id".to_owned(),
            ],
        )
        .await
    }
}
