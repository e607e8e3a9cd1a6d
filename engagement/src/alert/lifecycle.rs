//! One life for every alert: what an evaluation does to the alerts of an account (docs/scoring.md § 11).
//!
//! [`step`] decides for one key, [`steps`] for all of them. Both only compare; who runs them writes what they say, in the
//! transaction that read the alerts. Running the same evaluation again says [`Step::Keep`].

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::condition::{Condition, Key};
use super::record::Alert;
use super::rule::{AlertRule, Ending};
use crate::measure::Evidence;
use crate::policy::AlertPolicy;
use crate::vocabulary::{AlertStatus, Severity};

/// When an evaluation takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationDay {
    /// The day it is about, in the organisation's zone.
    pub day: NaiveDate,
    /// The instant it is made.
    pub at: DateTime<Utc>,
    /// The first one of its account.
    pub first: bool,
}

/// What an evaluation says about one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding<'a> {
    /// It holds.
    Holds(&'a Condition),
    /// It holds, and an alert that is there stands, but none is to be opened: another alert speaks for it.
    Covered(&'a Condition),
    /// It does not hold.
    Clear,
    /// Nothing can be said: its feed is stale, or the evaluation did not look.
    Unknown,
    /// The account is no customer any more.
    Over,
}

/// What to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// A new alert.
    Open(Box<Alert>),
    /// The alert that there is, as it is from now on.
    Change(Event, Box<Alert>),
}

/// What happened to an alert; the weightiest where several things did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Its words, its evidence, the day it was seen last, or how long it has been clear.
    Updated,
    /// It came back from a snooze.
    Returned,
    /// It became worse.
    Raised,
    /// It was resolved, and is open again.
    Reopened,
    /// It resolved itself.
    Resolved,
}

/// Everything that one evaluation found out about one account (or about the installation as a whole).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    /// The account is no customer any more: all of its alerts are over.
    pub over: bool,
    /// What holds; one for each key.
    pub hold: Vec<Condition>,
    /// Rules of which nothing can be said.
    pub unknown: Vec<AlertRule>,
    /// Rules that open no alert now.
    pub covered: Vec<AlertRule>,
}

impl Conditions {
    pub(crate) fn finding<'a>(&self, key: &Key, condition: Option<&'a Condition>) -> Finding<'a> {
        match condition {
            _ if self.over => Finding::Over,
            _ if self.unknown.contains(&key.rule) => Finding::Unknown,
            Some(condition) if self.covered.contains(&key.rule) => Finding::Covered(condition),
            Some(condition) => Finding::Holds(condition),
            None => Finding::Clear,
        }
    }
}

/// What to do about one key: the id of the alert that there is, and the step.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<I> {
    /// Absent for [`Step::Open`] only.
    pub id: Option<I>,
    /// Never [`Step::Keep`].
    pub step: Step,
}

/// What an evaluation does to all alerts of an account. `alerts` holds those that are not resolved, and for each key the
/// one resolved last; others do no harm. Decisions come in the order of their keys.
pub fn steps<I: Clone>(
    alerts: &[(I, Alert)],
    conditions: &Conditions,
    evaluation: &EvaluationDay,
    policy: &AlertPolicy,
) -> Vec<Decision<I>> {
    let mut sides: BTreeMap<&Key, Sides<'_, I>> = BTreeMap::new();
    for stored in alerts {
        let side = sides.entry(&stored.1.key).or_insert(Sides {
            stored: None,
            condition: None,
        });
        if side
            .stored
            .is_none_or(|(_, other)| precedence(other) < precedence(&stored.1))
        {
            side.stored = Some(stored);
        }
    }
    for condition in &conditions.hold {
        sides
            .entry(&condition.key)
            .or_insert(Sides {
                stored: None,
                condition: None,
            })
            .condition = Some(condition);
    }
    sides
        .into_iter()
        .filter_map(|(key, Sides { stored, condition })| {
            let step = step(
                stored.map(|(_, alert)| alert),
                conditions.finding(key, condition),
                evaluation,
                policy,
            );
            let id = if matches!(step, Step::Open(_)) {
                None
            } else {
                stored.map(|(id, _)| id.clone())
            };
            (step != Step::Keep).then_some(Decision { id, step })
        })
        .collect()
}

/// The two sides of one key.
struct Sides<'a, I> {
    stored: Option<&'a (I, Alert)>,
    condition: Option<&'a Condition>,
}

/// The alert of a key that decides: the unresolved one, else the one resolved last.
pub fn standing<'a, I>(alerts: &'a [(I, Alert)], key: &Key) -> Option<&'a Alert> {
    alerts
        .iter()
        .map(|(_, alert)| alert)
        .filter(|alert| alert.key == *key)
        .max_by_key(|alert| precedence(alert))
}

/// Unresolved before resolved, late before early.
fn precedence(alert: &Alert) -> (bool, Option<DateTime<Utc>>) {
    (alert.is_unresolved(), alert.resolved_at)
}

/// Whether a key has an unresolved alert once an evaluation has found this.
pub fn stands_after(
    existing: Option<&Alert>,
    finding: Finding<'_>,
    evaluation: &EvaluationDay,
    policy: &AlertPolicy,
) -> bool {
    match step(existing, finding, evaluation, policy) {
        Step::Keep => existing.is_some_and(Alert::is_unresolved),
        Step::Open(alert) | Step::Change(_, alert) => alert.is_unresolved(),
    }
}

/// What an evaluation does to one key. `existing` is its unresolved alert, else the one resolved last.
pub fn step(
    existing: Option<&Alert>,
    finding: Finding<'_>,
    evaluation: &EvaluationDay,
    policy: &AlertPolicy,
) -> Step {
    let Some(alert) = existing else {
        return match finding {
            Finding::Holds(condition) => Step::Open(Box::new(open(condition, evaluation))),
            _ => Step::Keep,
        };
    };
    // An evaluation of a day before what is known already has nothing to say about today.
    if evaluation.day < alert.last_seen_on || alert.clear_on.is_some_and(|clear| evaluation.day < clear) {
        return Step::Keep;
    }
    if alert.is_unresolved() {
        unresolved(alert, finding, evaluation, policy)
    } else {
        resolved(alert, finding, evaluation, policy)
    }
}

fn open(condition: &Condition, evaluation: &EvaluationDay) -> Alert {
    // A departure says itself how old it may be (guardrail::sponsor_departure).
    let baseline = evaluation.first && condition.key.rule != AlertRule::SponsorDeparted;
    Alert {
        key: condition.key.clone(),
        severity: condition.severity,
        status: AlertStatus::Open,
        baseline,
        message: condition.message.clone(),
        evidence: condition.evidence.clone(),
        opened_at: evaluation.at,
        last_seen_on: evaluation.day,
        escalating_since: (escalates(condition.key.rule, condition.severity) && !baseline)
            .then_some(evaluation.at),
        rung: 0,
        clear_on: None,
        clear_evaluations: 0,
        acknowledged_at: None,
        snoozed_until: None,
        resolved_at: None,
        disposition: None,
        muted_until: None,
        cleared_since: false,
    }
}

/// Whether the ladder concerns itself with an alert at all: with CRITICAL ones, and with the departure of any sponsor.
pub(super) fn escalates(rule: AlertRule, severity: Severity) -> bool {
    severity == Severity::Critical || rule == AlertRule::SponsorDeparted
}

fn unresolved(alert: &Alert, finding: Finding<'_>, evaluation: &EvaluationDay, policy: &AlertPolicy) -> Step {
    let mut next = alert.clone();
    let mut event = Event::Updated;
    if next.snoozed_until.is_some_and(|until| until <= evaluation.day) {
        wake(&mut next, evaluation);
        event = Event::Returned;
    }
    match finding {
        Finding::Holds(condition) | Finding::Covered(condition) => {
            if condition.severity > next.severity {
                event = Event::Raised;
                if !escalates(next.key.rule, next.severity) && escalates(next.key.rule, condition.severity) {
                    become_critical(&mut next, evaluation);
                }
            }
            next.severity = condition.severity;
            next.message.clone_from(&condition.message);
            next.evidence.clone_from(&condition.evidence);
            next.last_seen_on = evaluation.day;
            (next.clear_on, next.clear_evaluations) = (None, 0);
        }
        Finding::Clear => {
            let ends = match next.key.rule.ending() {
                Ending::WhenClear => note_clear(&mut next, evaluation.day) >= policy.clear_evaluations,
                Ending::WhenDone => true,
                Ending::ByHand => false,
            };
            if ends {
                resolve_itself(&mut next, evaluation);
                event = Event::Resolved;
            }
        }
        Finding::Over => {
            resolve_itself(&mut next, evaluation);
            event = Event::Resolved;
        }
        Finding::Unknown => {}
    }
    change(alert, event, next)
}

fn resolved(alert: &Alert, finding: Finding<'_>, evaluation: &EvaluationDay, policy: &AlertPolicy) -> Step {
    let mut next = alert.clone();
    match finding {
        Finding::Holds(condition) if may_return(alert, condition, evaluation.day) => {
            let ago = alert
                .resolved_at
                .map_or(TimeDelta::MAX, |resolved| evaluation.at - resolved);
            let fresh = open(condition, evaluation);
            if ago > TimeDelta::days(i64::from(policy.reopen_days)) {
                return Step::Open(Box::new(fresh));
            }
            // It is news, and whatever it was it begins again.
            return Step::Change(
                Event::Reopened,
                Box::new(Alert {
                    opened_at: alert.opened_at,
                    ..fresh
                }),
            );
        }
        // Clear again means in a row: what holds in between starts the count anew.
        Finding::Holds(_) | Finding::Covered(_) if alert.resolved_by_hand() && !alert.cleared_since => {
            (next.clear_on, next.clear_evaluations) = (None, 0);
        }
        Finding::Clear if alert.resolved_by_hand() && !alert.cleared_since => {
            let enough = if alert.key.rule.ending() == Ending::WhenClear {
                policy.clear_evaluations
            } else {
                1
            };
            next.cleared_since = note_clear(&mut next, evaluation.day) >= enough;
        }
        _ => {}
    }
    change(alert, Event::Updated, next)
}

fn change(alert: &Alert, event: Event, next: Alert) -> Step {
    if next == *alert {
        Step::Keep
    } else {
        Step::Change(event, Box::new(next))
    }
}

/// Whether a resolved alert's condition may speak again. What resolved itself may. What a person resolved may when it had
/// cleared since, or is worse, or rests on something new, or has happened again; and never while it is muted.
fn may_return(alert: &Alert, condition: &Condition, day: NaiveDate) -> bool {
    if alert.muted_until.is_some_and(|until| day < until) {
        return false;
    }
    !alert.resolved_by_hand()
        || alert.cleared_since
        || condition.severity > alert.severity
        || alert.key.rule.is_found_anew()
        || (alert.key.rule.evidence_is_offence() && adds_to(&alert.evidence, &condition.evidence))
}

/// Whether evidence names a row that was not known. Both lists are cut off at their oldest end, so an unknown row counts only
/// where it stands before a known one, or where all the rows were known.
fn adds_to(known: &Evidence, now: &Evidence) -> bool {
    let complete = known.count as usize <= known.interactions.len();
    let is_known = |id| known.interactions.contains(id);
    let newer = match now.interactions.iter().rposition(is_known) {
        Some(last_known) if !complete => now.interactions.get(..last_known).unwrap_or_default(),
        _ => &now.interactions,
    };
    newer.iter().any(|id| !is_known(id))
}

/// Counts a day on which the condition was clear, once, and says on how many it was.
fn note_clear(next: &mut Alert, day: NaiveDate) -> u32 {
    if next.clear_on != Some(day) {
        next.clear_on = Some(day);
        next.clear_evaluations += 1;
    }
    next.clear_evaluations
}

fn resolve_itself(next: &mut Alert, evaluation: &EvaluationDay) {
    next.status = AlertStatus::Resolved;
    next.resolved_at = Some(evaluation.at);
    next.snoozed_until = None;
}

/// Back from a snooze: nobody has taken it up, and a ladder begins anew.
fn wake(next: &mut Alert, evaluation: &EvaluationDay) {
    next.status = AlertStatus::Open;
    next.snoozed_until = None;
    next.acknowledged_at = None;
    if next.escalating_since.is_some() {
        next.escalating_since = Some(evaluation.at);
        next.rung = 0;
    }
}

/// It was less than CRITICAL, and what a person said about it was said about that: each rise is new for the ladder.
fn become_critical(next: &mut Alert, evaluation: &EvaluationDay) {
    next.escalating_since = Some(evaluation.at);
    next.rung = 0;
    next.status = AlertStatus::Open;
    next.snoozed_until = None;
    next.acknowledged_at = None;
}
