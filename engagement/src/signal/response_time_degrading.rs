//! RESPONSE_TIME_DEGRADING: those who answer take longer and longer. Silence is UNANSWERED_OUTREACH's business.

use super::verdict::Verdict;
use crate::measure::Measures;
use crate::policy::Policy;
use crate::vocabulary::Severity;
use crate::vocabulary::tolerance::TOLERANCE;

pub(super) fn check(current: &Measures, previous: &Measures, policy: &Policy) -> Verdict {
    let rule = &policy.signals;
    if current.timed_answers < rule.response_answers || previous.timed_answers < rule.response_answers {
        return None;
    }
    let (now, before) = (current.timed_answer_hours?, previous.timed_answer_hours?);
    if now + TOLERANCE < rule.response_hours || now + TOLERANCE < rule.response_factor * before {
        return None;
    }
    let severity = if before <= rule.response_fast_hours + TOLERANCE {
        Severity::High
    } else {
        Severity::Medium
    };
    let answers = current.timed_answers;
    Some((
        severity,
        format!(
            "The median answer took {now:.0} hours ({answers} answers), against {before:.0} hours in the previous window."
        ),
    ))
}
