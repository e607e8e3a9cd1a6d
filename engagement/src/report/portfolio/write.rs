//! The report of a book of accounts is a closed form of its totals. Advice is added last, because it is about the numbers of
//! the report.

use super::advice::advise;
use super::metric::MetricValue;
use super::number::{ratio, whole};
use super::report::PortfolioReport;
use super::share::{DimensionAverage, PatternShare, SignalCount, StandingShare};
use crate::policy::Policy;
use crate::portfolio::worth::Worth;
use crate::portfolio::{Concern, PortfolioDays, PortfolioTotals};
use crate::vocabulary::{Dimension, Pattern, Period, PortfolioMetric, Signal, StandingState};

impl PortfolioReport {
    /// The report of these totals.
    pub fn new(totals: &PortfolioTotals, period: Period, days: PortfolioDays, policy: &Policy) -> Self {
        let patterns = Pattern::ALL.iter().copied().map(Some).chain([None]);
        let states = StandingState::ALL.iter().copied().map(Some).chain([None]);
        let standings = states
            .zip(&totals.standings)
            .filter(|(state, group)| state.is_some() || group.accounts > 0);
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
                .map(|(pattern, group)| PatternShare {
                    pattern,
                    group: group.converted(rates),
                })
                .collect(),
            standings: standings
                .map(|(state, group)| StandingShare {
                    state,
                    group: group.converted(rates),
                })
                .collect(),
            metrics: PortfolioMetric::ALL
                .iter()
                .map(|metric| MetricValue::of(*metric, totals, policy))
                .collect(),
            mover_points: policy.pattern.trend,
            improved: totals.improved.as_slice().to_vec(),
            declined: totals.declined.as_slice().to_vec(),
            signals: Signal::ALL
                .iter()
                .zip(totals.signals)
                .map(|(signal, n)| SignalCount {
                    signal: *signal,
                    accounts: whole(n),
                })
                .collect(),
            at_risk: totals.standings[StandingState::AtRisk as usize].converted(rates),
            at_risk_accounts: totals.named.first(Concern::AtRisk, &worth),
            renewals: totals.renewals.converted(rates),
            renewing,
            within_cadence: whole(totals.within_cadence),
            dimensions: Dimension::ALL
                .iter()
                .zip(totals.dimensions)
                .map(DimensionAverage::of)
                .collect(),
            retention: totals.retention,
            advice: vec![],
        };
        report.advice = advise(&report, totals, &worth);
        report
    }
}
