//! UNANSWERED_OUTREACH: nobody has answered since the customer last took part in anything.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;

pub(super) fn check(m: &Measures, policy: &Policy) -> Verdict {
    let count = m.unanswered_in_a_row;
    if count < policy.signals.unanswered {
        return None;
    }
    if !m.ever_answered {
        return Some((
            Severity::Medium,
            format!("{count} outreaches went unanswered: nobody has ever answered."),
        ));
    }
    let severity = if count >= policy.signals.unanswered_critical {
        Severity::Critical
    } else {
        Severity::High
    };
    Some((
        severity,
        format!("{count} outreaches in a row went unanswered since the customer last took part."),
    ))
}
