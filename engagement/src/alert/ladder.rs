//! The escalation ladder: who is to be told about an alert, the longer nobody takes it up (docs/scoring.md § 11).

use chrono::{DateTime, TimeDelta, Utc};

use super::lifecycle::escalates;
use super::record::Alert;
use super::rule::AlertRule;
use crate::policy::AlertPolicy;
use crate::vocabulary::AlertStatus;

/// A rung of the ladder, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The account's team.
    Team = 1,
    /// The team's managers.
    Managers = 2,
    /// The escalation addresses.
    Escalation = 3,
}

impl Rung {
    /// Every rung, in order.
    pub const ALL: &'static [Self] = &[Self::Team, Self::Managers, Self::Escalation];

    /// The number that [`Alert::rung`] has once it was mailed.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Hours without anybody taking the alert up after which the rung is due.
    const fn hours(self, policy: &AlertPolicy) -> u32 {
        match self {
            Self::Team => 0,
            Self::Managers => policy.managers_after_hours,
            Self::Escalation => policy.escalation_after_hours,
        }
    }
}

/// Whether all rungs are mailed at once, instead of one after the other: a sponsor has left.
pub fn all_at_once(rule: AlertRule) -> bool {
    rule == AlertRule::SponsorDeparted
}

/// The rungs that are due now and were not mailed yet, in order: several where nobody looked for a while. Only an OPEN alert
/// climbs: what somebody took up, put off or resolved does not.
pub fn due(alert: &Alert, at: DateTime<Utc>, policy: &AlertPolicy) -> Vec<Rung> {
    let climbs = alert.status == AlertStatus::Open && escalates(alert.key.rule, alert.severity);
    let Some(since) = alert.escalating_since.filter(|_| climbs) else {
        return vec![];
    };
    let all_at_once = all_at_once(alert.key.rule);
    Rung::ALL
        .iter()
        .copied()
        .filter(|rung| rung.number() > alert.rung)
        .filter(|rung| all_at_once || at - since >= TimeDelta::hours(i64::from(rung.hours(policy))))
        .collect()
}

impl Alert {
    /// The alert once these rungs were mailed.
    pub fn climbed(&self, rungs: &[Rung]) -> Self {
        let rung = rungs.iter().map(|rung| rung.number()).fold(self.rung, u8::max);
        Self { rung, ..self.clone() }
    }
}
