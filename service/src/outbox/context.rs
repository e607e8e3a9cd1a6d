//! What a message is about: the shapes of the column `outbox.context`, one for each kind, all of them here.
//!
//! A context holds ids and what cannot be looked up later, no names: those are read when the message is rendered
//! ([`crate::mail`]), so that somebody who is erased meanwhile is not in it. Of a digest that is all but the names of
//! contacts and what alerts say. Rows that were queued by an older binary must
//! stay readable: a shape may gain fields that have a default, and nothing may be renamed.

use engagement::email_address::EmailAddress;
use engagement::id::{AlertId, OutreachId};
use engagement::report::digest::Digest;
use engagement::vocabulary::MessageKind;
use serde::{Deserialize, Serialize};

use crate::error::ServiceError;

/// What a message is about. Its variant is its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum OutboxContext {
    /// A sponsor has left.
    SponsorDeparted(EscalationContext),
    /// Alerts that nobody has taken up.
    Alert(EscalationContext),
    /// A plan to reach out.
    OutreachPlanned(OutreachPlannedContext),
    /// Somebody's week, without names of contacts.
    WeeklyDigest(Box<Digest>),
}

/// SPONSOR_DEPARTED and ALERT: the alert of the row, or several that were joined because there were too many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationContext {
    /// The rung of the ladder that asked for it, 1 to 3; 0 for administrators; absent where several alerts were joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<u8>,
    /// Everybody who is told of the alert, the recipient included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<EmailAddress>,
    /// The alerts that were joined, in the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertId>,
}

/// OUTREACH_PLANNED: somebody plans to reach out to a contact; the account's team should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutreachPlannedContext {
    /// Which plan.
    pub outreach: OutreachId,
}

impl OutboxContext {
    /// The kind of message it makes.
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::SponsorDeparted(_) => MessageKind::SponsorDeparted,
            Self::Alert(_) => MessageKind::Alert,
            Self::OutreachPlanned(_) => MessageKind::OutreachPlanned,
            Self::WeeklyDigest(_) => MessageKind::WeeklyDigest,
        }
    }

    /// As the column holds it.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] when a value has no JSON (none of today's).
    pub(crate) fn to_json(&self) -> Result<String, ServiceError> {
        let text = match self {
            Self::SponsorDeparted(context) | Self::Alert(context) => serde_json::to_string(context),
            Self::OutreachPlanned(context) => serde_json::to_string(context),
            Self::WeeklyDigest(digest) => serde_json::to_string(digest),
        };
        text.map_err(|error| ServiceError::bad_input("context", error.to_string()))
    }

    /// From the columns.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn from_json(kind: MessageKind, text: &str) -> Result<Self, String> {
        let unreadable =
            |error: serde_json::Error| format!("its context cannot be read as one of {kind}: {error}");
        match kind {
            MessageKind::SponsorDeparted => serde_json::from_str(text)
                .map(Self::SponsorDeparted)
                .map_err(unreadable),
            MessageKind::Alert => serde_json::from_str(text).map(Self::Alert).map_err(unreadable),
            MessageKind::OutreachPlanned => serde_json::from_str(text)
                .map(Self::OutreachPlanned)
                .map_err(unreadable),
            MessageKind::WeeklyDigest => serde_json::from_str(text)
                .map(Self::WeeklyDigest)
                .map_err(unreadable),
        }
    }
}
