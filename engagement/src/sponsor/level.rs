//! The level of an executive: the first rule that holds (docs/scoring.md § 7).

use super::cadence::Cadence;
use super::delegation::Delegation;
use crate::policy::Policy;
use crate::vocabulary::{EngagementLevel, LevelRule};

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    /// Days since their sponsorship began; absent without one.
    pub(super) sponsor_days: Option<i64>,
    /// Days since their last executive contact.
    pub(super) contact_days: Option<i64>,
    /// Days since what silence is counted from.
    pub(super) silent_days: Option<i64>,
    /// What the factors come to, rounded.
    pub(super) factor_score: i32,
    /// Factors that could be measured.
    pub(super) measured: u32,
    /// Days of executive contact within the factors' span.
    pub(super) contact_days_in_span: u32,
    /// They are the primary sponsor, and keep declining meetings.
    pub(super) declines: bool,
    /// Held business reviews they attended.
    pub(super) qbrs: u32,
    /// Held advocacy they attended.
    pub(super) advocacy: u32,
    /// What others of their department do; looked at only where it may decide.
    pub(super) delegation: Option<Delegation>,
}

/// Whether an executive who has been silent so long can count as delegating.
pub(super) fn may_delegate(silent_days: Option<i64>, cadence: Cadence, policy: &Policy) -> bool {
    let p = &policy.sponsors;
    silent_days.is_some_and(|days| {
        cadence.reaches(days, p.disengaged_intervals) && !cadence.reaches(days, p.delegated_intervals)
    })
}

/// The rule that decides.
pub(super) fn decide(s: &Signs, cadence: Cadence, policy: &Policy) -> LevelRule {
    let p = &policy.sponsors;
    if s.contact_days.is_none() {
        match s.sponsor_days {
            None => return LevelRule::NeverInContact,
            Some(days) if days < i64::from(p.new_days) => return LevelRule::NewSponsor,
            Some(_) => {}
        }
    }
    if may_delegate(s.silent_days, cadence, policy) && s.delegation.is_some_and(|d| d.grows(policy)) {
        return LevelRule::Delegates;
    }
    if s.silent_days
        .is_some_and(|days| cadence.reaches(days, p.disengaged_intervals))
    {
        return LevelRule::Silent;
    }
    let recent = s
        .contact_days
        .is_some_and(|days| cadence.within(days, p.engaged_intervals));
    let often = s.contact_days_in_span >= p.contact_days;
    let well = |score: i32, factors: u32| recent && often && s.factor_score >= score && s.measured >= factors;
    let new = s
        .sponsor_days
        .is_some_and(|days| days < i64::from(p.few_factors_days));
    let rule = if well(p.champion_score, p.champion_factors) && s.qbrs > 0 && s.advocacy > 0 {
        LevelRule::Advocates
    } else if well(p.engaged_score, if new { 1 } else { p.engaged_factors }) {
        LevelRule::InContact
    } else {
        return LevelRule::Occasional;
    };
    // Who declines is polite at most.
    if s.declines { LevelRule::Declines } else { rule }
}

/// The score that is shown with a level.
pub(super) fn shown(factor_score: i32, level: EngagementLevel, policy: &Policy) -> i32 {
    factor_score.min(match level {
        EngagementLevel::Champion | EngagementLevel::Engaged => 100,
        EngagementLevel::Passive => policy.sponsors.passive_cap,
        EngagementLevel::Disengaged => policy.sponsors.disengaged_cap,
        EngagementLevel::Unknown => 0,
    })
}
