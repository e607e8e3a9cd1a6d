//! What the customer wants and what it gets: metrics, goals and initiatives.

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
            double,
            clustered,
            ..
        } = words;
        let observed_on = words.day("observed_on");
        let due_on = words.day("due_on");
        let alignment = one_of("alignment", &["HIGH", "MEDIUM", "LOW"]);
        // "Less than the largest double" says "finite" to both databases: infinity is larger, and so is PostgreSQL's NaN.
        let finite = "value > -1.7976931348623157e308 AND value < 1.7976931348623157e308";
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE metric (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        metric text NOT NULL CHECK (metric <> ''),
                        {observed_on} NOT NULL,
                        value {double} NOT NULL CHECK ({finite}),
                        PRIMARY KEY (account_id, metric, observed_on)
                    ) {clustered}"
                ),
                format!(
                    "CREATE TABLE goal (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        goal text NOT NULL CHECK (goal <> ''),
                        progress {double} CHECK (progress BETWEEN 0 AND 100),
                        {due_on},
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, goal)
                    ) {clustered}"
                ),
                format!(
                    "CREATE TABLE initiative (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        initiative text NOT NULL CHECK (initiative <> ''),
                        their_priority text,
                        {alignment} NOT NULL,
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, initiative)
                    ) {clustered}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["initiative", "goal", "metric"]).await
    }
}
