//! A change of a customer's organisation: what is stored of it, and what is said of a new one.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::{AccountId, ContactId, OrgChangeId, UserId};
use engagement::vocabulary::{Certainty, OrgChangeKind, OrgChangeSource};
use entity::org_change;
use serde_json::json;

use crate::access::audit::{Values, values};
use crate::alert::StoredAlert;
use crate::clock::instant;
use crate::error::ServiceError;
use crate::sql::stored::parse;

pub(super) const TABLE: &str = "org_change";

/// A change in the customer's organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgChange {
    /// Its id.
    pub id: OrgChangeId,
    pub account_id: AccountId,
    /// What happened.
    pub kind: OrgChangeKind,
    /// The day it was observed; of a departure, the day they left.
    pub observed_on: NaiveDate,
    /// Whom it is about.
    pub contact_id: Option<ContactId>,
    /// One line.
    pub summary: String,
    /// How it is known.
    pub source: OrgChangeSource,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where it can be read.
    pub url: Option<String>,
    /// What it means for us.
    pub impact: Option<String>,
    /// When a person looked at it.
    pub reviewed_at: Option<DateTime<Utc>>,
    pub reviewed_by: Option<UserId>,
    /// Who wrote it down; absent for an imported one.
    pub recorded_by: Option<UserId>,
}

/// A change to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrgChange {
    /// Whose; may be left to the contact.
    pub account: Option<AccountId>,
    /// Whom it is about.
    pub contact: Option<ContactId>,
    /// What happened.
    pub kind: OrgChangeKind,
    pub observed_on: NaiveDate,
    /// How it is known.
    pub source: OrgChangeSource,
    /// How sure it is; by its source unless said.
    pub certainty: Option<Certainty>,
    /// One line.
    pub summary: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// What it means for us.
    pub impact: Option<String>,
}

/// What recording or reviewing a change led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Consequences {
    /// The change.
    pub change: OrgChange,
    /// The alert about the departure, where it led to one.
    pub alert: Option<StoredAlert>,
    /// Whom that was escalated to just now.
    pub escalated_to: Vec<EmailAddress>,
}

/// How sure a change is when nobody says so: what people and their own systems say happened; what the world says, seems to
/// have.
pub(crate) const fn usual_certainty(source: OrgChangeSource) -> Certainty {
    match source {
        OrgChangeSource::Manual | OrgChangeSource::Crm => Certainty::Confirmed,
        OrgChangeSource::Linkedin | OrgChangeSource::News | OrgChangeSource::EmailBounce => {
            Certainty::Suspected
        }
    }
}

impl OrgChange {
    pub(super) fn values(&self) -> Values {
        values([
            ("kind", json!(self.kind)),
            ("observed_on", json!(self.observed_on)),
            ("contact", json!(self.contact_id)),
            ("summary", json!(self.summary)),
            ("source", json!(self.source)),
            ("certainty", json!(self.certainty)),
            ("url", json!(self.url)),
            ("impact", json!(self.impact)),
            ("reviewed_at", json!(self.reviewed_at)),
        ])
    }
}

pub(super) fn from_row(row: org_change::Model) -> Result<OrgChange, ServiceError> {
    Ok(OrgChange {
        id: row.id.into(),
        account_id: row.account_id.into(),
        kind: parse(TABLE, "kind", &row.kind)?,
        observed_on: row.observed_on,
        contact_id: row.contact_id.map(Into::into),
        summary: row.summary,
        source: parse(TABLE, "source", &row.source)?,
        certainty: parse(TABLE, "certainty", &row.certainty)?,
        url: row.url,
        impact: row.impact,
        reviewed_at: row.reviewed_at.map(instant),
        reviewed_by: row.reviewed_by.map(Into::into),
        recorded_by: row.recorded_by.map(Into::into),
    })
}
