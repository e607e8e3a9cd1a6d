//! What the running system knows about itself: its job runs, and the policy and time zone it was installed with.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let Words {
            id,
            int,
            bigint,
            table,
            ..
        } = words;
        let outcome = one_of("outcome", &["RUNNING", "DONE", "FAILED", "MISSED"]);
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE job_run (
                        id {id} NOT NULL PRIMARY KEY,
                        job text NOT NULL CHECK (job <> ''),
                        slot_at {bigint} NOT NULL,
                        worker text NOT NULL,
                        started_at {bigint} NOT NULL,
                        finished_at {bigint},
                        {outcome} NOT NULL,
                        counts text NOT NULL DEFAULT '{{}}',
                        error text,
                        UNIQUE (job, slot_at)
                    ) {table}"
                ),
                "CREATE INDEX job_run_started ON job_run (job, started_at)".to_owned(),
                format!(
                    "CREATE TABLE installation (
                        id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
                        policy_hash text NOT NULL CHECK (length(policy_hash) = 16),
                        policy text NOT NULL,
                        time_zone text NOT NULL,
                        installed_at {bigint} NOT NULL
                    ) {table}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["installation", "job_run"]).await
    }
}
