//! The portfolio report as fields, and whom it names: whoever shows it looks up the names of those and of nobody else.

use super::metric::MetricValue;
use super::share::{DimensionAverage, PatternShare, SignalCount, StandingShare};
use crate::portfolio::{Group, Mover, NamedAccount, PortfolioDays, Retention};
use crate::standing::SHOWN_REASONS;
use crate::vocabulary::Period;
use crate::vocabulary::id::{AccountId, ContactId};

/// Something to do about the book as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
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
    /// How revenue is added and ordered, where that is not plain ([`crate::portfolio::worth::Worth::note`]).
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

impl PortfolioReport {
    /// Every account that it names.
    pub fn accounts(&self) -> Vec<AccountId> {
        let movers = self
            .improved
            .iter()
            .chain(&self.declined)
            .map(|mover| mover.account);
        let of_advice = self.advice.iter().flat_map(|advice| &advice.accounts);
        let named = self
            .at_risk_accounts
            .iter()
            .chain(&self.renewing)
            .chain(of_advice)
            .map(|named| named.account);
        let mut accounts: Vec<AccountId> = movers.chain(named).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// Every contact that it names.
    pub fn contacts(&self) -> Vec<ContactId> {
        let of_account = |named: &NamedAccount| {
            let shown = named
                .reasons
                .iter()
                .take(SHOWN_REASONS)
                .filter_map(|reason| reason.contact);
            shown
                .chain(named.next.as_ref().and_then(|next| next.contact))
                .collect::<Vec<_>>()
        };
        self.at_risk_accounts.iter().flat_map(of_account).collect()
    }
}
