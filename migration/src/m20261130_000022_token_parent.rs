//! With which token a token was made: it ends with that one. Of the tokens that are there already the audit log knows it.

use sea_orm_migration::prelude::*;

use crate::words::{Words, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words { id, .. } = Words::of(manager);
        run(
            manager,
            &[
                format!("ALTER TABLE api_token ADD COLUMN parent_id {id} REFERENCES api_token (id) ON DELETE CASCADE"),
                "CREATE INDEX api_token_parent ON api_token (parent_id)".to_owned(),
                "UPDATE api_token SET parent_id = l.token_id FROM audit_log l
                 WHERE l.action = 'createApiToken' AND l.target_id = api_token.id AND l.token_id <> api_token.id
                    AND EXISTS (SELECT 1 FROM api_token p WHERE p.id = l.token_id)"
                    .to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX api_token_parent".to_owned(), "ALTER TABLE api_token DROP COLUMN parent_id".to_owned()]).await
    }
}
