//! What a message says: everything its templates may use, read when it is about to be sent, for many messages in a fixed
//! number of statements. Texts in it come from outside: the renderer escapes them.
//!
//! What a message is about may be over by then: an alert that was resolved, a plan that was called off. Then there is
//! nothing to say ([`Content::read`] says why) and the message is canceled.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use engagement::alert::AlertRule;
use engagement::id::{AccountId, AlertId, ContactId, OutreachId, UserId};
use engagement::report::digest::{Digest, NamedAccount};
use engagement::report::escalation::{DepartureNotice, JoinedNotices};
use engagement::vocabulary::{InteractionKind, Purpose, Severity};
use serde::Serialize;

/// What a message says. Its variant chooses the templates.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Alerts that nobody has taken up, departures among them.
    Alert(AlertContent),
    /// A plan to reach out.
    OutreachPlanned(OutreachPlannedContent),
    /// A sponsor who has left.
    SponsorDeparted(Box<DepartureNotice>),
    /// Somebody's week.
    WeeklyDigest(Box<Digest>),
}

/// One alert, or several that were joined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertContent {
    /// Why the recipient gets it.
    pub audience: Audience,
    /// At least one; the most severe first.
    pub alerts: Vec<AlertNote>,
    /// Everybody who is told of it, the recipient included; may be empty.
    pub told: Vec<String>,
    /// What the mail begins with where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<JoinedNotices>,
}

impl AlertContent {
    /// What there is to say of alerts; more than one are told together because they came within an hour.
    pub fn new(audience: Audience, mut alerts: Vec<AlertNote>, told: Vec<String>) -> Self {
        alerts.sort_by_key(|alert| std::cmp::Reverse(alert.severity));
        let joined = (alerts.len() > 1).then(|| {
            let severities: Vec<Severity> = alerts.iter().map(|alert| alert.severity).collect();
            let accounts: HashSet<AccountId> = alerts
                .iter()
                .filter_map(|alert| Some(alert.account.as_ref()?.id))
                .collect();
            JoinedNotices::new(&severities, accounts.len())
        });
        Self {
            audience,
            alerts,
            told,
            joined,
        }
    }
}

/// Why somebody gets an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Audience {
    /// They are in the account's team.
    Team,
    /// They manage a member of the team, and the team has not taken it up.
    Managers,
    /// They manage the user it is about.
    UsersManager,
    /// They are one of the escalation addresses.
    Escalation,
    /// There is nobody else.
    Admins,
    /// Several alerts, for any of these reasons.
    Joined,
}

/// An alert as a message tells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertNote {
    pub id: AlertId,
    /// About which account; absent for one about the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<NamedAccount>,
    /// About which user, where it is about one.
    #[serde(skip)]
    pub user: Option<UserId>,
    /// Its rule.
    pub rule: AlertRule,
    /// How bad it is.
    pub severity: Severity,
    /// What to say: the alert's own sentence.
    pub message: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// For how long nobody has taken it up, in a sentence; absent while that is news.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
    /// What to do first, in a sentence.
    pub next_step: &'static str,
}

/// A plan to reach out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutreachPlannedContent {
    /// Which plan.
    pub outreach: OutreachId,
    /// At which account.
    pub account: NamedAccount,
    /// To whom.
    pub contact: ContactNote,
    pub kind: InteractionKind,
    /// What for.
    pub purpose: Purpose,
    pub planned_for: DateTime<Utc>,
    /// What about; may be empty.
    pub subject: String,
    /// By whom, by name; absent where the system did, or they are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<String>,
    /// With whom it is agreed, by name; may be empty.
    pub coordinated_with: Vec<String>,
}

/// A contact as a message names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactNote {
    pub id: ContactId,
    /// Their name.
    pub name: String,
    /// What they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What there is to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Saying {
    Content(Box<Content>),
    /// Nothing any more: why.
    Over(&'static str),
    /// It cannot be said: why.
    Unreadable(String),
}

impl Content {
    /// The accounts that it speaks of: whoever may not see one of them any more does not get it.
    pub fn accounts(&self) -> Vec<AccountId> {
        match self {
            Self::Alert(content) => content
                .alerts
                .iter()
                .filter_map(|alert| alert.account.as_ref())
                .map(|account| account.id)
                .collect(),
            Self::OutreachPlanned(content) => vec![content.account.id],
            Self::SponsorDeparted(notice) => vec![notice.account.id],
            Self::WeeklyDigest(digest) => digest.accounts(),
        }
    }
}
