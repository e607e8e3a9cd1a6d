//! Hangs on one person: several are in touch, and yet one of them carries the relationship.

use chrono::NaiveDate;

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::vocabulary::{AccountTier, Component, Severity};

pub(super) fn check(
    evaluation: &Evaluation,
    renewal_on: Option<NaiveDate>,
    policy: &Policy,
) -> Option<Condition> {
    let measures = &evaluation.current.measures;
    let people = measures.too_few_people(policy)?;
    if measures.tier == AccountTier::Smb || measures.single_threaded() {
        return None;
    }
    let near = measures.renewal_near;
    let severity = if near { Severity::High } else { Severity::Medium };
    let renewal = renewal_on
        .filter(|_| near)
        .map_or_else(String::new, |day| format!(" The renewal is on {day}."));
    let engaged = measures.engaged_contacts + measures.taught_contacts;
    let message = format!(
        "{engaged} contacts are in touch, but one of them carries most of it: the relationship rests on {people:.1} people.{renewal}"
    );
    let evidence = evaluation.current.evidence.of_component(Component::Stakeholders);
    Some(Condition::new(AlertRule::SinglePoint, severity, message).with(evidence))
}
