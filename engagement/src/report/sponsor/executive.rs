//! The executives of the report: one row for each, and more about the primary sponsor.

use chrono::NaiveDate;

use super::factor::{self, FactorLine};
use super::sources::Sources;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{EngagementLevel, LevelRule, RiskLevel, SponsorRank, StatusMark};

/// One row of the table of executives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutiveLine {
    pub contact: ContactId,
    /// Rank of their active sponsorship; absent without one.
    pub rank: Option<SponsorRank>,
    /// First day of that sponsorship.
    pub since: Option<NaiveDate>,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// Score from 0 to 100.
    pub score: i32,
    /// What their factors come to, from 0 to 100, whatever the level allows.
    pub factor_score: i32,
    /// Why the two differ; absent where they do not.
    pub score_note: Option<String>,
    /// Day of their last direct contact by any kind, in the last 24 months.
    pub last_touch_on: Option<NaiveDate>,
    /// Day of their last executive contact, in the last 24 months.
    pub last_contact_on: Option<NaiveDate>,
    /// Days since what silence is counted from.
    pub silent_days: Option<i64>,
    /// A touchpoint is overdue.
    pub overdue: bool,
    /// Its mark.
    pub status: StatusMark,
}

/// The primary sponsor.
#[derive(Debug, Clone, PartialEq)]
pub struct PrimarySponsor {
    pub contact: ContactId,
    /// Whole months they have had their role, where known.
    pub tenure_months: Option<i32>,
    /// What matters to them.
    pub priorities: Vec<String>,
    /// How they like to be reached.
    pub communication_preference: Option<String>,
    /// The four factors of their score.
    pub factors: Vec<FactorLine>,
}

/// The rows of the table of executives, in the order of the account.
pub(super) fn executives(sources: &Sources<'_>) -> Vec<ExecutiveLine> {
    let lines = sources.sponsors.executives.iter().filter_map(|executive| {
        Some(ExecutiveLine {
            contact: sources.people.id(executive.contact)?,
            rank: executive.rank,
            since: executive.since,
            level: executive.level,
            rule: executive.rule,
            risk: executive.risk,
            score: executive.score,
            factor_score: executive.factor_score,
            score_note: factor::score_note(sources, executive),
            last_touch_on: executive.last_touch_on,
            last_contact_on: executive.last_contact_on,
            silent_days: executive.silence.days,
            overdue: executive.silence.overdue,
            status: executive.status,
        })
    });
    lines.collect()
}

/// The primary sponsor, where there is one.
pub(super) fn primary(sources: &Sources<'_>) -> Option<PrimarySponsor> {
    let executive = sources.sponsors.primary()?;
    let contact = sources.people.id(executive.contact)?;
    let person = sources.context.contacts.get(&contact);
    Some(PrimarySponsor {
        contact,
        tenure_months: sources.sponsors.succession.tenure_months,
        priorities: person.map(|person| person.priorities.clone()).unwrap_or_default(),
        communication_preference: person.and_then(|person| person.communication_preference.clone()),
        factors: executive
            .factors
            .iter()
            .map(|factor| factor::line(factor, executive, sources))
            .collect(),
    })
}
