//! The portfolio report: a book of accounts for whoever leads it (docs/scoring.md § 9), as fields and as Markdown.
//!
//! A closed form of [`PortfolioTotals`]. Accounts are named by id; whoever shows the report knows their names
//! ([`PortfolioLabels`]).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::portfolio_markdown;
use crate::id::AccountId;
use crate::money::Money;
use crate::policy::Policy;
use crate::portfolio::{Group, Mover, PortfolioDays, PortfolioTotals, Retention};
use crate::vocabulary::{MetricUnit, Pattern, Period, PortfolioMetric, Signal, StandingState};

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

/// The accounts of one pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternShare {
    /// Absent = not enough data.
    pub pattern: Option<Pattern>,
    /// How many accounts, and their revenue.
    pub group: Group,
}

/// The accounts of one standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingShare {
    /// Absent = it was never said.
    pub state: Option<StandingState>,
    /// How many accounts, and their revenue.
    pub group: Group,
}

/// The accounts on which a signal is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct SignalCount {
    /// Which signal.
    pub signal: Signal,
    /// On how many accounts.
    pub accounts: u32,
}

/// Something to do about the book as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
#[cfg_attr(feature = "graphql", graphql(name = "PortfolioAdvice"))]
pub struct Advice {
    /// What.
    pub action: String,
    /// Why, with the numbers.
    pub reason: String,
}

/// A book of accounts at one day.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioReport {
    /// How long the window is.
    pub period: Period,
    /// Which days it is about.
    pub days: PortfolioDays,
    /// All accounts that are active, and their revenue.
    pub all: Group,
    /// Accounts whose score is to be read with care.
    pub provisional: u32,
    /// Accounts with a score that is not provisional: what the average is over.
    pub scored: u32,
    /// Mean of the rounded scores that are not provisional; absent without one.
    pub average_overall: Option<f64>,
    /// Every pattern in order, then "not enough data".
    pub distribution: Vec<PatternShare>,
    /// Every standing, worst first, then those without, where there are any.
    pub standings: Vec<StandingShare>,
    /// The five metrics, in order.
    pub metrics: Vec<MetricValue>,
    /// The largest gains, the largest first; ties by external id.
    pub improved: Vec<Mover>,
    /// The largest losses, the largest first; ties by external id.
    pub declined: Vec<Mover>,
    /// Every signal in order.
    pub signals: Vec<SignalCount>,
    /// Those whose standing is AT_RISK.
    pub at_risk: Group,
    /// Sponsors who stayed.
    pub retention: Retention,
    /// What to do, the most urgent first.
    pub advice: Vec<Advice>,
}

/// What the Markdown needs and the domain does not know.
#[derive(Debug, Clone)]
pub struct PortfolioLabels {
    /// Which accounts these are, as a phrase: "All accounts", "Enterprise accounts of Mia Torres".
    pub scope: String,
    /// Names of the movers.
    pub accounts: HashMap<AccountId, String>,
    /// The instant of the report.
    pub as_of: DateTime<Utc>,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
    /// The policy in force.
    pub policy_hash: String,
}

impl PortfolioReport {
    /// The report of these totals.
    pub fn new(totals: &PortfolioTotals, period: Period, days: PortfolioDays, policy: &Policy) -> Self {
        let patterns = Pattern::ALL.iter().copied().map(Some).chain([None]);
        let states = StandingState::ALL.iter().copied().map(Some).chain([None]);
        let standings = states.zip(&totals.standings).filter(|(state, group)| state.is_some() || group.accounts > 0);
        let mut report = Self {
            period,
            days,
            all: totals.all.clone(),
            provisional: whole(totals.provisional),
            scored: whole(totals.scored),
            average_overall: ratio(totals.overall_sum as f64, totals.scored),
            distribution: patterns.zip(&totals.patterns).map(|(pattern, group)| PatternShare { pattern, group: group.clone() }).collect(),
            standings: standings.map(|(state, group)| StandingShare { state, group: group.clone() }).collect(),
            metrics: PortfolioMetric::ALL.iter().map(|metric| MetricValue::of(*metric, totals, policy)).collect(),
            improved: totals.improved.as_slice().to_vec(),
            declined: totals.declined.as_slice().to_vec(),
            signals: Signal::ALL
                .iter()
                .zip(totals.signals)
                .map(|(signal, n)| SignalCount { signal: *signal, accounts: whole(n) })
                .collect(),
            at_risk: totals.standings[StandingState::AtRisk as usize].clone(),
            retention: totals.retention,
            advice: vec![],
        };
        report.advice = super::portfolio_advice::advise(&report, totals);
        report
    }

    /// The report as Markdown.
    pub fn markdown(&self, labels: &PortfolioLabels) -> String {
        portfolio_markdown::write(self, labels)
    }
}

impl PatternShare {
    /// How many accounts.
    pub fn accounts(&self) -> u64 {
        self.group.accounts
    }

    /// Their revenue, one amount per currency.
    pub fn arr(&self) -> Vec<Money> {
        self.group.arr()
    }
}

impl MetricValue {
    pub(super) fn of(metric: PortfolioMetric, totals: &PortfolioTotals, policy: &Policy) -> Self {
        let percent = |part: u64, of: u64| ratio(100.0 * part as f64, of);
        let accounts = totals.all.accounts;
        let (value, unit) = match metric {
            PortfolioMetric::ExecutiveEngagementRate => (percent(totals.sponsor_engaged, accounts), MetricUnit::Percent),
            PortfolioMetric::ExecutiveTouchpointCadence => (ratio(totals.cadence_sum, totals.known), MetricUnit::Days),
            PortfolioMetric::QbrExecutiveAttendance => (percent(totals.qbrs_with_executive, totals.qbrs_held), MetricUnit::Percent),
            PortfolioMetric::SponsorRetention => (percent(totals.retention.pairs_kept, totals.retention.pairs_before), MetricUnit::Percent),
            PortfolioMetric::MultiThreadScore => (ratio(totals.engaged_executives as f64, accounts), MetricUnit::Executives),
        };
        let target = policy.portfolio.target(metric);
        let met = value.map(|value| if metric.is_better_below() { value < target } else { value > target });
        Self { metric, value, unit, target, met, measured: value.is_some() }
    }
}

/// A mean or a share; nothing without a denominator.
fn ratio(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

/// What a GraphQL Int holds; no book of accounts comes near it.
fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).min(i32::MAX as u32)
}
