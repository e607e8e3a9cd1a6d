//! Single-threaded: an enterprise relationship that hangs on one person while the renewal comes near.

use chrono::NaiveDate;

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::renewal::days_to_renewal;
use crate::vocabulary::{AccountTier, Component, Severity};

pub(super) fn check(
    evaluation: &Evaluation,
    renewal_on: Option<NaiveDate>,
    policy: &Policy,
) -> Option<Condition> {
    let measures = &evaluation.current.measures;
    if measures.tier != AccountTier::Enterprise || !measures.single_threaded() {
        return None;
    }
    let limit = i64::from(policy.guardrails.single_threaded_renewal_days);
    let days = days_to_renewal(renewal_on, evaluation.windows.ending_on).filter(|days| *days <= limit)?;
    let message = format!("One contact alone is in touch, and the renewal is in {days} days.");
    let evidence = evaluation.current.evidence.of_component(Component::Stakeholders);
    Some(Condition::new(AlertRule::SingleThreaded, Severity::Medium, message).with(evidence))
}
