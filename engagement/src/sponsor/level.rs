//! The level of an executive: the first rule that holds (docs/scoring.md § 7).

use super::cadence::Cadence;
use super::delegation::Delegation;
use crate::policy::Policy;
use crate::vocabulary::LevelRule;

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Days since their sponsorship began; absent without one.
    pub(super) sponsor_days: Option<i64>,
    /// Days since their last executive contact.
    pub(super) contact_days: Option<i64>,
    /// Days since what silence is counted from.
    pub(super) silent_days: Option<i64>,
    /// Rounded.
    pub(super) score: i32,
    /// Factors that could be measured.
    pub(super) measured: u32,
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
    silent_days.is_some_and(|days| cadence.reaches(days, p.disengaged_intervals) && !cadence.reaches(days, p.delegated_intervals))
}

/// The rule that decides.
pub(super) fn decide(s: &Standing, cadence: Cadence, policy: &Policy) -> LevelRule {
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
    if s.silent_days.is_some_and(|days| cadence.reaches(days, p.disengaged_intervals)) {
        return LevelRule::Silent;
    }
    let recent = s.contact_days.is_some_and(|days| cadence.within(days, p.engaged_intervals));
    if recent && s.score >= p.champion_score && s.measured >= p.champion_factors && s.qbrs > 0 && s.advocacy > 0 {
        return LevelRule::Advocates;
    }
    if recent && s.score >= p.engaged_score && s.measured >= p.engaged_factors {
        return LevelRule::InContact;
    }
    LevelRule::Occasional
}
