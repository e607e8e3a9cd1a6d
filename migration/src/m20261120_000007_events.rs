//! What changed in the customer's organisation, and how its contract turned out.

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
            bigint,
            table,
            clustered,
            nobody,
            ..
        } = words;
        let change_kind = one_of(
            "kind",
            &[
                "DEPARTURE",
                "ROLE_CHANGE",
                "NEW_EXECUTIVE",
                "REORGANISATION",
                "MERGER_ACQUISITION",
                "LAYOFF",
            ],
        );
        let observed_on = words.day("observed_on");
        let source = one_of("source", &["MANUAL", "LINKEDIN", "NEWS", "CRM", "EMAIL_BOUNCE"]);
        let certainty = one_of("certainty", &["SUSPECTED", "CONFIRMED"]);
        let outcome_kind = one_of("kind", &["RENEWED", "CHURNED", "EXPANDED", "CONTRACTED"]);
        let occurred_on = words.day("occurred_on");
        run(
            manager,
            &[
                // An absent contact equals an absent contact, so the key uses a column that is never NULL.
                format!(
                    "CREATE TABLE org_change (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        {change_kind} NOT NULL,
                        {observed_on} NOT NULL,
                        contact_id {id},
                        contact_key {id} GENERATED ALWAYS AS (coalesce(contact_id, {nobody})) STORED NOT NULL,
                        summary text NOT NULL,
                        {source} NOT NULL,
                        {certainty} NOT NULL,
                        url text,
                        impact text,
                        reviewed_at {bigint},
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, kind, observed_on, contact_key, summary),
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
                    ) {table}"
                ),
                format!(
                    "CREATE TABLE outcome (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        {outcome_kind} NOT NULL,
                        {occurred_on} NOT NULL,
                        arr_before_minor {bigint} CHECK (arr_before_minor >= 0),
                        arr_after_minor {bigint} CHECK (arr_after_minor >= 0),
                        currency text CHECK (length(currency) = 3),
                        PRIMARY KEY (account_id, kind, occurred_on)
                    ) {clustered}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["outcome", "org_change"]).await
    }
}
