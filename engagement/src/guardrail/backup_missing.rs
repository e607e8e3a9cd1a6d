//! A backup sponsor is required: somebody has to be there when the sponsor leaves.

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::row::AccountRows;
use crate::vocabulary::{Severity, SponsorRank};

use super::sponsorships_on;

pub(super) fn check(rows: &AccountRows, evaluation: &Evaluation) -> Option<Condition> {
    let backup = sponsorships_on(rows, evaluation.windows.ending_on).any(|held| held.rank == SponsorRank::Backup);
    if backup || !evaluation.current.measures.has_relationship {
        return None;
    }
    Some(Condition::new(AlertRule::BackupMissing, Severity::Medium, "The account has no active backup sponsor.".to_owned()))
}
