//! The words of the domain as a mail says them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::alert::AlertRule;
use engagement::vocabulary::Signal;

/// A rule as a heading.
pub(super) const fn rule_title(rule: AlertRule) -> &'static str {
    match rule {
        AlertRule::Signal(Signal::UnansweredOutreach) => "Our outreach goes unanswered",
        AlertRule::Signal(Signal::CanceledMeetings) => "Meetings are called off",
        AlertRule::Signal(Signal::ResponseTimeDegrading) => "Answers take longer",
        AlertRule::Signal(Signal::QbrMissed) => "Business review missed",
        AlertRule::Signal(Signal::SponsorMissing) => "The sponsor stays away",
        AlertRule::Signal(Signal::UsageAndEngagementDecline) => "Usage and engagement decline",
        AlertRule::ExecutiveNoContact => "No contact with an executive",
        AlertRule::BackupMissing => "No backup for the sponsor",
        AlertRule::OrgChangeUnreviewed => "Organisational change not reviewed",
        AlertRule::ExecutiveOperationalContact => "Executive contacted about operations",
        AlertRule::OutreachUncoordinated => "Uncoordinated outreach",
        AlertRule::SponsorDeparted => "Sponsor departed",
        AlertRule::SponsorDepartureSuspected => "Sponsor may have departed",
        AlertRule::DataStale => "Data has stopped coming",
        AlertRule::EngagementFell => "Engagement fell",
        AlertRule::SingleThreaded => "One contact carries the relationship",
        AlertRule::MailUndeliverable => "Mail cannot be delivered",
    }
}

/// `STRATEGIC_CHECK_IN` as "strategic check-in"; abbreviations stay.
pub(super) fn words(text: &str) -> String {
    match text {
        "QBR" => "QBR".to_owned(),
        "STRATEGIC_CHECK_IN" => "strategic check-in".to_owned(),
        other => other.to_lowercase().replace('_', " "),
    }
}

/// An instant as people write it in a zone: `Wed 17 June 2026, 14:00 CEST`.
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %B %Y, %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_heading_of_its_own() {
        let mut titles: Vec<_> = AlertRule::ALL.iter().map(|rule| rule_title(*rule)).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), AlertRule::ALL.len());
        assert!(titles.iter().all(|title| title.len() < 50));
    }

    #[test]
    fn words_and_moments() {
        assert_eq!(words("EXECUTIVE_DINNER"), "executive dinner");
        let at = "2026-06-17T12:00:00Z".parse().unwrap();
        assert_eq!(moment(at, chrono_tz::Europe::Berlin), "Wed 17 June 2026, 14:00 CEST");
        assert_eq!(moment(at, Tz::UTC), "Wed 17 June 2026, 12:00 UTC");
    }
}
