//! One executive of an account: how engaged they are, and which numbers say so.

use chrono::NaiveDate;

use super::cadence::Silence;
use super::delegation::Delegation;
use super::factors::Factor;
use crate::row::ContactIndex;
use crate::vocabulary::{EngagementLevel, LevelRule, RiskLevel, SponsorRank, StatusMark};

/// One executive.
#[derive(Debug, Clone, PartialEq)]
pub struct Executive {
    pub contact: ContactIndex,
    /// Rank of their active sponsorship; absent without one.
    pub rank: Option<SponsorRank>,
    /// First day of that sponsorship.
    pub since: Option<NaiveDate>,
    /// Has an active sponsorship as backup.
    pub backup: bool,
    /// The four factors, in order.
    pub factors: [Factor; 4],
    /// What the factors come to, from 0 to 100.
    pub factor_score: i32,
    /// The score as it is shown: the factors' one, at most what the level allows, so that the two never contradict each
    /// other.
    pub score: i32,
    /// Distinct days of executive contact within the factors' span.
    pub contact_days: u32,
    /// How many factors were measured.
    pub measured: u32,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// The rule that decided it.
    pub rule: LevelRule,
    /// The risk that goes with it.
    pub risk: RiskLevel,
    /// The mark that goes with it.
    pub status: StatusMark,
    /// Day of their last executive contact in history.
    pub last_contact_on: Option<NaiveDate>,
    /// Day of their last direct contact by any kind in history.
    pub last_touch_on: Option<NaiveDate>,
    /// How long they have been silent.
    pub silence: Silence,
    /// Held advocacy that they attended within the factors' span.
    pub advocacy: u32,
    /// What others of their department do; looked at only where it may decide the level.
    pub delegation: Option<Delegation>,
}

/// The status mark of a contact: ✗ for one who has departed, else that of the level.
pub const fn status(level: EngagementLevel, departed: bool) -> StatusMark {
    if departed { StatusMark::Bad } else { level.status() }
}
