//! What the guardrails of one account look at. Whoever asks for its conditions has read all of it before.

use std::collections::HashMap;

use super::engagement_fell::DailyScore;
use super::org_change::OrgChange;
use crate::evaluation::Evaluation;
use crate::row::AccountRows;
use crate::vocabulary::Feed;
use crate::vocabulary::id::ContactId;

/// What the guardrails of one account look at.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Its rows.
    pub rows: &'a AccountRows,
    /// Its evaluation in the standard period, today. Without evidence collected, conditions carry none.
    pub evaluation: &'a Evaluation,
    /// Its usage days of a year ago, as [`AccountRows::year_ago_usage`]: read for the accounts whose stored scores fell
    /// ([`super::engagement_fell::is_suspected`]) where the rows do not hold it.
    pub year_ago_usage: Option<[u32; 2]>,
    /// Its organisational changes; reviewed ones do no harm.
    pub changes: &'a [OrgChange],
    /// Its stored scores of the last seven weeks or more, today's among them, all of the policy in force.
    pub scores: &'a [DailyScore],
    /// Names of the contacts that [`super::sponsor_departure::departed_sponsors`] names; more do no harm.
    pub names: &'a HashMap<ContactId, String>,
    /// The feeds that are stale ([`super::stale_feed::check`]).
    pub stale: &'a [Feed],
}
