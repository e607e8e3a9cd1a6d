//! Alerts: what is wrong, since when, and what became of it (docs/scoring.md § 11).
//!
//! An evaluation says which conditions hold ([`Condition`]); [`lifecycle`] compares that with the alerts there are and says
//! what to write; [`action`] is what people do with an alert; [`ladder`] says who is to be told now, and [`recipients`] who
//! that is. All of it is pure: the same alerts, conditions and instant give the same result, so running twice changes nothing.

pub mod action;
pub mod ladder;
pub mod lifecycle;
pub mod recipients;
mod rule;
mod subject;

use chrono::{DateTime, NaiveDate, Utc};

use crate::measure::Evidence;
use crate::vocabulary::{AlertStatus, Disposition, Severity};

pub use rule::{AlertRule, Ending};
pub use subject::{Subject, SubjectError};

/// What makes two findings the same cause, within one account (or within the installation, for what is about none).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The rule.
    pub rule: AlertRule,
    /// What it is about.
    pub subject: Subject,
}

/// Something that an evaluation found to hold now.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which cause.
    pub key: Key,
    /// How bad.
    pub severity: Severity,
    /// One sentence or two, with the numbers in them. Names of people are plain text from outside.
    pub message: String,
    /// The interactions behind it.
    pub evidence: Evidence,
}

impl Condition {
    /// A condition about the account as a whole, without rows behind it.
    pub fn new(rule: AlertRule, severity: Severity, message: String) -> Self {
        Self {
            key: Key {
                rule,
                subject: Subject::None,
            },
            severity,
            message,
            evidence: Evidence::default(),
        }
    }

    /// The same about one thing.
    pub fn about(self, subject: Subject) -> Self {
        Self {
            key: Key { subject, ..self.key },
            ..self
        }
    }

    /// The same with the rows behind it.
    pub fn with(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}

/// An alert: everything that decides what happens to it next. Who did what to it is kept beside it by `service`.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Which cause.
    pub key: Key,
    /// How bad it is; of a resolved one, how bad it was.
    pub severity: Severity,
    /// Where it is in its life.
    pub status: AlertStatus,
    /// Opened by the account's first evaluation: it was like that before anybody could have seen it.
    pub baseline: bool,
    /// What to show.
    pub message: String,
    /// The interactions behind it; of a resolved one, those it was resolved with.
    pub evidence: Evidence,
    /// When it opened first.
    pub opened_at: DateTime<Utc>,
    /// The last day on which its condition held.
    pub last_seen_on: NaiveDate,
    /// From when the ladder counts; absent where none ever began (not CRITICAL yet, or a baseline). It stays when the
    /// severity falls, which only interrupts the ladder.
    pub escalating_since: Option<DateTime<Utc>>,
    /// The highest rung that was mailed, 0 to 3.
    pub rung: u8,
    /// The last day on which its condition was found clear, since it held last.
    pub clear_on: Option<NaiveDate>,
    /// On how many days it was, since it held last.
    pub clear_evaluations: u32,
    /// When somebody took it up.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The day on which it comes back. Present exactly while SNOOZED.
    pub snoozed_until: Option<NaiveDate>,
    /// When it was resolved. Present exactly while RESOLVED.
    pub resolved_at: Option<DateTime<Utc>>,
    /// What a person said when resolving it; absent when it resolved itself.
    pub disposition: Option<Disposition>,
    /// The first day on which its key may speak again.
    pub muted_until: Option<NaiveDate>,
    /// Its condition has cleared since it was resolved by hand.
    pub cleared_since: bool,
}

impl Alert {
    /// Neither done with nor gone: at most one alert of a key is.
    pub fn is_unresolved(&self) -> bool {
        self.status != AlertStatus::Resolved
    }

    /// A person resolved it.
    pub fn resolved_by_hand(&self) -> bool {
        self.disposition.is_some()
    }
}
