//! A backup sponsor is required: somebody has to be there when the sponsor leaves.

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::row::AccountRows;
use crate::row::seat::Seats;
use crate::vocabulary::Severity;

pub(super) fn check(rows: &AccountRows, evaluation: &Evaluation) -> Option<Condition> {
    if Seats::on(rows, evaluation.windows.ending_on).has_backup()
        || !evaluation.current.measures.has_relationship
    {
        return None;
    }
    Some(Condition::new(
        AlertRule::BackupMissing,
        Severity::Medium,
        "The account has no active backup sponsor.".to_owned(),
    ))
}
