//! The portfolio report: a book of accounts for whoever leads it, for any filter and period.
//!
//! `engagement` adds up and orders revenue; nothing is added here.

use async_graphql::{Context, Error, Object, SimpleObject};
use engagement::DEFINITIONS;
use engagement::portfolio::{Group, Mover, NamedAccount};
use engagement::report::portfolio::{
    Advice, DimensionAverage, MetricValue, PatternShare, SignalCount, StandingShare,
};
use engagement::vocabulary::{Pattern, Period, StandingState};
use service::report::portfolio::LabelledPortfolio;

use super::account::Account;
use super::standing::ReasonOfStanding;
use crate::graphql::bounds::limits;
use crate::graphql::load::ask::{load_many, load_one};
use crate::graphql::load::nodes::AccountById;
use crate::graphql::scalar::day_range::DayRange;
use crate::graphql::scalar::money::Money;
use crate::graphql::scalar::time::Date;

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
        load_one(ctx, AccountById(self.0.account)).await
    }

    /// By how many points: five or more, or as many as the policy's trend takes.
    async fn change(&self) -> i32 {
        self.0.change
    }

    /// The score it moved to.
    async fn overall(&self) -> Option<i32> {
        self.0.overall
    }
}

/// Accounts that renew soon.
#[derive(SimpleObject)]
pub struct PortfolioRenewals {
    /// How many accounts renew in the next 90 days.
    accounts: u32,
    /// Their annual recurring revenue, as everywhere in the report.
    arr: Vec<Money>,
}

/// An account that the report names.
pub struct PortfolioAccount {
    named: NamedAccount,
    csm: Option<String>,
    next: Option<String>,
}

impl PortfolioAccount {
    fn of(named: &NamedAccount, report: &LabelledPortfolio) -> Self {
        let labels = &report.labels;
        let name = |contact| labels.contacts.get(&contact).map(String::as_str);
        Self {
            csm: labels.csms.get(&named.account).cloned(),
            next: named
                .next
                .as_ref()
                .map(|next| next.message(next.contact.and_then(name))),
            named: named.clone(),
        }
    }
}

/// An account that the report names.
#[Object]
impl PortfolioAccount {
    /// Which account; null when it has just been removed.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Error>> {
        load_one(ctx, AccountById(self.named.account)).await
    }

    /// Annual recurring revenue, in its own currency.
    async fn arr(&self) -> Option<Money> {
        self.named.arr.as_ref().map(Money::from)
    }

    /// The day it renews.
    async fn renewal_date(&self) -> Option<Date> {
        self.named.renewal_on.map(Date)
    }

    /// The score, rounded.
    async fn overall(&self) -> Option<i32> {
        self.named.overall
    }

    /// What to think of it.
    async fn standing(&self) -> Option<StandingState> {
        self.named.standing
    }

    /// Why it is at risk, every reason that holds, in order; empty in other lists than that of accounts at risk.
    async fn reasons(&self) -> Vec<ReasonOfStanding> {
        limits::PORTFOLIO_REASONS.cut(self.named.reasons.iter().cloned().map(ReasonOfStanding))
    }

    /// The first customer success manager of its team, by name; null in other lists than that of accounts at risk.
    async fn csm(&self) -> Option<&str> {
        self.csm.as_deref()
    }

    /// What to do first, in words; null in other lists than that of accounts at risk.
    async fn next_action(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Something to do about the book as a whole.
pub struct PortfolioAdvice(Advice);

/// Something to do about the book as a whole.
#[Object]
impl PortfolioAdvice {
    /// The thing to do, as a phrase.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// Why, with the numbers.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where to begin: the accounts that weigh most, at most five; those that have just been removed are absent.
    async fn accounts(&self, ctx: &Context<'_>) -> Result<Vec<Account>, Error> {
        let ids = self.0.accounts.iter().map(|named| AccountById(named.account));
        let mut found = load_many(ctx, ids.clone()).await?;
        Ok(limits::ADVICE_ACCOUNTS.cut(ids.filter_map(|id| found.remove(&id)).map(Account)))
    }
}

/// A book of accounts at one day.
#[Object]
impl PortfolioReport {
    /// How the book stands, in one sentence.
    async fn headline(&self) -> String {
        self.0.report.headline()
    }

    /// How revenue is added up and ordered: in the reporting currency, and at which rates; which currencies have no rate; that
    /// currencies are not added where there are no rates. Null for a book of one currency that needs none.
    async fn money_note(&self) -> Option<&str> {
        self.0.report.money_note.as_deref()
    }

    /// The accounts at risk that weigh most by revenue, with reasons and what to do first: at most 20; `atRisk` counts all.
    async fn at_risk_accounts(&self) -> Vec<PortfolioAccount> {
        limits::AT_RISK_ACCOUNTS.cut(
            self.0
                .report
                .at_risk_accounts
                .iter()
                .map(|named| PortfolioAccount::of(named, &self.0)),
        )
    }

    /// How many accounts renew in the next 90 days.
    async fn renewals(&self) -> PortfolioRenewals {
        PortfolioRenewals {
            accounts: accounts(&self.0.report.renewals),
            arr: arr(&self.0.report.renewals),
        }
    }

    /// Of these the ones that weigh most by revenue, by day: at most 20; `renewals` counts all.
    async fn renewing_accounts(&self) -> Vec<PortfolioAccount> {
        limits::RENEWING_ACCOUNTS.cut(
            self.0
                .report
                .renewing
                .iter()
                .map(|named| PortfolioAccount::of(named, &self.0)),
        )
    }

    /// Accounts whose latest executive contact is within the cadence of their tier.
    async fn within_cadence(&self) -> u32 {
        self.0.report.within_cadence
    }

    /// The four dimensions over the book, now and in the previous period, in fixed order.
    async fn dimensions(&self) -> Vec<DimensionAverage> {
        self.0.report.dimensions.clone()
    }

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

    /// Their annual recurring revenue. Here and below: one amount in the reporting currency as far as the policy has exchange
    /// rates, and one per other currency; `moneyNote` says which.
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
        let one = |share: &PatternShare| PatternDistribution {
            pattern: share.pattern,
            accounts: accounts(&share.group),
            arr: arr(&share.group),
        };
        self.0.report.distribution.iter().map(one).collect()
    }

    /// Accounts by standing: every standing, worst first, then those without one, where there are any.
    async fn standings(&self) -> Vec<StandingDistribution> {
        let one = |share: &StandingShare| StandingDistribution {
            state: share.state,
            accounts: accounts(&share.group),
            arr: arr(&share.group),
        };
        self.0.report.standings.iter().map(one).collect()
    }

    /// The five metrics against their targets.
    async fn metrics(&self) -> Vec<MetricValue> {
        self.0.report.metrics.clone()
    }

    /// The largest gains from five points, the largest first: as many as the policy says, at most 50.
    async fn improved(&self) -> Vec<PortfolioMover> {
        limits::IMPROVED.cut(self.0.report.improved.iter().cloned().map(PortfolioMover))
    }

    /// The largest losses from five points, the largest first: as many as the policy says, at most 50.
    async fn declined(&self) -> Vec<PortfolioMover> {
        limits::DECLINED.cut(self.0.report.declined.iter().cloned().map(PortfolioMover))
    }

    /// How many accounts each disengagement signal is raised on.
    async fn signals(&self) -> Vec<SignalCount> {
        self.0.report.signals.clone()
    }

    /// Accounts whose standing is AT_RISK.
    async fn at_risk(&self) -> RevenueAtRisk {
        RevenueAtRisk {
            accounts: accounts(&self.0.report.at_risk),
            arr: arr(&self.0.report.at_risk),
        }
    }

    /// What to do about the book as a whole, the most urgent first.
    async fn advice(&self) -> Vec<PortfolioAdvice> {
        limits::ADVICE.cut(self.0.report.advice.iter().cloned().map(PortfolioAdvice))
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
