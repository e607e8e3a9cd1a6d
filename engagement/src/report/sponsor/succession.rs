//! Who would follow the primary sponsor.

use super::concern;
use super::sources::Sources;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{EngagementLevel, RiskLevel};

/// Who would follow the primary sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessionSummary {
    /// Whole months the primary sponsor has had their role, where known.
    pub tenure_months: Option<i32>,
    /// Active backups.
    pub backups: Vec<Backup>,
    /// LOW, MEDIUM or HIGH.
    pub risk: RiskLevel,
    /// Why, in words.
    pub reason: String,
}

/// An active backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    pub contact: ContactId,
    /// How engaged they are.
    pub level: EngagementLevel,
    /// Score from 0 to 100.
    pub score: i32,
}

/// Who would follow the primary sponsor, and how sure that is.
pub(super) fn succession(sources: &Sources<'_>) -> SuccessionSummary {
    let succession = &sources.sponsors.succession;
    let backups = sources.sponsors.backups().filter_map(|backup| {
        Some(Backup {
            contact: sources.people.id(backup.contact)?,
            level: backup.level,
            score: backup.score,
        })
    });
    SuccessionSummary {
        tenure_months: succession.tenure_months,
        backups: backups.collect(),
        risk: succession.risk,
        reason: concern::succession(sources).to_owned(),
    }
}
