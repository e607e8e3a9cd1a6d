//! The guardrails (docs/scoring.md § 8): one file for each row of the table, pure functions from facts to conditions or to
//! a refusal, with the numbers in the sentence.
//!
//! [`conditions`] is everything that holds for one account, signals and guardrails together, after one cause has been
//! given one alert: what it returns goes to [`crate::alert::lifecycle::steps`]. [`stale_feed`] and [`owner_silent`] are about the
//! installation as a whole, [`outreach`] about a plan that somebody wants to make.

mod backup_missing;
pub mod engagement_fell;
mod executive_contact;
mod gap;
mod operational_contact;
pub mod org_change;
pub mod outreach;
pub mod owner_silent;
mod renewal;
mod single_point;
mod single_threaded;
pub mod sponsor_departure;
pub mod stale_feed;

use std::collections::HashMap;

use crate::alert::lifecycle::{Conditions, EvaluationDay, Finding, standing, stands_after};
use crate::alert::{Alert, AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::score::season::{self, Known, Season};
use crate::signal::RaisedSignal;
use crate::vocabulary::id::ContactId;
use crate::vocabulary::{Feed, Severity, Signal};
use engagement_fell::DailyScore;
use org_change::OrgChange;

const SPONSOR_MISSING: AlertRule = AlertRule::Signal(Signal::SponsorMissing);

/// What the guardrails of one account look at.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Its rows.
    pub rows: &'a AccountRows,
    /// Its evaluation in the standard period, today. Without evidence collected, conditions carry none.
    pub evaluation: &'a Evaluation,
    /// Its usage days of a year ago, as [`AccountRows::year_ago_usage`]: read for the accounts whose stored scores fell
    /// ([`engagement_fell::is_suspected`]) where the rows do not hold it.
    pub year_ago_usage: Option<[u32; 2]>,
    /// Its organisational changes; reviewed ones do no harm.
    pub changes: &'a [OrgChange],
    /// Its stored scores of the last seven weeks or more, today's among them, all of the policy in force.
    pub scores: &'a [DailyScore],
    /// Names of the contacts that [`sponsor_departure::departed_sponsors`] names; more do no harm.
    pub names: &'a HashMap<ContactId, String>,
    /// The feeds that are stale ([`stale_feed::check`]).
    pub stale: &'a [Feed],
}

/// Everything that holds for an account. `alerts` are those that [`crate::alert::lifecycle::steps`] will be given: whether one
/// alert speaks for another depends on which of them stand.
pub fn conditions<I>(
    facts: &AccountFacts<'_>,
    alerts: &[(I, Alert)],
    evaluation: &EvaluationDay,
    policy: &Policy,
) -> Conditions {
    let AccountFacts {
        rows,
        evaluation: now,
        year_ago_usage,
        changes,
        scores,
        names,
        stale,
    } = *facts;
    let (day, sponsors, renewal_on) = (now.windows.ending_on, &now.sponsors, rows.account.renewal_on);
    if !rows.account.is_active_on(day) {
        return Conditions {
            over: true,
            ..Conditions::default()
        };
    }
    let mut hold: Vec<Condition> = signals(now).collect();
    hold.extend(executive_contact::check(rows, now, policy));
    hold.extend(backup_missing::check(rows, now));
    hold.extend(org_change::unreviewed(
        changes,
        now.current.measures.renewal_near,
        &now.windows,
        policy,
    ));
    hold.extend(org_change::suspected(rows, changes, &now.windows));
    hold.extend(operational_contact::check(rows, now, policy));
    let departed = sponsor_departure::departed_sponsors(rows, day, policy);
    hold.extend(departed.into_iter().filter_map(|departed| {
        let contact = rows.contacts.get(departed.contact as usize)?;
        sponsor_departure::departure(
            departed,
            rows,
            sponsors,
            names.get(&contact.id).map(String::as_str),
        )
    }));
    if let Some(fell) = engagement_fell::check(scores, now, renewal_on, policy)
        && !is_as_a_year_ago(rows, year_ago_usage, now, policy)
    {
        hold.push(fell);
    }
    hold.extend(single_threaded::check(now, renewal_on, policy));
    hold.extend(single_point::check(now, renewal_on, policy));
    let stands_still = |rule: &AlertRule| {
        rule.feeds().iter().any(|feed| stale.contains(feed))
            || (rows.contact_feed_silent && rule.needs_contact_feed())
    };
    let unknown = AlertRule::ALL.iter().copied().filter(stands_still).collect();
    let mut conditions = Conditions {
        over: false,
        hold,
        unknown,
        covered: vec![],
    };
    cover_by_departure(&mut conditions, alerts, evaluation, policy);
    raise_sponsor_missing(&mut conditions, alerts);
    conditions
}

/// Whether usage and engagement are as a year ago (docs/scoring.md § 5).
fn is_as_a_year_ago(
    rows: &AccountRows,
    year_ago: Option<[u32; 2]>,
    now: &Evaluation,
    policy: &Policy,
) -> bool {
    let year_ago = rows.year_ago_usage.or(year_ago);
    let measures = (&now.current.measures, &now.previous.measures);
    matches!(
        season::compare(rows, year_ago, policy, &now.windows, measures),
        Known::Season(Season { all: true, .. })
    )
}

/// The signals as conditions.
fn signals(now: &Evaluation) -> impl Iterator<Item = Condition> {
    now.signals.iter().map(|raised| {
        let condition = Condition::new(
            AlertRule::Signal(raised.signal),
            raised.severity,
            raised.message.clone(),
        );
        condition.with(now.current.evidence.of_signal(raised.signal))
    })
}

/// While the alert of a departure stands, it speaks for the missing sponsor and for the missing backup.
fn cover_by_departure<I>(
    conditions: &mut Conditions,
    alerts: &[(I, Alert)],
    evaluation: &EvaluationDay,
    policy: &Policy,
) {
    let stands = alerts
        .iter()
        .any(|(_, alert)| alert.key.rule == AlertRule::SponsorDeparted && alert.is_unresolved());
    let will_stand = || {
        let mut departures = conditions
            .hold
            .iter()
            .filter(|condition| condition.key.rule == AlertRule::SponsorDeparted);
        departures.any(|found| {
            stands_after(
                standing(alerts, &found.key),
                Finding::Holds(found),
                evaluation,
                &policy.alerts,
            )
        })
    };
    if stands || will_stand() {
        conditions
            .covered
            .extend([SPONSOR_MISSING, AlertRule::BackupMissing]);
    }
}

/// Executives who are silent raise the alert of the missing sponsor instead of opening a second one: unless a departure keeps
/// that from being opened.
fn raise_sponsor_missing<I>(conditions: &mut Conditions, alerts: &[(I, Alert)]) {
    let place =
        |hold: &[Condition], rule: AlertRule| hold.iter().position(|condition| condition.key.rule == rule);
    let Some(missing) = place(&conditions.hold, SPONSOR_MISSING) else {
        return;
    };
    let stands = standing(alerts, &conditions.hold[missing].key).is_some_and(Alert::is_unresolved);
    if conditions.covered.contains(&SPONSOR_MISSING) && !stands {
        return;
    }
    let mut raised = conditions.hold.swap_remove(missing);
    if let Some(silent) = place(&conditions.hold, AlertRule::ExecutiveNoContact) {
        let silent = conditions.hold.swap_remove(silent);
        raise(&mut raised.severity, &mut raised.message, &silent);
    }
    conditions.hold.push(raised);
}

/// The signals as people are told of them: as severe as their alerts, and in the same words.
pub(crate) fn told_signals(
    rows: &AccountRows,
    evaluation: &Evaluation,
    policy: &Policy,
) -> Vec<RaisedSignal> {
    let mut signals = evaluation.signals.clone();
    if let Some(missing) = signals
        .iter_mut()
        .find(|raised| raised.signal == Signal::SponsorMissing)
        && let Some(silent) = executive_contact::check(rows, evaluation, policy)
    {
        raise(&mut missing.severity, &mut missing.message, &silent);
    }
    signals
}

fn raise(severity: &mut Severity, message: &mut String, silent: &Condition) {
    *severity = (*severity).max(silent.severity);
    *message = format!("{message} {}", silent.message);
}
