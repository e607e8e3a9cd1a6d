//! Links in mails: what they let somebody do who has nothing but the mail, and for how long.
//!
//! A link is the proof itself: it says what it is for, about what and for whom, and is signed with the installation's key
//! ([`SigningKey`]), so nothing is stored for it. It opens what it was made for and nothing else. What it lets do is asked
//! anew each time it is used, with the rights that its recipient has at that moment; who has lost them is told no more than
//! who made the link up.
//!
//! | link | until | does |
//! | --- | --- | --- |
//! | unsubscribe, resubscribe | for ever: an old mail must be able to end the next one | turns the weekly digest off, or on again |
//! | acknowledge | [`ACKNOWLEDGE_DAYS`] | takes an alert up |
//! | report | [`REPORT_DAYS`] | shows the engagement or the sponsor report of an account, as of the moment that the mail tells of |
//!
//! An escalation address that is no user's gets reports, as long as it is one; it cannot take an alert up: that is done by
//! somebody with a name.

mod action;
mod key;
mod report;
mod token;
mod urls;

use chrono::{DateTime, TimeDelta, Utc};
use engagement::id::{AccountId, AlertId, UserId};

pub use action::{ActionView, AlertView, act, look};
pub use key::SigningKey;
pub use report::{LinkedReport, read};
pub use token::LONGEST_TOKEN;
pub use urls::LinkUrls;

/// Days for which a report can be read, from the mail on.
pub const REPORT_DAYS: i64 = 14;
/// Days for which an alert can be taken up, from the mail on.
pub const ACKNOWLEDGE_DAYS: i64 = 30;

/// What `/m/{token}` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionLink {
    /// Ends a user's weekly digest.
    Unsubscribe { user: UserId },
    /// Brings it back.
    Resubscribe { user: UserId },
    /// Takes an alert up.
    Acknowledge {
        alert: AlertId,
        user: UserId,
        /// From when on the link does nothing.
        until: DateTime<Utc>,
    },
}

/// What `/r/{token}` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportLink {
    /// Which of the two.
    pub kind: ReportKind,
    /// Of which account.
    pub account: AccountId,
    /// To whom.
    pub reader: ReportReader,
    /// What counts is what had happened by then: the mail says the same.
    pub as_of: DateTime<Utc>,
    /// From when on it shows nothing.
    pub until: DateTime<Utc>,
}

/// A report of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportKind {
    /// How engaged it is, and why.
    Engagement,
    /// Who sponsors it.
    Sponsor,
}

/// Whom a report is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportReader {
    /// A user.
    User(UserId),
    /// An escalation address that is no user's, by its fingerprint ([`SigningKey::fingerprint`]): no address stands in a link.
    Address([u8; 16]),
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<T> {
    Here(T),
    /// Its time is over.
    Expired,
    /// Nothing: what it is about is gone, or is not for its recipient any more.
    Gone,
}

/// When a link ends that is made now.
pub(crate) fn days_from(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    now.checked_add_signed(TimeDelta::days(days)).unwrap_or(now)
}
