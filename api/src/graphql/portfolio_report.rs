//! The portfolio report: a book of accounts for whoever leads it, for any filter and period.

use async_graphql::{Context, Error, Object, SimpleObject};
use engagement::DEFINITIONS;
use engagement::portfolio::{Group, Mover};
use engagement::report::portfolio::{Advice, MetricValue, PatternShare, SignalCount, StandingShare};
use engagement::vocabulary::{Pattern, Period, StandingState};
use service::portfolio::LabelledPortfolio;

use super::account::Account;
use super::context::loaders;
use super::engagement_report::DayRange;
use super::error::from_service;
use super::limits;
use super::load_nodes::AccountById;
use super::money::Money;
use super::scalar::Date;

/// A book of accounts at one day: how it stands, where it moves, what to do.
pub struct PortfolioReport(pub LabelledPortfolio);

/// The accounts of one pattern.
#[derive(SimpleObject)]
pub struct PatternDistribution {
    /// The pattern; null = not enough data.
    pattern: Option<Pattern>,
    /// How many accounts.
    accounts: u32,
    /// Their annual recurring revenue, one amount per currency.
    arr: Vec<Money>,
}

/// The accounts of one standing.
#[derive(SimpleObject)]
pub struct StandingDistribution {
    /// The standing; null = it was never said.
    state: Option<StandingState>,
    /// How many accounts.
    accounts: u32,
    /// Their annual recurring revenue, one amount per currency.
    arr: Vec<Money>,
}

/// Revenue that is at risk.
#[derive(SimpleObject)]
pub struct RevenueAtRisk {
    /// How many accounts.
    accounts: u32,
    /// Their annual recurring revenue, one amount per currency.
    arr: Vec<Money>,
}

/// An account whose score moved against the previous period.
pub struct PortfolioMover(Mover);

/// An account whose score moved against the previous period.
#[Object]
impl PortfolioMover {
    /// Which account; null when it has just been removed.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        loaders(ctx).load_one(AccountById(self.0.account)).await.map_err(|e| from_service(&e)).transpose()
    }

    /// By how many points; never 0.
    async fn change(&self) -> i32 {
        self.0.change
    }

    /// The score it moved to.
    async fn overall(&self) -> Option<i32> {
        self.0.overall
    }
}

/// A book of accounts at one day.
#[Object]
impl PortfolioReport {
    /// How long the period is.
    async fn period_length(&self) -> Period {
        self.0.report.period
    }

    /// The period.
    async fn period(&self) -> DayRange {
        let days = &self.0.report.days;
        DayRange::of(days.start, days.ending_on)
    }

    /// The day whose scores it stands on: the one asked for, or the last one before it whose scores are stored, at most seven
    /// days earlier.
    async fn stands_on(&self) -> Date {
        Date(self.0.report.days.stands_on)
    }

    /// Whether it is added up from stored scores; false: every account was scored for it.
    async fn stored(&self) -> bool {
        self.0.report.days.stored
    }

    /// How many accounts are customers on the day.
    async fn accounts(&self) -> u32 {
        accounts(&self.0.report.all)
    }

    /// Their annual recurring revenue, one amount per currency.
    async fn arr(&self) -> Vec<Money> {
        arr(&self.0.report.all)
    }

    /// Accounts with a score that is not provisional: what the average is over.
    async fn scored(&self) -> u32 {
        self.0.report.scored
    }

    /// Accounts whose score is to be read with care.
    async fn provisional(&self) -> u32 {
        self.0.report.provisional
    }

    /// Mean of the rounded scores that are not provisional; null without one.
    async fn average_overall(&self) -> Option<f64> {
        self.0.report.average_overall
    }

    /// Accounts by pattern: every pattern in order, then those without enough data.
    async fn distribution(&self) -> Vec<PatternDistribution> {
        let one =
            |share: &PatternShare| PatternDistribution { pattern: share.pattern, accounts: accounts(&share.group), arr: arr(&share.group) };
        self.0.report.distribution.iter().map(one).collect()
    }

    /// Accounts by standing: every standing, worst first, then those without one, where there are any.
    async fn standings(&self) -> Vec<StandingDistribution> {
        let one =
            |share: &StandingShare| StandingDistribution { state: share.state, accounts: accounts(&share.group), arr: arr(&share.group) };
        self.0.report.standings.iter().map(one).collect()
    }

    /// The five metrics against their targets.
    async fn metrics(&self) -> Vec<MetricValue> {
        self.0.report.metrics.clone()
    }

    /// The largest gains, the largest first: as many as the policy says, at most 50.
    async fn improved(&self) -> Vec<PortfolioMover> {
        limits::IMPROVED.cut(self.0.report.improved.iter().cloned().map(PortfolioMover))
    }

    /// The largest losses, the largest first: as many as the policy says, at most 50.
    async fn declined(&self) -> Vec<PortfolioMover> {
        limits::DECLINED.cut(self.0.report.declined.iter().cloned().map(PortfolioMover))
    }

    /// How many accounts each disengagement signal is raised on.
    async fn signals(&self) -> Vec<SignalCount> {
        self.0.report.signals.clone()
    }

    /// Accounts whose standing is AT_RISK.
    async fn at_risk(&self) -> RevenueAtRisk {
        RevenueAtRisk { accounts: accounts(&self.0.report.at_risk), arr: arr(&self.0.report.at_risk) }
    }

    /// What to do about the book as a whole, the most urgent first.
    async fn advice(&self) -> Vec<Advice> {
        self.0.report.advice.clone()
    }

    /// The last day for which data has come in.
    async fn data_through(&self) -> Option<Date> {
        self.0.labels.data_through.map(Date)
    }

    /// The edition of the definitions that the scores were made by; stored ones of another are not used.
    async fn definitions(&self) -> i32 {
        DEFINITIONS
    }

    /// The policy in force.
    async fn policy_hash(&self) -> &str {
        &self.0.labels.policy_hash
    }

    /// The report as Markdown.
    async fn markdown(&self) -> String {
        self.0.report.markdown(&self.0.labels)
    }
}

fn accounts(group: &Group) -> u32 {
    u32::try_from(group.accounts).unwrap_or(u32::MAX)
}

fn arr(group: &Group) -> Vec<Money> {
    group.arr().iter().map(Money::from).collect()
}
