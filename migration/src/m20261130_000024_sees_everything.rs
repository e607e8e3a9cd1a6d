//! Which viewers see every account while they are in no team. Until now every viewer in no team did; those who do at this
//! moment go on.

use sea_orm_migration::prelude::*;

use crate::words::{Words, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let (no, yes) = if words.postgres {
            ("false", "true")
        } else {
            ("0", "1")
        };
        let column = words.flag("sees_everything");
        run(
            manager,
            &[
                format!("ALTER TABLE app_user ADD COLUMN {column} DEFAULT {no}"),
                format!(
                    "UPDATE app_user SET sees_everything = {yes}
                     WHERE role = 'VIEWER' AND NOT EXISTS (SELECT 1 FROM team_member m WHERE m.user_id = app_user.id)"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &["ALTER TABLE app_user DROP COLUMN sees_everything".to_owned()],
        )
        .await
    }
}
