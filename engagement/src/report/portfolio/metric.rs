//! The five metrics of a book of accounts against their targets, and how a metric is named and said.

use serde::Serialize;

use super::number::ratio;
use crate::markdown::{days, number};
use crate::policy::Policy;
use crate::portfolio::PortfolioTotals;
use crate::vocabulary::{MetricUnit, PortfolioMetric};

/// One metric against its target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
#[cfg_attr(feature = "graphql", graphql(name = "PortfolioMetricValue"))]
pub struct MetricValue {
    /// Which metric.
    pub metric: PortfolioMetric,
    /// Unrounded; null where nothing could be measured.
    pub value: Option<f64>,
    /// What the value and the target are measured in.
    pub unit: MetricUnit,
    /// What the value has to be above; for EXECUTIVE_TOUCHPOINT_CADENCE, below.
    pub target: f64,
    /// Whether it is; null where nothing could be measured.
    pub met: Option<bool>,
    /// Whether there was anything to measure.
    pub measured: bool,
}

impl MetricValue {
    pub(in crate::report) fn of(metric: PortfolioMetric, totals: &PortfolioTotals, policy: &Policy) -> Self {
        let percent = |part: u64, of: u64| ratio(100.0 * part as f64, of);
        let accounts = totals.all.accounts;
        let (value, unit) = match metric {
            PortfolioMetric::ExecutiveEngagementRate => {
                (percent(totals.sponsor_engaged, accounts), MetricUnit::Percent)
            }
            PortfolioMetric::ExecutiveTouchpointCadence => {
                (ratio(totals.cadence_sum, totals.known), MetricUnit::Days)
            }
            PortfolioMetric::QbrExecutiveAttendance => (
                percent(totals.qbrs_with_executive, totals.qbrs_held),
                MetricUnit::Percent,
            ),
            PortfolioMetric::SponsorRetention => (
                percent(totals.retention.pairs_kept, totals.retention.pairs_before),
                MetricUnit::Percent,
            ),
            PortfolioMetric::MultiThreadScore => (
                ratio(totals.engaged_executives as f64, accounts),
                MetricUnit::Executives,
            ),
        };
        let target = policy.portfolio.target(metric);
        let met = value.map(|value| {
            if metric.is_better_below() {
                value < target
            } else {
                value > target
            }
        });
        Self {
            metric,
            value,
            unit,
            target,
            met,
            measured: value.is_some(),
        }
    }
}

pub(in crate::report) fn in_unit(value: f64, unit: MetricUnit) -> String {
    match unit {
        MetricUnit::Percent => format!("{} %", number(Some(value))),
        MetricUnit::Days => days(value),
        MetricUnit::Executives => format!("{} executives", number(Some(value))),
    }
}

pub(in crate::report) const fn name(metric: &MetricValue) -> &'static str {
    match metric.metric {
        PortfolioMetric::ExecutiveEngagementRate => "Accounts with an engaged sponsor",
        PortfolioMetric::ExecutiveTouchpointCadence => "Days between contacts with executives",
        PortfolioMetric::QbrExecutiveAttendance => "Business reviews with an executive",
        PortfolioMetric::SponsorRetention => "Sponsors of a year ago who stayed",
        PortfolioMetric::MultiThreadScore => "Executives in touch per account",
    }
}
