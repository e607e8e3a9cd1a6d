//! Alerts about somebody of ours, who has stopped recording, and two more rules about accounts. And what somebody has recorded,
//! in the order of time: an index that takes the place of the one by owner alone, so that an import pays for no more of them.

use sea_orm_migration::prelude::*;

use crate::words::{Words, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The rules until now.
const RULES: [&str; 17] = [
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
];
/// The rules that are new.
const NEW_RULES: [&str; 3] = ["signal.support_surge", "data.owner_silent", "single_point"];
/// What an alert could be about until now.
const SUBJECTS: [&str; 6] = [
    "NONE",
    "CONTACT",
    "INTERACTION",
    "ORG_CHANGE",
    "FEED",
    "RECIPIENT",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        allow(
            manager,
            &words,
            &[&RULES[..], &NEW_RULES].concat(),
            &[&SUBJECTS[..], &["USER"]].concat(),
        )
        .await?;
        // Everything that is asked of it stands in the index itself: SQLite adds the key of the table, account first.
        let columns = if words.postgres {
            "(owner_id, occurred_at) INCLUDE (account_id, status)"
        } else {
            "(owner_id, occurred_at, status)"
        };
        run(
            manager,
            &[
                "DROP INDEX interaction_owner".to_owned(),
                format!(
                    "CREATE INDEX interaction_owner_time ON interaction {columns} WHERE owner_id IS NOT NULL"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let gone: Vec<String> = NEW_RULES.iter().map(|rule| format!("'{rule}'")).collect();
        run(
            manager,
            &[
                "DROP INDEX interaction_owner_time".to_owned(),
                "CREATE INDEX interaction_owner ON interaction (owner_id) WHERE owner_id IS NOT NULL"
                    .to_owned(),
                format!(
                    "DELETE FROM alert WHERE subject_kind = 'USER' OR rule IN ({})",
                    gone.join(", ")
                ),
            ],
        )
        .await?;
        allow(manager, &Words::of(manager), &RULES, &SUBJECTS).await
    }
}

/// Lets alerts be of these rules, and about these kinds of subjects.
async fn allow(
    manager: &SchemaManager<'_>,
    words: &Words,
    rules: &[&str],
    subjects: &[&str],
) -> Result<(), DbErr> {
    let (rule, subject_kind) = (one_of("rule", rules), one_of("subject_kind", subjects));
    if !words.postgres {
        return replace(manager, words, &rule, &subject_kind).await;
    }
    let check = |column: &str, definition: &str| {
        let values = definition
            .split_once(" CHECK ")
            .map_or(definition, |(_, values)| values);
        format!(
            "ALTER TABLE alert DROP CONSTRAINT alert_{column}_check, ADD CONSTRAINT alert_{column}_check CHECK {values}"
        )
    };
    run(
        manager,
        &[check("rule", &rule), check("subject_kind", &subject_kind)],
    )
    .await
}

/// Makes the table of alerts anew: what a column may hold cannot be changed in SQLite. Messages that point at alerts would go with
/// the old table, so they let go of them for that while.
async fn replace(
    manager: &SchemaManager<'_>,
    words: &Words,
    rule: &str,
    subject_kind: &str,
) -> Result<(), DbErr> {
    const KEPT: &str =
        "id, account_id, rule, subject_kind, subject, severity, status, baseline, message, evidence, evidence_count, context,
        opened_at, last_seen_on, escalating_since, rung, clear_on, clear_evaluations, acknowledged_at, acknowledged_by, snoozed_until,
        snooze_reason, resolved_at, resolved_by, disposition, note, muted_until, cleared_since, revision";
    let Words {
        id,
        int,
        bigint,
        table,
        nobody,
        ..
    } = words;
    let severity = one_of("severity", &["LOW", "MEDIUM", "HIGH", "CRITICAL"]);
    let status = one_of("status", &["OPEN", "ACKNOWLEDGED", "SNOOZED", "RESOLVED"]);
    let disposition = one_of("disposition", &["ACTED", "ALREADY_KNOWN", "NOISE"]);
    let [baseline, cleared_since] = ["baseline", "cleared_since"].map(|column| words.flag(column));
    let [last_seen_on, clear_on, snoozed_until, muted_until] =
        ["last_seen_on", "clear_on", "snoozed_until", "muted_until"].map(|column| words.day(column));
    run(
        manager,
        &[
            "CREATE TABLE outbox_before AS SELECT id, alert_id FROM outbox WHERE alert_id IS NOT NULL"
                .to_owned(),
            "UPDATE outbox SET alert_id = NULL WHERE alert_id IS NOT NULL".to_owned(),
            format!("CREATE TABLE alert_before AS SELECT {KEPT} FROM alert"),
            "DROP TABLE alert".to_owned(),
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
            format!("INSERT INTO alert ({KEPT}) SELECT {KEPT} FROM alert_before"),
            "DROP TABLE alert_before".to_owned(),
            "CREATE UNIQUE INDEX alert_open ON alert (account_key, rule, subject) WHERE status <> 'RESOLVED'"
                .to_owned(),
            "CREATE INDEX alert_account ON alert (account_key, opened_at)".to_owned(),
            "CREATE INDEX alert_key ON alert (account_key, rule, subject, opened_at)".to_owned(),
            "CREATE INDEX alert_unresolved ON alert (opened_at, id) WHERE status <> 'RESOLVED'".to_owned(),
            "UPDATE outbox SET alert_id = b.alert_id FROM outbox_before b WHERE b.id = outbox.id".to_owned(),
            "DROP TABLE outbox_before".to_owned(),
        ],
    )
    .await
}
