//! Leases for job runs, runs that are shared in batches, and runs that left something out. And an index over what is old
//! enough to be pruned from the outbox.

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
            clustered,
            ..
        } = words;
        let outcomes = ["RUNNING", "DONE", "PARTIAL", "FAILED", "MISSED"];
        // Whether a run is still under way says its lease; the number of attempts tells one holder from the next. A run
        // that is shared has no lease of its own: its batches have.
        let columns = format!(
            "attempts {int} NOT NULL DEFAULT 1 CHECK (attempts > 0),
            leased_until {bigint} CHECK (leased_until IS NULL OR outcome = 'RUNNING')"
        );
        replace(manager, &words, &outcomes, &columns, "outcome").await?;
        let which = one_of("which", &["ALL", "MISSING", "TOUCHED"]);
        let day = words.day("day");
        run(
            manager,
            &[
                // Accounts of a day whose ids follow one and reach to another; absent where the list begins or ends.
                format!(
                    "CREATE TABLE job_batch (
                        run_id {id} NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
                        number {int} NOT NULL,
                        {day} NOT NULL,
                        {which} NOT NULL,
                        after_account {id},
                        until_account {id},
                        attempts {int} NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                        leased_by text,
                        leased_until {bigint},
                        done_at {bigint},
                        counts text NOT NULL DEFAULT '{{}}',
                        set_aside text NOT NULL DEFAULT '[]',
                        PRIMARY KEY (run_id, number),
                        CONSTRAINT job_batch_lease CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
                        CONSTRAINT job_batch_done CHECK (done_at IS NULL OR leased_by IS NULL)
                    ) {clustered}"
                ),
                "CREATE INDEX outbox_kept ON outbox (finished_at) WHERE message IS NOT NULL AND finished_at IS NOT NULL".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX outbox_kept".to_owned()]).await?;
        drop_tables(manager, &["job_batch"]).await?;
        let outcome = "CASE outcome WHEN 'PARTIAL' THEN 'DONE' ELSE outcome END";
        replace(
            manager,
            &Words::of(manager),
            &["RUNNING", "DONE", "FAILED", "MISSED"],
            "",
            outcome,
        )
        .await
    }
}

/// Makes the ledger anew with other outcomes and columns: what a column may hold cannot be changed in SQLite.
async fn replace(
    manager: &SchemaManager<'_>,
    words: &Words,
    outcomes: &[&str],
    columns: &str,
    outcome: &str,
) -> Result<(), DbErr> {
    const KEPT: &str = "id, job, slot_at, worker, started_at, finished_at, counts, error";
    let Words {
        id, bigint, table, ..
    } = words;
    let outcomes = one_of("outcome", outcomes);
    let more = if columns.is_empty() {
        String::new()
    } else {
        format!("{columns},")
    };
    run(
        manager,
        &[
            format!("CREATE TABLE job_run_before AS SELECT {KEPT}, outcome FROM job_run"),
            "DROP TABLE job_run".to_owned(),
            format!(
                "CREATE TABLE job_run (
                    id {id} NOT NULL PRIMARY KEY,
                    job text NOT NULL CHECK (job <> ''),
                    slot_at {bigint} NOT NULL,
                    worker text NOT NULL,
                    started_at {bigint} NOT NULL,
                    finished_at {bigint},
                    {outcomes} NOT NULL,
                    counts text NOT NULL DEFAULT '{{}}',
                    error text,
                    {more}
                    UNIQUE (job, slot_at)
                ) {table}"
            ),
            format!("INSERT INTO job_run ({KEPT}, outcome) SELECT {KEPT}, {outcome} FROM job_run_before"),
            "DROP TABLE job_run_before".to_owned(),
            "CREATE INDEX job_run_started ON job_run (job, started_at)".to_owned(),
            "CREATE INDEX job_run_running ON job_run (job, slot_at) WHERE outcome = 'RUNNING'".to_owned(),
        ],
    )
    .await
}
