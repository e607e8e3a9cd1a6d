//! No executive contact: nobody at the top of an enterprise account has been in touch for a quarter.

use crate::alert::{AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::measure::BOOKED_DAYS;
use crate::policy::Policy;
use crate::row::{AccountRows, BookedTouch};
use crate::vocabulary::{AccountTier, Severity};

/// One step lower while a touch with an executive is booked, and MEDIUM at most where we do not serve the account ourselves.
pub(super) fn check(rows: &AccountRows, evaluation: &Evaluation, policy: &Policy) -> Option<Condition> {
    let (measures, sponsors) = (&evaluation.current.measures, &evaluation.sponsors);
    if measures.tier != AccountTier::Enterprise || !measures.has_relationship {
        return None;
    }
    let last = sponsors.last_executive_contact_on;
    // Without any contact the silence is as long as there is data to hear it in.
    let silent = last
        .map(|day| evaluation.windows.days_since(day))
        .or(measures.days_since_first_fact)?;
    let limits = &policy.guardrails;
    let severity = if silent >= i64::from(limits.executive_contact_critical_days) {
        Severity::Critical
    } else if silent >= i64::from(limits.executive_contact_days) {
        Severity::High
    } else {
        return None;
    };
    let day = evaluation.windows.ending_on;
    let ahead = |booked: &&BookedTouch| (0..=BOOKED_DAYS).contains(&(booked.on - day).num_days());
    let executive = |booked: &&BookedTouch| {
        sponsors
            .executives
            .iter()
            .any(|executive| executive.contact == booked.contact)
    };
    let booked = rows
        .booked
        .iter()
        .filter(ahead)
        .filter(executive)
        .map(|booked| booked.on)
        .min();
    let severity = match (booked, severity) {
        (Some(_), Severity::Critical) => Severity::High,
        (Some(_), _) => Severity::Medium,
        (None, severity) => severity,
    };
    let severity = measures.served_by.at_most(severity);
    let limit = limits.executive_contact_days;
    let booked = booked.map_or_else(String::new, |day| {
        format!(" A touch with one of them is booked for {day}.")
    });
    let message = match last {
        Some(day) => format!(
            "No executive has been in contact for {silent} days, since {day}; the limit is {limit} days.{booked}"
        ),
        None => format!(
            "No executive has been in contact in the {silent} days since the first data; the limit is {limit} days.{booked}"
        ),
    };
    Some(Condition::new(AlertRule::ExecutiveNoContact, severity, message))
}
