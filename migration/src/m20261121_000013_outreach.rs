//! Planned outreach, and the outbox: what is to be mailed, written in the transaction that decided on it, one row per
//! message and recipient under a natural key, so that nothing is decided twice and nothing decided is lost. And which users
//! mail does not reach.

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
            clustered,
            ..
        } = words;
        let outreach_kind = one_of(
            "kind",
            &[
                "EMAIL",
                "CALL",
                "MEETING",
                "STRATEGIC_CHECK_IN",
                "EXECUTIVE_DINNER",
                "QBR",
            ],
        );
        let purpose = one_of("purpose", &["STRATEGIC", "TACTICAL", "OPERATIONAL"]);
        let outreach_status = one_of("status", &["PLANNED", "CANCELED"]);
        let channel = one_of("channel", &["MAIL"]);
        let kind = one_of(
            "kind",
            &["SPONSOR_DEPARTED", "ALERT", "OUTREACH_PLANNED", "WEEKLY_DIGEST"],
        );
        let status = one_of("status", &["QUEUED", "SENT", "FAILED", "CANCELED"]);
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE outreach (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        contact_id {id} NOT NULL,
                        {outreach_kind} NOT NULL,
                        {purpose} NOT NULL,
                        planned_for {bigint} NOT NULL,
                        subject text NOT NULL,
                        planned_by {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        coordinated_with text NOT NULL DEFAULT '[]',
                        {outreach_status} NOT NULL,
                        created_at {bigint} NOT NULL,
                        canceled_at {bigint},
                        canceled_by {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        PRIMARY KEY (account_id, id),
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
                        CONSTRAINT outreach_canceled CHECK ((status = 'CANCELED') = (canceled_at IS NOT NULL))
                    ) {clustered}"
                ),
                "CREATE INDEX outreach_time ON outreach (account_id, planned_for)".to_owned(),
                "CREATE INDEX outreach_id ON outreach (id)".to_owned(),
                // A row is free to be sent when it is QUEUED, due, and nobody's lease on it is running. Priority 0 goes
                // before 1, whatever waits.
                format!(
                    "CREATE TABLE outbox (
                        id {id} NOT NULL PRIMARY KEY,
                        {channel} NOT NULL,
                        {kind} NOT NULL,
                        natural_key text NOT NULL UNIQUE CHECK (natural_key <> ''),
                        recipient text NOT NULL CHECK (recipient <> ''),
                        user_id {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        account_id {id} REFERENCES account (id) ON DELETE CASCADE,
                        alert_id {id} REFERENCES alert (id) ON DELETE CASCADE,
                        context text NOT NULL DEFAULT '{{}}',
                        {status} NOT NULL,
                        priority {int} NOT NULL CHECK (priority IN (0, 1)),
                        queued_at {bigint} NOT NULL,
                        due_at {bigint} NOT NULL,
                        give_up_at {bigint} NOT NULL,
                        leased_by text,
                        leased_until {bigint},
                        attempts {int} NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                        message_id text,
                        message text,
                        error text,
                        finished_at {bigint},
                        CONSTRAINT outbox_finished CHECK ((status = 'QUEUED') = (finished_at IS NULL)),
                        CONSTRAINT outbox_lease CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
                        CONSTRAINT outbox_rendered CHECK (message IS NULL OR message_id IS NOT NULL)
                    ) {table}"
                ),
                "CREATE INDEX outbox_due ON outbox (priority, due_at, id) WHERE status = 'QUEUED'".to_owned(),
                "CREATE INDEX outbox_queued ON outbox (queued_at, id)".to_owned(),
                "CREATE INDEX outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL".to_owned(),
                "CREATE INDEX outbox_alert ON outbox (alert_id) WHERE alert_id IS NOT NULL".to_owned(),
                format!("ALTER TABLE app_user ADD COLUMN mail_disabled_at {bigint}"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &["ALTER TABLE app_user DROP COLUMN mail_disabled_at".to_owned()],
        )
        .await?;
        drop_tables(manager, &["outbox", "outreach"]).await
    }
}
