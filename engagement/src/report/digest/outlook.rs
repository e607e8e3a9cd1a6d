//! How the book stands against its targets, and what there is to gain.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::account::{AccountFacts, Gain};
use super::named_account::named;
use crate::markdown::{number, signed};
use crate::policy::Policy;
use crate::portfolio::worth::Worth;
use crate::portfolio::{PortfolioTotals, RENEWAL_DAYS};
use crate::report::named::NamedAccount;
use crate::report::portfolio::{MetricValue, in_unit, name as metric_name};
use crate::score::round;
use crate::vocabulary::{MetricUnit, PortfolioMetric};

const MOST_ACTIONS: usize = 5;
/// How much more an action counts on an account that renews in the next three months.
const RENEWING: f64 = 2.0;
/// Of the median share of revenue, what an account without revenue counts as.
const OF_MEDIAN: f64 = 0.5;

/// A metric of the portfolio against its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricLine {
    /// Its name.
    pub name: String,
    /// Its value with the unit; absent where nothing could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The target in words: "more than 80 %".
    pub target: String,
    /// Whether it is met; absent where nothing could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// How far a bar is filled, from 0 to 100.
    pub filled: u32,
    /// Where on that bar the target is, from 0 to 100.
    pub mark: u32,
}

pub(super) fn metrics(totals: &PortfolioTotals, policy: &Policy) -> Vec<MetricLine> {
    PortfolioMetric::ALL
        .iter()
        .map(|metric| metric_line(&MetricValue::of(*metric, totals, policy)))
        .collect()
}

fn metric_line(metric: &MetricValue) -> MetricLine {
    // A bar of shares ends at 100; the others have their target in the middle.
    let full = if metric.unit == MetricUnit::Percent {
        100.0
    } else {
        2.0 * metric.target
    };
    let place = |value: f64| {
        if full > 0.0 {
            (100.0 * value / full).clamp(0.0, 100.0).round() as u32
        } else {
            0
        }
    };
    let side = if metric.metric.is_better_below() {
        "less"
    } else {
        "more"
    };
    let target = match metric.unit {
        MetricUnit::Percent => in_unit(metric.target, metric.unit),
        MetricUnit::Days => number(Some(f64::from(round(metric.target)))),
        MetricUnit::Executives => number(Some(metric.target)),
    };
    let value = metric.value.map(|value| match metric.unit {
        MetricUnit::Percent => in_unit(value, metric.unit),
        MetricUnit::Days => number(Some(f64::from(round(value)))),
        MetricUnit::Executives => number(Some(value)),
    });
    MetricLine {
        name: metric_name(metric).to_owned(),
        value,
        target: format!("{side} than {target}"),
        met: metric.met,
        filled: metric.value.map_or(0, place),
        mark: place(metric.target),
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// On which account.
    pub account: NamedAccount,
    pub action: String,
    /// How: cadence and channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Why, with the numbers.
    pub reason: String,
    /// Points of the overall score: "+9.8".
    pub points: String,
    /// How far a bar is filled, from 0 to 100: that of the most points is full.
    pub filled: u32,
}

/// What gains most on each account, by points × revenue.
pub(super) fn actions(day: NaiveDate, customers: &[&AccountFacts], worth: &Worth<'_>) -> Vec<ActionLine> {
    let without = OF_MEDIAN
        * median(
            customers
                .iter()
                .filter(|one| one.label.arr.is_some())
                .map(|one| one.weight(worth))
                .collect(),
        );
    let rank = |account: &AccountFacts, gain: &Gain| {
        let share = if account.label.arr.is_some() {
            account.weight(worth)
        } else {
            without
        };
        let renewing = if account.renews_within(day, RENEWAL_DAYS) {
            RENEWING
        } else {
            1.0
        };
        gain.points * share * renewing
    };
    let mut gains: Vec<(&AccountFacts, &Gain)> = customers
        .iter()
        .filter_map(|account| Some((*account, account.gain.as_ref()?)))
        .collect();
    gains.sort_by(|(a, x), (b, y)| {
        rank(b, y)
            .total_cmp(&rank(a, x))
            .then_with(|| a.label.external_id.cmp(&b.label.external_id))
    });
    gains.truncate(MOST_ACTIONS);
    let most = gains.iter().map(|(_, gain)| gain.points).fold(0.0, f64::max);
    let line = |(account, gain): (&AccountFacts, &Gain)| ActionLine {
        account: named(account),
        action: gain.action.clone(),
        how: gain.how.clone(),
        reason: gain.reason.clone(),
        points: signed(gain.points),
        filled: if most > 0.0 {
            (100.0 * gain.points / most).round() as u32
        } else {
            0
        },
    };
    gains.into_iter().map(line).collect()
}

/// The median; 1 of nothing, where all count alike.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (
        values.get(middle),
        middle.checked_sub(1).and_then(|before| values.get(before)),
    ) {
        (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => f64::midpoint(*lower, *upper),
        (Some(middle), _) => *middle,
        _ => 1.0,
    }
}
