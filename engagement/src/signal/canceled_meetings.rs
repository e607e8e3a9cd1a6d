//! CANCELED_MEETINGS: the customer calls meetings off, declines or misses them, and offers no new date.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;

pub(super) fn check(m: &Measures, policy: &Policy) -> Verdict {
    let count = m.called_off_in_a_row;
    if count < policy.signals.canceled {
        return None;
    }
    let severity = if count >= policy.signals.canceled_high {
        Severity::High
    } else {
        Severity::Medium
    };
    Some((
        severity,
        format!(
            "The customer called off, declined or missed {count} meetings without a new date, and none was held since."
        ),
    ))
}
