//! The customer's people and which of them sponsor us.
//!
//! `status` and `departed_on` are what was imported; `left_on` and `ended_on` are the effects of a confirmed departure,
//! kept apart so that importing the same file again neither undoes nor repeats them.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let Words { id, clustered, .. } = words;
        let seniority = one_of(
            "seniority",
            &["C_LEVEL", "VP", "DIRECTOR", "MANAGER", "INDIVIDUAL"],
        );
        let role_started_on = words.day("role_started_on");
        let status = one_of("status", &["ACTIVE", "DEPARTED"]);
        let departed_on = words.day("departed_on");
        let left_on = words.day("left_on");
        let since = words.day("since");
        let until = words.day("until");
        let rank = one_of("rank", &["PRIMARY", "BACKUP"]);
        let ended_on = words.day("ended_on");
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE contact (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        external_id text NOT NULL CHECK (external_id <> ''),
                        name text NOT NULL,
                        email text,
                        title text,
                        department text,
                        {seniority},
                        {role_started_on},
                        {status} NOT NULL,
                        {departed_on},
                        communication_preference text,
                        priorities text NOT NULL DEFAULT '[]',
                        {left_on},
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, external_id)
                    ) {clustered}"
                ),
                "CREATE INDEX contact_id ON contact (id)".to_owned(),
                format!(
                    "CREATE TABLE sponsorship (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        contact_id {id} NOT NULL,
                        {since} NOT NULL,
                        {until},
                        {rank} NOT NULL,
                        {ended_on},
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, contact_id, since),
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
                        CONSTRAINT sponsorship_span CHECK (until > since)
                    ) {clustered}"
                ),
                "CREATE INDEX sponsorship_id ON sponsorship (id)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sponsorship", "contact"]).await
    }
}
