//! Who would follow the primary sponsor, and how much hangs on the present one (docs/scoring.md § 7).

use chrono::{Datelike, NaiveDate};

use super::executive::Executive;
use crate::policy::Policy;
use crate::vocabulary::{EngagementLevel, RiskLevel};

/// The succession of the primary sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Whole months the primary sponsor has had their role, where known.
    pub tenure_months: Option<i32>,
    /// Active backups, as places among the executives; the primary sponsor is nobody's backup.
    pub backups: Vec<usize>,
    /// LOW, MEDIUM or HIGH.
    pub risk: RiskLevel,
    pub reason: SuccessionReason,
}

/// What decided the risk: the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuccessionReason {
    /// HIGH: nobody to follow.
    NoPrimary,
    /// HIGH: nobody to follow them.
    NoBackup,
    /// HIGH: the primary sponsor is silent.
    PrimaryDisengaged,
    /// MEDIUM: there is a backup, but none who is in regular contact.
    BackupNotEngaged,
    /// MEDIUM: the primary sponsor is new in their role.
    ShortTenure,
    /// MEDIUM: the primary sponsor has had their role for long.
    LongTenure,
    /// LOW.
    Covered,
}

impl SuccessionReason {
    /// The risk that follows.
    pub const fn risk(self) -> RiskLevel {
        match self {
            Self::NoPrimary | Self::NoBackup | Self::PrimaryDisengaged => RiskLevel::High,
            Self::BackupNotEngaged | Self::ShortTenure | Self::LongTenure => RiskLevel::Medium,
            Self::Covered => RiskLevel::Low,
        }
    }
}

pub(super) fn assess(
    executives: &[Executive],
    primary: Option<usize>,
    role_started_on: Option<NaiveDate>,
    ending_on: NaiveDate,
    policy: &Policy,
) -> Succession {
    let backups: Vec<usize> = (0..executives.len())
        .filter(|place| Some(*place) != primary && executives[*place].backup)
        .collect();
    let tenure_months = role_started_on.and_then(|started| whole_months(started, ending_on));
    let covered = backups.iter().any(|place| executives[*place].level.is_engaged());
    let silent = primary.is_some_and(|place| executives[place].level == EngagementLevel::Disengaged);
    let p = &policy.sponsors;
    let reason = if primary.is_none() {
        SuccessionReason::NoPrimary
    } else if backups.is_empty() {
        SuccessionReason::NoBackup
    } else if silent {
        SuccessionReason::PrimaryDisengaged
    } else if !covered {
        SuccessionReason::BackupNotEngaged
    } else if tenure_months.is_some_and(|months| i64::from(months) < i64::from(p.tenure_short_months)) {
        SuccessionReason::ShortTenure
    } else if tenure_months.is_some_and(|months| i64::from(months) > i64::from(p.tenure_long_months)) {
        SuccessionReason::LongTenure
    } else {
        SuccessionReason::Covered
    };
    Succession {
        tenure_months,
        backups,
        risk: reason.risk(),
        reason,
    }
}

/// Whole months from a day to another; none when the first has not come yet.
fn whole_months(from: NaiveDate, to: NaiveDate) -> Option<i32> {
    if from > to {
        return None;
    }
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    Some(months - i32::from(to.day() < from.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_whole_on_its_day() {
        let months = |from: &str, to: &str| whole_months(from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(months("2026-03-31", "2026-09-30"), Some(5));
        assert_eq!(months("2026-03-30", "2026-09-30"), Some(6));
        assert_eq!(months("2022-09-30", "2026-09-30"), Some(48));
        assert_eq!(months("2026-10-01", "2026-09-30"), None);
        assert_eq!(months("2026-09-30", "2026-09-30"), Some(0));
    }
}
