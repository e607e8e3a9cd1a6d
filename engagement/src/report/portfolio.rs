//! The portfolio report: a book of accounts for whoever leads it (docs/scoring.md § 9), as fields and as Markdown.
//!
//! A closed form of [`PortfolioTotals`]. Accounts are named by id; whoever shows the report knows their names
//! ([`PortfolioLabels`]).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

pub use super::portfolio_advice::commonest_signal;
use super::portfolio_markdown;
use crate::id::{AccountId, ContactId};
use crate::money::Money;
use crate::policy::Policy;
use crate::portfolio::{Concern, Group, Mover, NamedAccount, PortfolioDays, PortfolioTotals, Retention, Sum};
use crate::standing::SHOWN_REASONS;
use crate::vocabulary::{Dimension, MetricUnit, Pattern, Period, PortfolioMetric, Signal, StandingState};
use crate::worth::Worth;

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

/// A dimension over the book.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct DimensionAverage {
    /// Which dimension.
    pub dimension: Dimension,
    /// Mean over the accounts where it is measured and whose score is not provisional; null without one.
    pub average: Option<f64>,
    /// How many accounts that is.
    pub accounts: u32,
    /// The same of the previous period.
    pub previous_average: Option<f64>,
    /// How many accounts that is.
    pub previous_accounts: u32,
}

/// Something to do about the book as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// What.
    pub action: String,
    /// Why, with the numbers.
    pub reason: String,
    /// Where to begin: the accounts that weigh most, at most five.
    pub accounts: Vec<NamedAccount>,
}

/// A book of accounts at one day.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioReport {
    /// How long the window is.
    pub period: Period,
    /// Which days it is about.
    pub days: PortfolioDays,
    /// All accounts that are active, and their revenue. Sums of revenue here and below are in the reporting currency as far as
    /// there are rates, else one amount per currency.
    pub all: Group,
    /// How revenue is added and ordered, where that is not plain ([`Worth::note`]).
    pub money_note: Option<String>,
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
    /// Points from which an account is listed as one that moved.
    pub mover_points: i32,
    /// The largest gains, the largest first; ties by external id.
    pub improved: Vec<Mover>,
    /// The largest losses, the largest first; ties by external id.
    pub declined: Vec<Mover>,
    /// Every signal in order.
    pub signals: Vec<SignalCount>,
    /// Those whose standing is AT_RISK.
    pub at_risk: Group,
    /// Of these the ones that weigh most by revenue, with reasons and what to do first; at most 20.
    pub at_risk_accounts: Vec<NamedAccount>,
    /// Those that renew in the next 90 days.
    pub renewals: Group,
    /// Of these the ones that weigh most by revenue, at most 20, by day.
    pub renewing: Vec<NamedAccount>,
    /// Accounts whose latest executive contact is within the cadence of their tier.
    pub within_cadence: u32,
    /// The four dimensions, in order.
    pub dimensions: Vec<DimensionAverage>,
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
    /// Names of the accounts that it names.
    pub accounts: HashMap<AccountId, String>,
    /// Who looks after the accounts at risk: the first customer success manager of their team, by name.
    pub csms: HashMap<AccountId, String>,
    /// Names of the contacts that reasons and recommendations are about.
    pub contacts: HashMap<ContactId, String>,
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
        let rates = &policy.currency;
        let amounts = totals.all.arr();
        let worth = Worth::of(&amounts, rates);
        let mut renewing = totals.named.first(Concern::Renewal, &worth);
        renewing.sort_by_key(|named| named.renewal_on);
        let mut report = Self {
            period,
            days,
            all: totals.all.converted(rates),
            money_note: worth.note(&amounts),
            provisional: whole(totals.provisional),
            scored: whole(totals.scored),
            average_overall: ratio(totals.overall_sum as f64, totals.scored),
            distribution: patterns
                .zip(&totals.patterns)
                .map(|(pattern, group)| PatternShare { pattern, group: group.converted(rates) })
                .collect(),
            standings: standings.map(|(state, group)| StandingShare { state, group: group.converted(rates) }).collect(),
            metrics: PortfolioMetric::ALL.iter().map(|metric| MetricValue::of(*metric, totals, policy)).collect(),
            mover_points: policy.pattern.trend,
            improved: totals.improved.as_slice().to_vec(),
            declined: totals.declined.as_slice().to_vec(),
            signals: Signal::ALL
                .iter()
                .zip(totals.signals)
                .map(|(signal, n)| SignalCount { signal: *signal, accounts: whole(n) })
                .collect(),
            at_risk: totals.standings[StandingState::AtRisk as usize].converted(rates),
            at_risk_accounts: totals.named.first(Concern::AtRisk, &worth),
            renewals: totals.renewals.converted(rates),
            renewing,
            within_cadence: whole(totals.within_cadence),
            dimensions: Dimension::ALL.iter().zip(totals.dimensions).map(DimensionAverage::of).collect(),
            retention: totals.retention,
            advice: vec![],
        };
        report.advice = super::portfolio_advice::advise(&report, totals, &worth);
        report
    }

    /// How the book stands, in one sentence.
    pub fn headline(&self) -> String {
        portfolio_markdown::standing_sentence(self)
    }

    /// Every account that it names.
    pub fn accounts(&self) -> Vec<AccountId> {
        let movers = self.improved.iter().chain(&self.declined).map(|mover| mover.account);
        let of_advice = self.advice.iter().flat_map(|advice| &advice.accounts);
        let named = self.at_risk_accounts.iter().chain(&self.renewing).chain(of_advice).map(|named| named.account);
        let mut accounts: Vec<AccountId> = movers.chain(named).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// Every contact that it names.
    pub fn contacts(&self) -> Vec<ContactId> {
        let of_account = |named: &NamedAccount| {
            let shown = named.reasons.iter().take(SHOWN_REASONS).filter_map(|reason| reason.contact);
            shown.chain(named.next.as_ref().and_then(|next| next.contact)).collect::<Vec<_>>()
        };
        self.at_risk_accounts.iter().flat_map(of_account).collect()
    }

    /// The report as Markdown.
    pub fn markdown(&self, labels: &PortfolioLabels) -> String {
        portfolio_markdown::write(self, labels)
    }
}

impl DimensionAverage {
    fn of((dimension, [now, before]): (&Dimension, [Sum; 2])) -> Self {
        Self {
            dimension: *dimension,
            average: now.mean(),
            accounts: whole(now.accounts),
            previous_average: before.mean(),
            previous_accounts: whole(before.accounts),
        }
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
