//! Customer accounts, who of us looks after them, and which of them have changed since they were last scored.

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
            ..
        } = words;
        let tier = one_of("tier", &["ENTERPRISE", "MID_MARKET", "SMB"]);
        let status = one_of("status", &["ACTIVE", "CHURNED"]);
        let churned_on = words.day("churned_on");
        let contract_start = words.day("contract_start");
        let renewal_date = words.day("renewal_date");
        let binary = if words.postgres { "COLLATE \"C\"" } else { "" };
        let team_role = one_of(
            "team_role",
            &["CSM", "ACCOUNT_EXECUTIVE", "MANAGER", "EXECUTIVE_SPONSOR"],
        );
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE account (
                        id {id} NOT NULL PRIMARY KEY,
                        external_id text NOT NULL UNIQUE CHECK (external_id <> ''),
                        name text NOT NULL,
                        {tier} NOT NULL,
                        domain text,
                        {status} NOT NULL,
                        {churned_on},
                        industry text,
                        region text,
                        arr_minor {bigint} CHECK (arr_minor >= 0),
                        currency text CHECK (length(currency) = 3),
                        {contract_start},
                        {renewal_date},
                        created_at {bigint} NOT NULL,
                        updated_at {bigint} NOT NULL,
                        CONSTRAINT account_contract CHECK (contract_start <= renewal_date)
                    ) {table}"
                ),
                "CREATE INDEX account_renewal ON account (renewal_date, id)".to_owned(),
                // The order of lists by name: without regard to case, byte by byte, the same on both databases.
                format!("CREATE INDEX account_name ON account ((lower(name)) {binary}, id)"),
                format!(
                    "CREATE TABLE team_member (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        user_id {id} NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
                        {team_role} NOT NULL,
                        PRIMARY KEY (account_id, user_id)
                    ) {clustered}"
                ),
                "CREATE INDEX team_member_user ON team_member (user_id)".to_owned(),
                format!(
                    "CREATE TABLE touched_account (
                        account_id {id} NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
                        touched_at {bigint} NOT NULL
                    ) {clustered}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["touched_account", "team_member", "account"]).await
    }
}
