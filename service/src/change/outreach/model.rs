//! A plan to reach out: as it is stored, as it is asked for, and as the audit log has it.

use chrono::{DateTime, Utc};
use engagement::id::{AccountId, ContactId, OutreachId, UserId};
use engagement::vocabulary::{AuditTarget, InteractionKind, MessageKind, OutreachStatus, Purpose};
use entity::outreach;
use serde_json::json;

use crate::access::Access;
use crate::access::audit::{self, Change, Values, values};
use crate::access::rights::Action;
use crate::clock::{Moment, instant};
use crate::db::Tx;
use crate::error::ServiceError;
use crate::sql::stored::{parse, parse_json};

pub(super) const TABLE: &str = "outreach";

/// A planned outreach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outreach {
    /// Its id.
    pub id: OutreachId,
    /// Of which account.
    pub account_id: AccountId,
    /// To whom.
    pub contact_id: ContactId,
    /// What it is.
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    pub planned_for: DateTime<Utc>,
    /// One line.
    pub subject: String,
    /// Whose plan it is; absent where they have been removed.
    pub planned_by: Option<UserId>,
    /// The members it was coordinated with.
    pub coordinated_with: Vec<UserId>,
    /// Whether it stands.
    pub status: OutreachStatus,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was called off.
    pub canceled_at: Option<DateTime<Utc>>,
    /// By whom.
    pub canceled_by: Option<UserId>,
}

/// A plan to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutreach {
    /// To whom.
    pub contact: ContactId,
    /// What it is.
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    pub planned_for: DateTime<Utc>,
    /// One line.
    pub subject: String,
    /// The members it was coordinated with.
    pub coordinated_with: Vec<UserId>,
}

/// What the messages about a plan have in common.
pub(super) fn message_key(id: OutreachId) -> String {
    format!("{}:{id}:", MessageKind::OutreachPlanned)
}

pub(super) async fn record(
    tx: &Tx,
    access: &Access,
    moment: Moment,
    action: Action,
    of: &Outreach,
    (before, after): (Option<Values>, Option<Values>),
) -> Result<(), ServiceError> {
    let change = Change {
        action,
        target: AuditTarget::Outreach,
        id: Some(of.id.uuid()),
        account: Some(of.account_id),
        before,
        after,
    };
    audit::record(tx, access, moment.now, vec![change]).await
}

impl Outreach {
    pub(super) fn values(&self) -> Values {
        values([
            ("contact", json!(self.contact_id)),
            ("kind", json!(self.kind)),
            ("purpose", json!(self.purpose)),
            ("planned_for", json!(self.planned_for)),
            ("subject", json!(self.subject)),
            ("coordinated_with", json!(self.coordinated_with)),
            ("status", json!(self.status)),
        ])
    }
}

pub(super) fn from_row(row: outreach::Model) -> Result<Outreach, ServiceError> {
    let coordinated: Vec<String> = parse_json(TABLE, "coordinated_with", &row.coordinated_with)?;
    Ok(Outreach {
        id: row.id.into(),
        account_id: row.account_id.into(),
        contact_id: row.contact_id.into(),
        kind: parse(TABLE, "kind", &row.kind)?,
        purpose: parse(TABLE, "purpose", &row.purpose)?,
        planned_for: instant(row.planned_for),
        subject: row.subject,
        planned_by: row.planned_by.map(Into::into),
        coordinated_with: coordinated
            .iter()
            .map(|id| parse(TABLE, "coordinated_with", id))
            .collect::<Result<_, _>>()?,
        status: parse(TABLE, "status", &row.status)?,
        created_at: instant(row.created_at),
        canceled_at: row.canceled_at.map(instant),
        canceled_by: row.canceled_by.map(Into::into),
    })
}
