//! No executive contact: nobody at the top of an enterprise account has been in touch for a quarter.

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::sponsor::Sponsors;
use crate::vocabulary::{AccountTier, Severity};

pub(super) fn check(evaluation: &Evaluation, sponsors: &Sponsors, policy: &Policy) -> Option<Condition> {
    let measures = &evaluation.current.measures;
    if measures.tier != AccountTier::Enterprise || !measures.has_relationship {
        return None;
    }
    let last = sponsors.last_executive_contact_on;
    // Without any contact the silence is as long as there is data to hear it in.
    let silent = last.map(|day| evaluation.windows.days_since(day)).or(measures.days_since_first_fact)?;
    let limits = &policy.guardrails;
    let severity = if silent >= i64::from(limits.executive_contact_critical_days) {
        Severity::Critical
    } else if silent >= i64::from(limits.executive_contact_days) {
        Severity::High
    } else {
        return None;
    };
    let limit = limits.executive_contact_days;
    let message = match last {
        Some(day) => format!("No executive has been in contact for {silent} days, since {day}; the limit is {limit}."),
        None => format!("No executive has been in contact in the {silent} days since the first data; the limit is {limit}."),
    };
    Some(Condition::new(AlertRule::ExecutiveNoContact, severity, message))
}
