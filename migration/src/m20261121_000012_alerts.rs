//! Alerts: one row per key while it is not resolved, held by an index whose columns are never absent, so that two
//! workers cannot open two. And who reviewed an organisational change.

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
            nobody,
            ..
        } = words;
        let rule = one_of(
            "rule",
            &[
                "signal.unanswered_outreach",
                "signal.canceled_meetings",
                "signal.response_time_degrading",
                "signal.qbr_missed",
                "signal.sponsor_missing",
                "signal.usage_and_engagement_decline",
                "executive.no_contact",
                "backup.missing",
                "org_change.unreviewed",
                "executive.operational_contact",
                "outreach.uncoordinated",
                "sponsor.departed",
                "sponsor.departure_suspected",
                "data.stale",
                "engagement.fell",
                "single_threaded",
                "mail.undeliverable",
            ],
        );
        let subject_kind = one_of(
            "subject_kind",
            &[
                "NONE",
                "CONTACT",
                "INTERACTION",
                "ORG_CHANGE",
                "FEED",
                "RECIPIENT",
            ],
        );
        let severity = one_of("severity", &["LOW", "MEDIUM", "HIGH", "CRITICAL"]);
        let status = one_of("status", &["OPEN", "ACKNOWLEDGED", "SNOOZED", "RESOLVED"]);
        let disposition = one_of("disposition", &["ACTED", "ALREADY_KNOWN", "NOISE"]);
        let baseline = words.flag("baseline");
        let cleared_since = words.flag("cleared_since");
        let last_seen_on = words.day("last_seen_on");
        let clear_on = words.day("clear_on");
        let snoozed_until = words.day("snoozed_until");
        let muted_until = words.day("muted_until");
        let evaluated_on = words.day("evaluated_on");
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE alert (
                        id {id} NOT NULL PRIMARY KEY,
                        account_id {id} REFERENCES account (id) ON DELETE CASCADE,
                        account_key {id} GENERATED ALWAYS AS (coalesce(account_id, {nobody})) STORED NOT NULL,
                        {rule} NOT NULL,
                        {subject_kind} NOT NULL,
                        subject text NOT NULL,
                        {severity} NOT NULL,
                        {status} NOT NULL,
                        {baseline},
                        message text NOT NULL,
                        evidence text NOT NULL DEFAULT '[]',
                        evidence_count {int} NOT NULL DEFAULT 0 CHECK (evidence_count >= 0),
                        context text,
                        opened_at {bigint} NOT NULL,
                        {last_seen_on} NOT NULL,
                        escalating_since {bigint},
                        rung {int} NOT NULL DEFAULT 0 CHECK (rung BETWEEN 0 AND 3),
                        {clear_on},
                        clear_evaluations {int} NOT NULL DEFAULT 0 CHECK (clear_evaluations >= 0),
                        acknowledged_at {bigint},
                        acknowledged_by {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        {snoozed_until},
                        snooze_reason text,
                        resolved_at {bigint},
                        resolved_by {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        {disposition},
                        note text,
                        {muted_until},
                        {cleared_since},
                        revision {int} NOT NULL DEFAULT 0,
                        CONSTRAINT alert_subject CHECK ((subject_kind = 'NONE') = (subject = '')),
                        CONSTRAINT alert_resolved CHECK ((status = 'RESOLVED') = (resolved_at IS NOT NULL)),
                        CONSTRAINT alert_snoozed CHECK ((status = 'SNOOZED') = (snoozed_until IS NOT NULL)),
                        CONSTRAINT alert_disposition CHECK (disposition IS NULL OR status = 'RESOLVED')
                    ) {table}"
                ),
                // What the first evaluation of an account finds is its baseline; this says that there has been one.
                format!(
                    "CREATE TABLE alert_baseline (
                        account_id {id} NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
                        {evaluated_on} NOT NULL
                    ) {clustered}"
                ),
                "CREATE UNIQUE INDEX alert_open ON alert (account_key, rule, subject) WHERE status <> 'RESOLVED'".to_owned(),
                "CREATE INDEX alert_account ON alert (account_key, opened_at)".to_owned(),
                "CREATE INDEX alert_key ON alert (account_key, rule, subject, opened_at)".to_owned(),
                "CREATE INDEX alert_unresolved ON alert (opened_at, id) WHERE status <> 'RESOLVED'".to_owned(),
                format!("ALTER TABLE org_change ADD COLUMN reviewed_by {id} REFERENCES app_user (id) ON DELETE SET NULL"),
                format!("ALTER TABLE org_change ADD COLUMN recorded_by {id} REFERENCES app_user (id) ON DELETE SET NULL"),
                "CREATE INDEX org_change_unreviewed ON org_change (observed_on) WHERE reviewed_at IS NULL".to_owned(),
                "CREATE INDEX org_change_id ON org_change (id)".to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX org_change_id".to_owned(),
                "DROP INDEX org_change_unreviewed".to_owned(),
                "ALTER TABLE org_change DROP COLUMN recorded_by".to_owned(),
                "ALTER TABLE org_change DROP COLUMN reviewed_by".to_owned(),
            ],
        )
        .await?;
        drop_tables(manager, &["alert_baseline", "alert"]).await
    }
}
