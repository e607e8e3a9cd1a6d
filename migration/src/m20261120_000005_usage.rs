//! The product's features and who used them on which day: the largest table.
//!
//! A count may be zero, because exports have such rows and an import keeps every row it is given; scoring reads what is
//! more than zero (docs/scoring.md § 2).
//!
//! The natural key holds when nobody is named, because its contact part is never NULL: `contact_key` is the contact's id
//! or the nil id, and `contact_id`, which points at the contact, is generated from it. (That way round, because SQLite
//! accepts no generated column in a primary key, and the key is what the table is stored by.) On PostgreSQL the table is
//! partitioned by month; months are made by the service when the first of their rows comes, the default partition takes
//! what no month was made for.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, run};

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
            generated,
            nobody,
            ..
        } = words;
        let day = words.day("day");
        let partitioned = if words.postgres {
            "PARTITION BY RANGE (day)"
        } else {
            ""
        };
        let mut statements = vec![
            format!(
                "CREATE TABLE feature (
                    feature text NOT NULL PRIMARY KEY CHECK (feature <> ''),
                    name text
                ) {table}"
            ),
            format!(
                "CREATE TABLE usage (
                    account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                    {day} NOT NULL,
                    feature text NOT NULL CHECK (feature <> ''),
                    contact_key {id} NOT NULL DEFAULT {nobody},
                    contact_id {id} GENERATED ALWAYS AS (nullif(contact_key, {nobody})) {generated},
                    count {bigint} NOT NULL CHECK (count >= 0),
                    PRIMARY KEY (account_id, day, feature, contact_key),
                    FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
                ) {clustered} {partitioned}"
            ),
            "CREATE INDEX usage_feature_day ON usage (feature, day)".to_owned(),
        ];
        if words.postgres {
            statements.push("CREATE TABLE usage_other PARTITION OF usage DEFAULT".to_owned());
        }
        run(manager, &statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["usage", "feature"]).await
    }
}
