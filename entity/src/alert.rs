//! Alerts: what is wrong, since when, and what became of it.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Absent for an alert about the whole installation.
    pub account_id: Option<Uuid>,
    /// The account or the nil id: generated, read-only, part of the natural key.
    pub account_key: Uuid,
    /// Such as `sponsor.departed`.
    pub rule: String,
    /// NONE, CONTACT, INTERACTION, ORG_CHANGE, FEED or RECIPIENT.
    pub subject_kind: String,
    /// Which one; empty for none.
    pub subject: String,
    /// LOW, MEDIUM, HIGH or CRITICAL.
    pub severity: String,
    /// OPEN, ACKNOWLEDGED, SNOOZED or RESOLVED.
    pub status: String,
    /// Opened by the account's first evaluation.
    pub baseline: bool,
    /// One sentence.
    pub message: String,
    /// JSON list of ids, the newest first, at most 20.
    pub evidence: String,
    /// How many there are.
    pub evidence_count: i32,
    /// JSON object: what was known when it opened.
    pub context: Option<String>,
    /// Microseconds since 1970.
    pub opened_at: i64,
    /// The last day on which its cause held.
    pub last_seen_on: Date,
    /// From when the ladder counts; absent where none ever began.
    pub escalating_since: Option<i64>,
    /// How far it has escalated, 0 to 3.
    pub rung: i32,
    /// The last day on which its cause was found clear.
    pub clear_on: Option<Date>,
    /// On how many days in a row.
    pub clear_evaluations: i32,
    /// Microseconds since 1970.
    pub acknowledged_at: Option<i64>,
    /// By whom.
    pub acknowledged_by: Option<Uuid>,
    /// The day it comes back.
    pub snoozed_until: Option<Date>,
    /// Why it may wait.
    pub snooze_reason: Option<String>,
    /// Microseconds since 1970.
    pub resolved_at: Option<i64>,
    /// By whom; absent when it resolved itself.
    pub resolved_by: Option<Uuid>,
    /// ACTED, ALREADY_KNOWN or NOISE; absent when it resolved itself.
    pub disposition: Option<String>,
    /// What the person said.
    pub note: Option<String>,
    /// Until when its key is mute.
    pub muted_until: Option<Date>,
    /// Its cause was found clear after it was resolved by hand.
    pub cleared_since: bool,
    /// Counts changes: a change names the revision it was based on.
    pub revision: i32,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
