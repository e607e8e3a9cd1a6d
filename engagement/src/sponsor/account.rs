//! The executives of one account, and what follows from them for the account.

use chrono::NaiveDate;

use super::cadence::Cadence;
use super::decline::Declines;
use super::executive::Executive;
use super::succession::Succession;
use super::year::ExecutiveYear;
use crate::vocabulary::{EngagementLevel, LevelRule, RiskLevel};

/// The executives of one account, and what follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sponsors {
    /// The primary sponsor first, then other active sponsors (by rank, latest beginning, external id), then other
    /// executives (by external id).
    pub executives: Vec<Executive>,
    /// The place of the primary sponsor among the executives.
    pub primary: Option<usize>,
    /// The account's executive engagement: the primary sponsor's level; UNKNOWN without one.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The primary sponsor's risk; CRITICAL without one.
    pub risk: RiskLevel,
    /// The primary sponsor's score from 0 to 100; 0 without one.
    pub score: i32,
    /// Meetings that the primary sponsor declined.
    pub declines: Declines,
    /// Who would follow the primary sponsor.
    pub succession: Succession,
    /// Day of the last executive contact with any executive, in history.
    pub last_executive_contact_on: Option<NaiveDate>,
    /// What the portfolio counts of the trailing year.
    pub year: ExecutiveYear,
    /// Executives who were engaged contacts in the last three months.
    pub engaged_executives: u32,
    /// A sponsor of either rank is CHAMPION or ENGAGED.
    pub sponsor_engaged: bool,
    /// What the account's tier asks for.
    pub cadence: Cadence,
}

impl Sponsors {
    /// The primary sponsor.
    pub fn primary(&self) -> Option<&Executive> {
        self.primary.and_then(|place| self.executives.get(place))
    }

    /// The active backups.
    pub fn backups(&self) -> impl Iterator<Item = &Executive> {
        self.succession
            .backups
            .iter()
            .filter_map(|place| self.executives.get(*place))
    }
}
