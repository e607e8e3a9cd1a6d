//! The one clock for what several processes share: on PostgreSQL a function, the database's own time. And how far each worker's
//! clock was from it when a run began.

use sea_orm_migration::prelude::*;

use crate::words::{Words, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let Words { bigint, postgres, .. } = Words::of(manager);
        let mut statements = vec![format!(
            "ALTER TABLE job_run ADD COLUMN clock_ahead {bigint} NOT NULL DEFAULT 0"
        )];
        if postgres {
            // The caller says what time it is by their own clock, and is told what time it is: the same for a whole transaction.
            // A test may replace the function by one that believes the caller.
            statements.push(
                "CREATE FUNCTION shared_now(own bigint) RETURNS bigint LANGUAGE sql STABLE
                AS 'SELECT (extract(epoch FROM now()) * 1000000)::bigint'"
                    .to_owned(),
            );
        }
        run(manager, &statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut statements = vec!["ALTER TABLE job_run DROP COLUMN clock_ahead".to_owned()];
        if Words::of(manager).postgres {
            statements.push("DROP FUNCTION shared_now(bigint)".to_owned());
        }
        run(manager, &statements).await
    }
}
