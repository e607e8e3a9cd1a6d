//! How the book stands against its targets, and what there is to gain.

use serde::{Deserialize, Serialize};

use super::section::named;
use super::{AccountFacts, Gain, NamedAccount};
use crate::markdown::{number, signed};
use crate::policy::Policy;
use crate::portfolio::PortfolioTotals;
use crate::report::portfolio::MetricValue;
use crate::report::portfolio_markdown::{in_unit, name as metric_name};
use crate::score::round;
use crate::vocabulary::{MetricUnit, PortfolioMetric};
use crate::worth::Worth;

const MOST_ACTIONS: usize = 5;
const MOST_ACTIONS_OF_ACCOUNT: usize = 2;

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
    PortfolioMetric::ALL.iter().map(|metric| metric_line(&MetricValue::of(*metric, totals, policy))).collect()
}

fn metric_line(metric: &MetricValue) -> MetricLine {
    // A bar of shares ends at 100; the others have their target in the middle.
    let full = if metric.unit == MetricUnit::Percent { 100.0 } else { 2.0 * metric.target };
    let place = |value: f64| if full > 0.0 { (100.0 * value / full).clamp(0.0, 100.0).round() as u32 } else { 0 };
    let side = if metric.metric.is_better_below() { "less" } else { "more" };
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
    /// What.
    pub action: String,
    /// How: cadence and channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Why, with the numbers.
    pub reason: String,
    /// Points of the overall score: "+9.8".
    pub points: String,
    /// How far a bar is filled, from 0 to 100: the first is full.
    pub filled: u32,
}

pub(super) fn actions(customers: &[&AccountFacts], worth: &Worth<'_>) -> Vec<ActionLine> {
    let mut ranked: Vec<((&AccountFacts, &Gain), usize)> =
        customers.iter().flat_map(|account| account.gains.iter().enumerate().map(|(place, gain)| ((*account, gain), place))).collect();
    // What an account gains beyond its two best comes after everybody else's two best.
    ranked.sort_by(|((account_a, a), place_a), ((account_b, b), place_b)| {
        let spare = (*place_a >= MOST_ACTIONS_OF_ACCOUNT).cmp(&(*place_b >= MOST_ACTIONS_OF_ACCOUNT));
        spare
            .then_with(|| b.points.total_cmp(&a.points))
            .then_with(|| account_b.weight(worth).total_cmp(&account_a.weight(worth)))
            .then_with(|| account_a.label.external_id.cmp(&account_b.label.external_id))
    });
    ranked.truncate(MOST_ACTIONS);
    ranked.sort_by(|((_, a), _), ((_, b), _)| b.points.total_cmp(&a.points));
    let most = ranked.first().map_or(0.0, |((_, gain), _)| gain.points);
    ranked
        .into_iter()
        .map(|((account, gain), _)| ActionLine {
            account: named(account),
            action: gain.action.clone(),
            how: gain.how.clone(),
            reason: gain.reason.clone(),
            points: signed(gain.points),
            filled: if most > 0.0 { (100.0 * gain.points / most).round() as u32 } else { 0 },
        })
        .collect()
}
