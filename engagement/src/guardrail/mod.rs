//! The guardrails (docs/scoring.md § 8): one file for each row of the table, pure functions from facts to conditions or to
//! a refusal, with the numbers in the sentence.
//!
//! [`conditions`] is everything that holds for one account, signals and guardrails together, after one cause has been
//! given one alert: what it returns goes to [`crate::alert::lifecycle::steps`]. [`stale_feed`] and [`owner_silent`] are about the
//! installation as a whole, [`outreach`] about a plan that somebody wants to make.

mod backup_missing;
pub mod engagement_fell;
mod executive_contact;
mod facts;
mod gap;
mod one_cause;
mod operational_contact;
pub mod org_change;
pub mod outreach;
pub mod owner_silent;
mod single_point;
mod single_threaded;
pub mod sponsor_departure;
pub mod stale_feed;
mod told;

pub use facts::AccountFacts;
pub(crate) use told::told_signals;

use crate::alert::lifecycle::{Conditions, EvaluationDay};
use crate::alert::{Alert, AlertRule, Condition};
use crate::evaluation::Evaluation;
use crate::policy::Policy;
use crate::row::AccountRows;
use crate::score::season::{self, Known, Season};
use one_cause::{cover_by_departure, raise_sponsor_missing};

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
