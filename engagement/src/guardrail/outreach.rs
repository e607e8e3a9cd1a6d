//! What a plan to reach out to an executive has to respect: no operational issues, and no two of us at once. A plan that
//! does not is refused with the rule, the reason, and the way out.

use chrono::{NaiveDate, TimeDelta};

use crate::alert::AlertRule;
use crate::policy::Policy;
use crate::vocabulary::id::{ContactId, OutreachId, UserId};
use crate::vocabulary::{InteractionKind, Purpose};

/// A plan that somebody wants to make. Days are those of the organisation's zone.
#[derive(Debug, Clone)]
pub struct OutreachPlan<'a> {
    /// To whom.
    pub contact: ContactId,
    /// They are an executive (docs/scoring.md § 2).
    pub executive: bool,
    /// What for.
    pub purpose: Purpose,
    pub planned_on: NaiveDate,
    /// Whose plan it is.
    pub planned_by: UserId,
    /// The members it was coordinated with.
    pub coordinated_with: &'a [UserId],
}

/// A plan that stands: made, and not called off.
#[derive(Debug, Clone)]
pub struct OpenPlan {
    /// Its id.
    pub id: OutreachId,
    /// To whom.
    pub contact: ContactId,
    /// What it is.
    pub kind: InteractionKind,
    pub planned_on: NaiveDate,
    /// Whose plan it is.
    pub planned_by: UserId,
    /// Their name.
    pub planned_by_name: String,
}

/// Why a plan is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The guardrail.
    pub rule: AlertRule,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// The plan that stands in the way, where one does.
    pub other: Option<OutreachId>,
}

/// Checks a plan against the plans that stand. Only plans for executives are ever refused.
///
/// # Errors
/// The first guardrail that the plan breaks.
pub fn check_outreach(plan: &OutreachPlan<'_>, others: &[OpenPlan], policy: &Policy) -> Result<(), Refusal> {
    if !plan.executive {
        return Ok(());
    }
    if plan.purpose == Purpose::Operational {
        return Err(Refusal {
            rule: AlertRule::ExecutiveOperationalContact,
            message: "Executives are not contacted for operational issues. Take the issue to the people who work with it, \
                      or plan a strategic conversation about goals, or a tactical one about a project."
                .to_owned(),
            other: None,
        });
    }
    uncoordinated(plan, others, policy).map_or(Ok(()), Err)
}

/// The nearest plan of another member for the same executive that this one was not coordinated with.
fn uncoordinated(plan: &OutreachPlan<'_>, others: &[OpenPlan], policy: &Policy) -> Option<Refusal> {
    let days = i64::from(policy.guardrails.coordination_days);
    let apart = |other: &&OpenPlan| (other.planned_on - plan.planned_on).num_days().abs();
    let other = others
        .iter()
        .filter(|other| other.contact == plan.contact && other.planned_by != plan.planned_by)
        .filter(|other| !plan.coordinated_with.contains(&other.planned_by))
        .filter(|other| apart(other) <= days)
        .min_by_key(|other| (apart(other), other.planned_on, other.id))?;
    let free = (
        other.planned_on - TimeDelta::days(days),
        other.planned_on + TimeDelta::days(days),
    );
    let message = format!(
        "{} has planned to contact this executive on {} ({}, {}), and plans within {days} days of each other have to be coordinated. \
         Agree on it with them and name them in `coordinatedWith`, or choose a day before {} or after {}.",
        other.planned_by_name,
        other.planned_on,
        other.kind.in_words(),
        other.id,
        free.0,
        free.1
    );
    Some(Refusal {
        rule: AlertRule::OutreachUncoordinated,
        message,
        other: Some(other.id),
    })
}
