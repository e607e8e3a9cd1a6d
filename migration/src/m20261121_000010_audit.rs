//! Who changed what, when and how: a row per change, written with it, never changed afterwards but for the erasure of a
//! person from it. And under which keys erased contacts were known, as hashes, so that an import of yesterday's file does
//! not bring them back.
//!
//! No foreign keys on what the log speaks of: it outlives users, tokens and accounts.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns that never change.
const KEPT: &[&str] = &[
    "id",
    "at",
    "user_id",
    "token_id",
    "action",
    "target_kind",
    "target_id",
    "account_id",
];

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
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE audit_log (
                        id {id} NOT NULL PRIMARY KEY,
                        at {bigint} NOT NULL,
                        user_id {id},
                        token_id {id},
                        action text NOT NULL CHECK (action <> ''),
                        target_kind text NOT NULL CHECK (target_kind <> ''),
                        target_id {id},
                        account_id {id},
                        before text,
                        after text,
                        redacted_at {bigint}
                    ) {table}"
                ),
                "CREATE INDEX audit_log_time ON audit_log (at, id)".to_owned(),
                "CREATE INDEX audit_log_account ON audit_log (account_id, at, id)".to_owned(),
                format!(
                    "CREATE TABLE erased_contact (
                        account_id {id} NOT NULL,
                        key_hash text NOT NULL CHECK (length(key_hash) = 64),
                        contact_id {id} NOT NULL,
                        erased_at {bigint} NOT NULL,
                        PRIMARY KEY (account_id, key_hash),
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
                    ) {clustered}"
                ),
            ],
        )
        .await?;
        run(manager, &append_only(&words)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["erased_contact", "audit_log"]).await?;
        let postgres = Words::of(manager).postgres;
        run(
            manager,
            &if postgres {
                vec!["DROP FUNCTION audit_log_keep()".to_owned()]
            } else {
                Vec::new()
            },
        )
        .await
    }
}

/// What refuses to remove a row, or to change one otherwise than by taking out what was before and after it.
fn append_only(words: &Words) -> Vec<String> {
    let differs = if words.postgres {
        "IS DISTINCT FROM"
    } else {
        "IS NOT"
    };
    let changed: Vec<String> = KEPT
        .iter()
        .map(|column| format!("NEW.{column} {differs} OLD.{column}"))
        .collect();
    let refused = format!("NEW.redacted_at IS NULL OR {}", changed.join(" OR "));
    let message = "audit_log is append-only";
    if words.postgres {
        return vec![
            format!(
                "CREATE FUNCTION audit_log_keep() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
                END $$"
            ),
            "CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_keep()".to_owned(),
            format!(
                "CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log FOR EACH ROW WHEN ({refused})
                EXECUTE FUNCTION audit_log_keep()"
            ),
        ];
    }
    vec![
        format!(
            "CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, '{message} (constraint)'); END"
        ),
        format!(
            "CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log WHEN {refused}
            BEGIN SELECT RAISE(ABORT, '{message} (constraint)'); END"
        ),
    ]
}
