//! The stored scores: numbers only, one row per account and day, under 300 bytes.

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
            double,
            clustered,
            ..
        } = words;
        let day = words.day("day");
        let data_through = words.day("data_through");
        let pattern = one_of(
            "pattern",
            &[
                "HIGHLY_ENGAGED",
                "MODERATELY_ENGAGED",
                "LOW_ENGAGED",
                "DISENGAGED",
            ],
        );
        let trend = one_of("trend", &["IMPROVING", "STABLE", "DECLINING", "NEW"]);
        let provisional = words.flag("provisional");
        let provisional_reason = one_of("provisional_reason", &["LOW_COVERAGE", "NEW_ACCOUNT"]);
        let coverage_changed = words.flag("coverage_changed");
        let single_threaded = words.flag("single_threaded");
        let multi_threaded = words.flag("multi_threaded");
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE assessment (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        {day} NOT NULL,
                        as_of {bigint} NOT NULL,
                        overall {double} CHECK (overall BETWEEN 0 AND 100.000001),
                        overall_rounded {int} CHECK (overall_rounded BETWEEN 0 AND 100),
                        previous_overall {int} CHECK (previous_overall BETWEEN 0 AND 100),
                        change {int} CHECK (change BETWEEN -100 AND 100),
                        {pattern},
                        {trend},
                        frequency {double},
                        quality {double},
                        breadth {double},
                        product {double},
                        coverage {double} NOT NULL CHECK (coverage BETWEEN 0 AND 100.000001),
                        {provisional},
                        {provisional_reason},
                        {coverage_changed},
                        {single_threaded},
                        {multi_threaded},
                        signals {int} NOT NULL CHECK (signals >= 0),
                        {data_through},
                        policy_hash text NOT NULL CHECK (length(policy_hash) = 16),
                        PRIMARY KEY (account_id, day)
                    ) {clustered}"
                ),
                "CREATE INDEX assessment_day ON assessment (day)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["assessment"]).await
    }
}
