//! What a mail of the ladder says beside the alert itself: for how long nobody has taken it up, and what to do first; and the
//! one mail that several of them are joined into.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::AlertRule;
use crate::markdown::count;
use crate::vocabulary::{Severity, Signal};

/// Escalations to one person within [`JOINING_WINDOW`] that each are a message of their own; the rest is joined into one.
pub const MOST_ALONE: usize = 5;
/// The time within which escalations to one person are counted and joined.
pub const JOINING_WINDOW: TimeDelta = TimeDelta::hours(1);
/// Alerts that a joined mail quotes; the others are counted.
const MOST_QUOTED: usize = 20;

/// For how long nobody has taken an alert up, in a sentence; nothing within the first hour.
pub fn waiting(since: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let waited = now - since;
    let hours = waited.num_hours();
    let whole = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let time = match hours {
        ..1 => return None,
        1..48 => count(whole(hours), "hour"),
        _ => count(whole(waited.num_days()), "day"),
    };
    Some(format!("Nobody has taken it up for {time}."))
}

/// What to do first about an alert of a rule.
pub const fn next_step(rule: AlertRule) -> &'static str {
    match rule {
        AlertRule::Signal(Signal::UnansweredOutreach) => {
            "Stop writing: phone, or reach somebody else there this week."
        }
        AlertRule::Signal(Signal::CanceledMeetings) => "Phone to find a new date, with a shorter agenda.",
        AlertRule::Signal(Signal::ResponseTimeDegrading) => {
            "Ask what slows their answers, and who else could give them."
        }
        AlertRule::Signal(Signal::QbrMissed) => {
            "Find a new date for the business review through the sponsor's office."
        }
        AlertRule::Signal(Signal::SponsorMissing) => {
            "Find out who owns the outcome there, and ask them for half an hour this week."
        }
        AlertRule::Signal(Signal::UsageAndEngagementDecline) => {
            "Review with the users' lead what is used, what is not, and why."
        }
        AlertRule::Signal(Signal::SupportSurge) => {
            "Call them with the head of support: what is broken, until when, and who says so."
        }
        AlertRule::ExecutiveNoContact => "Book the next executive touchpoint this week.",
        AlertRule::BackupMissing => "Ask the sponsor whom they would name as their backup.",
        AlertRule::OrgChangeUnreviewed => "Read what changed, and say that you have.",
        AlertRule::ExecutiveOperationalContact => {
            "Take the issue to the people it belongs to, and tell the executive so."
        }
        AlertRule::OutreachUncoordinated => "Agree with the other member who reaches out, and when.",
        AlertRule::SponsorDeparted => {
            "Call the backup sponsor, or the executive who stands closest to us, today."
        }
        AlertRule::SponsorDepartureSuspected => {
            "Ask somebody at the account whether it is true, and confirm it or not."
        }
        AlertRule::DataStale => {
            "Find out why the feed has dried up: until it is back, scores and alerts that need it stand still."
        }
        AlertRule::OwnerSilent => {
            "Find out whether they are away or record elsewhere, and who looks after their accounts meanwhile."
        }
        AlertRule::EngagementFell => {
            "Look at what moved the score, and agree on one owner for winning it back."
        }
        AlertRule::SingleThreaded => {
            "Ask your contact to introduce you to one more department before the renewal."
        }
        AlertRule::SinglePoint => {
            "Have your contact bring a colleague to the next meeting, and meet one of them without them."
        }
        AlertRule::MailUndeliverable => {
            "Correct the address, or the mail server's settings, and send the mail again."
        }
    }
}

/// What the mail begins with that joins what would have been too many mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedNotices {
    /// The mail's subject.
    pub subject: String,
    /// Why they come together.
    pub reason: String,
    /// How many alerts to quote, the worst first; the others are counted.
    pub quoted: usize,
    /// How many are not quoted.
    pub more: usize,
}

impl JoinedNotices {
    /// For alerts of these severities, from these accounts, that would each have been a mail within [`JOINING_WINDOW`].
    pub fn new(severities: &[Severity], accounts: usize) -> Self {
        let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let critical = severities
            .iter()
            .filter(|severity| **severity == Severity::Critical)
            .count();
        let what = if critical == severities.len() {
            "critical alert"
        } else {
            "alert"
        };
        // What concerns the whole installation is at no account.
        let at = if accounts == 0 {
            String::new()
        } else {
            format!(" at {}", count(whole(accounts), "account"))
        };
        Self {
            subject: format!("{}{at}", count(whole(severities.len()), what)),
            reason: format!(
                "They came within {}, so they are one message.",
                count(whole(JOINING_WINDOW.num_hours().unsigned_abs() as usize), "hour")
            ),
            quoted: severities.len().min(MOST_QUOTED),
            more: severities.len().saturating_sub(MOST_QUOTED),
        }
    }
}
