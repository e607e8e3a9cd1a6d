//! The rules that raise alerts or refuse a plan: the signals and the guardrails of docs/scoring.md § 8, under the
//! names that the API, the database and a refusal show.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::vocabulary::{Feed, Signal, UnknownWord};

/// A rule. Its name says where it comes from: `signal.…` for the signals, else a guardrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertRule {
    /// One of the disengagement signals.
    Signal(Signal),
    /// No executive has been in contact for too long.
    ExecutiveNoContact,
    /// Nobody would follow the sponsor.
    BackupMissing,
    /// Nobody has looked at an organisational change.
    OrgChangeUnreviewed,
    /// An executive was contacted for an operational issue; also refuses a plan to do so.
    ExecutiveOperationalContact,
    /// Two members reach for one executive at the same time: refuses a plan, raises no alert.
    OutreachUncoordinated,
    /// A sponsor has left.
    SponsorDeparted,
    /// A sponsor seems to have left.
    SponsorDepartureSuspected,
    /// A feed of data has dried up.
    DataStale,
    /// Somebody of ours has stopped recording.
    OwnerSilent,
    /// The score fell.
    EngagementFell,
    /// An enterprise relationship hangs on one person, and the renewal is near.
    SingleThreaded,
    /// Several are in touch, and yet one person carries the relationship.
    SinglePoint,
    /// Mail to somebody could not be delivered.
    MailUndeliverable,
}

/// How an alert of a rule ends when nobody resolves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A state that is computed: it ends when it was clear for a number of daily evaluations.
    WhenClear,
    /// A task: it ends as soon as it is done.
    WhenDone,
    /// An event, which cannot become untrue: only a person ends it.
    ByHand,
}

impl AlertRule {
    /// Every rule.
    pub const ALL: &'static [Self] = &[
        Self::Signal(Signal::UnansweredOutreach),
        Self::Signal(Signal::CanceledMeetings),
        Self::Signal(Signal::ResponseTimeDegrading),
        Self::Signal(Signal::QbrMissed),
        Self::Signal(Signal::SponsorMissing),
        Self::Signal(Signal::UsageAndEngagementDecline),
        Self::Signal(Signal::SupportSurge),
        Self::ExecutiveNoContact,
        Self::BackupMissing,
        Self::OrgChangeUnreviewed,
        Self::ExecutiveOperationalContact,
        Self::OutreachUncoordinated,
        Self::SponsorDeparted,
        Self::SponsorDepartureSuspected,
        Self::DataStale,
        Self::OwnerSilent,
        Self::EngagementFell,
        Self::SingleThreaded,
        Self::SinglePoint,
        Self::MailUndeliverable,
    ];

    /// The one spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signal(Signal::UnansweredOutreach) => "signal.unanswered_outreach",
            Self::Signal(Signal::CanceledMeetings) => "signal.canceled_meetings",
            Self::Signal(Signal::ResponseTimeDegrading) => "signal.response_time_degrading",
            Self::Signal(Signal::QbrMissed) => "signal.qbr_missed",
            Self::Signal(Signal::SponsorMissing) => "signal.sponsor_missing",
            Self::Signal(Signal::UsageAndEngagementDecline) => "signal.usage_and_engagement_decline",
            Self::Signal(Signal::SupportSurge) => "signal.support_surge",
            Self::ExecutiveNoContact => "executive.no_contact",
            Self::BackupMissing => "backup.missing",
            Self::OrgChangeUnreviewed => "org_change.unreviewed",
            Self::ExecutiveOperationalContact => "executive.operational_contact",
            Self::OutreachUncoordinated => "outreach.uncoordinated",
            Self::SponsorDeparted => "sponsor.departed",
            Self::SponsorDepartureSuspected => "sponsor.departure_suspected",
            Self::DataStale => "data.stale",
            Self::OwnerSilent => "data.owner_silent",
            Self::EngagementFell => "engagement.fell",
            Self::SingleThreaded => "single_threaded",
            Self::SinglePoint => "single_point",
            Self::MailUndeliverable => "mail.undeliverable",
        }
    }

    /// In words, as a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Signal(Signal::UnansweredOutreach) => "Our outreach goes unanswered",
            Self::Signal(Signal::CanceledMeetings) => "Meetings are called off",
            Self::Signal(Signal::ResponseTimeDegrading) => "Answers take longer",
            Self::Signal(Signal::QbrMissed) => "Business review missed",
            Self::Signal(Signal::SponsorMissing) => "The sponsor stays away",
            Self::Signal(Signal::UsageAndEngagementDecline) => "Usage and engagement decline",
            Self::Signal(Signal::SupportSurge) => "A storm of support requests",
            Self::ExecutiveNoContact => "No contact with an executive",
            Self::BackupMissing => "No backup for the sponsor",
            Self::OrgChangeUnreviewed => "Organisational change not reviewed",
            Self::ExecutiveOperationalContact => "Executive contacted about operations",
            Self::OutreachUncoordinated => "Uncoordinated outreach",
            Self::SponsorDeparted => "Sponsor departed",
            Self::SponsorDepartureSuspected => "Sponsor may have departed",
            Self::DataStale => "Data has stopped coming",
            Self::OwnerSilent => "A colleague has stopped recording",
            Self::EngagementFell => "Engagement fell",
            Self::SingleThreaded => "One contact alone is in touch",
            Self::SinglePoint => "One contact carries the relationship",
            Self::MailUndeliverable => "Mail cannot be delivered",
        }
    }

    /// How an alert of the rule ends when nobody resolves it.
    pub const fn ending(self) -> Ending {
        match self {
            Self::Signal(_)
            | Self::ExecutiveNoContact
            | Self::BackupMissing
            | Self::DataStale
            | Self::EngagementFell
            | Self::SingleThreaded
            | Self::SinglePoint => Ending::WhenClear,
            Self::OrgChangeUnreviewed
            | Self::SponsorDepartureSuspected
            | Self::OwnerSilent
            | Self::MailUndeliverable => Ending::WhenDone,
            Self::ExecutiveOperationalContact | Self::OutreachUncoordinated | Self::SponsorDeparted => {
                Ending::ByHand
            }
        }
    }

    /// The feeds without which the rule cannot be judged: while one of them is stale its alerts stand still.
    pub const fn feeds(self) -> &'static [Feed] {
        match self {
            Self::Signal(Signal::UsageAndEngagementDecline | Signal::SupportSurge) | Self::EngagementFell => {
                &[Feed::Interactions, Feed::Usage]
            }
            Self::Signal(_)
            | Self::ExecutiveNoContact
            | Self::SingleThreaded
            | Self::SinglePoint
            | Self::OwnerSilent => &[Feed::Interactions],
            Self::BackupMissing
            | Self::OrgChangeUnreviewed
            | Self::ExecutiveOperationalContact
            | Self::OutreachUncoordinated
            | Self::SponsorDeparted
            | Self::SponsorDepartureSuspected
            | Self::DataStale
            | Self::MailUndeliverable => &[],
        }
    }

    /// Whether its alerts stand still while a contact feed of their account is silent (`data.owner_silent`): all but those of
    /// departures, organisational changes and backups, and those that are about no account.
    pub const fn needs_contact_feed(self) -> bool {
        match self {
            Self::Signal(_)
            | Self::ExecutiveNoContact
            | Self::ExecutiveOperationalContact
            | Self::OutreachUncoordinated
            | Self::EngagementFell
            | Self::SingleThreaded
            | Self::SinglePoint => true,
            Self::BackupMissing
            | Self::OrgChangeUnreviewed
            | Self::SponsorDeparted
            | Self::SponsorDepartureSuspected
            | Self::DataStale
            | Self::OwnerSilent
            | Self::MailUndeliverable => false,
        }
    }

    /// Whether it is found only when it happens, so that finding it again is news whatever was said about it before.
    pub const fn is_found_anew(self) -> bool {
        matches!(self, Self::MailUndeliverable)
    }

    /// Whether each row of evidence is one more of what the rule objects to, so that a new row makes it worse. Of the
    /// others the evidence is all that was measured, where a new row may just as well be good news.
    pub const fn evidence_is_offence(self) -> bool {
        matches!(
            self,
            Self::Signal(Signal::UnansweredOutreach | Signal::CanceledMeetings | Signal::QbrMissed)
                | Self::ExecutiveOperationalContact
        )
    }
}

impl fmt::Display for AlertRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AlertRule {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let text = text.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownWord {
                name: "rule",
                expected: Self::ALL
                    .iter()
                    .map(|rule| rule.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

impl Serialize for AlertRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AlertRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_comes_back_from_its_name() {
        for rule in AlertRule::ALL {
            assert_eq!(rule.to_string().parse(), Ok(*rule));
        }
        assert_eq!(" Sponsor.Departed ".parse(), Ok(AlertRule::SponsorDeparted));
        assert!(
            "sponsor"
                .parse::<AlertRule>()
                .unwrap_err()
                .to_string()
                .contains("sponsor.departed")
        );
    }

    #[test]
    fn a_silent_contact_feed_holds_all_alerts_of_accounts_but_departures_changes_and_backups() {
        let goes_on: Vec<&str> = AlertRule::ALL
            .iter()
            .filter(|rule| !rule.needs_contact_feed())
            .map(|rule| rule.as_str())
            .collect();
        let of_accounts = [
            "backup.missing",
            "org_change.unreviewed",
            "sponsor.departed",
            "sponsor.departure_suspected",
        ];
        let of_the_installation = ["data.stale", "data.owner_silent", "mail.undeliverable"];
        assert_eq!(goes_on, [&of_accounts[..], &of_the_installation].concat());
    }

    #[test]
    fn every_signal_has_its_rule() {
        let listed: Vec<Signal> = AlertRule::ALL
            .iter()
            .filter_map(|rule| match rule {
                AlertRule::Signal(signal) => Some(*signal),
                _ => None,
            })
            .collect();
        assert_eq!(listed, Signal::ALL);
        for signal in Signal::ALL {
            assert_eq!(
                AlertRule::Signal(*signal).as_str(),
                format!("signal.{}", signal.as_str().to_lowercase())
            );
        }
    }
}
