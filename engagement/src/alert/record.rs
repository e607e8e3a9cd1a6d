//! An alert, with everything that decides what happens to it next.

use chrono::{DateTime, NaiveDate, Utc};

use super::condition::Key;
use crate::measure::Evidence;
use crate::vocabulary::{AlertStatus, Disposition, Severity};

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
