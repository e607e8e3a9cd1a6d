//! A book of accounts in numbers (docs/scoring.md § 9): sums and counts that accounts are folded into, batch by batch, or that
//! a database has counted. The report is a closed form of them (`report::portfolio`), so the two ways cannot disagree.
//!
//! Memory does not grow with the number of accounts: of single accounts only the largest movers are kept, and those that are
//! named ([`Named`]).

mod named;

pub use named::{Concern, Keep, MOST_LISTED, MOST_NAMED, Named, NamedAccount, RENEWAL_DAYS};

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::evaluation::Evaluation;
use crate::id::AccountId;
use crate::money::Money;
use crate::policy::{CurrencyPolicy, Policy};
use crate::recommendation::Advice;
use crate::row::{AccountRows, ContactIndex};
use crate::score::Assessment;
use crate::signal;
use crate::sponsor::Seats;
use crate::standing::Reason;
use crate::vocabulary::{Dimension, Pattern, Signal, StandingState};
use crate::windows::Windows;
use crate::worth;

/// What the portfolio knows of one account: what its stored score holds, or an evaluation.
#[derive(Debug, Clone, Copy)]
pub struct CountedAccount<'a> {
    /// Whose.
    pub account: AccountId,
    /// Its key; decides ties between movers.
    pub external_id: &'a str,
    /// Rounded; absent without a score.
    pub overall: Option<i32>,
    /// Rounded points against the previous window.
    pub change: Option<i32>,
    /// Absent where there is not enough data.
    pub pattern: Option<Pattern>,
    /// To be read with care.
    pub provisional: bool,
    /// What to think of it; absent where that was never said.
    pub standing: Option<StandingState>,
    /// The signals that are raised, packed ([`signal::pack`]).
    pub signals: i32,
    /// Revenue a year, in minor units; absent where unknown.
    pub arr_minor: Option<i64>,
    /// Its currency (ISO 4217); absent where none was named.
    pub currency: Option<&'a str>,
    /// At least one sponsor is CHAMPION or ENGAGED.
    pub sponsor_engaged: bool,
    /// Distinct days of executive contact in the trailing year.
    pub executive_contact_days: u32,
    /// Days since the first fact, both counted, at most 365; absent without a fact.
    pub known_days: Option<u32>,
    /// Business reviews held in the trailing year.
    pub qbrs_held: u32,
    /// Those that an executive attended.
    pub qbrs_with_executive: u32,
    /// Executives who were engaged contacts in the last three months.
    pub engaged_executives: u32,
    /// The latest executive contact is not longer ago than the cadence of its tier allows.
    pub within_cadence: bool,
    /// The dimensions, in order; absent where not measured.
    pub dimensions: [Option<f64>; Dimension::ALL.len()],
    /// Those of the previous window.
    pub previous_dimensions: [Option<f64>; Dimension::ALL.len()],
    /// When it is to be renewed.
    pub renewal_on: Option<NaiveDate>,
    /// Why its standing is what it is.
    pub reasons: &'a [Reason],
    /// What to do first.
    pub next: Option<&'a Advice>,
    /// A sponsor of a year ago is none any more.
    pub lost_sponsor: bool,
}

impl<'a> CountedAccount<'a> {
    /// What an evaluation of today says of an account. Its revenue is in minor units. Who sponsored it a year ago and what to
    /// do first are added by whoever knows.
    pub fn of(
        (account, external_id): (AccountId, &'a str),
        (arr_minor, currency): (Option<i64>, Option<&'a str>),
        evaluation: &'a Evaluation,
        policy: &Policy,
    ) -> Self {
        let (measures, sponsors) = (&evaluation.current.measures, &evaluation.sponsors);
        let contact = sponsors.last_executive_contact_on.map(|day| evaluation.windows.days_since(day));
        let of_each = |assessment: &Assessment| {
            let mut scores = [None; Dimension::ALL.len()];
            for (score, dimension) in scores.iter_mut().zip(Dimension::ALL) {
                *score = assessment.dimension(*dimension).and_then(|dimension| dimension.score);
            }
            scores
        };
        Self {
            account,
            external_id,
            overall: evaluation.assessment.rounded(),
            change: evaluation.change,
            pattern: evaluation.assessment.pattern,
            provisional: evaluation.assessment.provisional.is_some(),
            standing: evaluation.standing.as_ref().map(|standing| standing.state),
            signals: signal::pack(&evaluation.signals),
            arr_minor,
            currency,
            sponsor_engaged: sponsors.sponsor_engaged,
            executive_contact_days: sponsors.year.contact_days,
            known_days: sponsors.year.known_days,
            qbrs_held: sponsors.year.qbrs_held,
            qbrs_with_executive: sponsors.year.qbrs_with_executive,
            engaged_executives: sponsors.engaged_executives,
            within_cadence: contact.is_some_and(|days| policy.within_cadence(measures.tier, days)),
            dimensions: of_each(&evaluation.assessment),
            previous_dimensions: of_each(&evaluation.previous_assessment),
            renewal_on: None,
            reasons: evaluation.standing.as_ref().map_or(&[], |standing| &standing.reasons),
            next: None,
            lost_sponsor: false,
        }
    }
}

/// A number of accounts and their revenue, one amount per currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// How many.
    pub accounts: u64,
    arr: BTreeMap<Option<String>, i64>,
}

impl Group {
    /// Counts accounts without saying what they pay.
    pub fn count(&mut self, accounts: u64) {
        self.accounts += accounts;
    }

    /// Adds revenue in minor units; the accounts it comes from are counted by [`Group::count`].
    pub fn pay(&mut self, minor: i64, currency: Option<&str>) {
        match self.arr.iter_mut().find(|(known, _)| known.as_deref() == currency) {
            Some((_, sum)) => *sum = sum.saturating_add(minor),
            None => {
                self.arr.insert(currency.map(str::to_owned), minor);
            }
        }
    }

    /// Takes in one account with its revenue.
    fn take(&mut self, standing: &CountedAccount<'_>) {
        self.count(1);
        if let Some(minor) = standing.arr_minor {
            self.pay(minor, standing.currency);
        }
    }

    /// Takes in another group.
    pub fn merge(&mut self, other: &Self) {
        self.count(other.accounts);
        for (currency, minor) in &other.arr {
            self.pay(*minor, currency.as_deref());
        }
    }

    /// The revenue, by currency; the one without a name first.
    pub fn arr(&self) -> Vec<Money> {
        self.arr.iter().map(|(currency, minor)| Money::new(*minor, currency.clone())).collect()
    }

    /// The same accounts, with what has a rate in the reporting currency.
    pub fn converted(&self, rates: &CurrencyPolicy) -> Self {
        let mut converted = Self { accounts: self.accounts, arr: BTreeMap::new() };
        for sum in worth::sums(&self.arr(), rates) {
            converted.pay(sum.minor(), sum.currency());
        }
        converted
    }
}

/// An account whose score moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mover {
    /// Whose.
    pub account: AccountId,
    /// Its key.
    pub external_id: String,
    /// Rounded points against the previous window; a trend's or more.
    pub change: i32,
    /// The score it moved to.
    pub overall: Option<i32>,
}

impl Mover {
    /// The larger change first, whichever way; then the smaller external id.
    fn order(&self, other: &Self) -> Ordering {
        other.change.abs().cmp(&self.change.abs()).then_with(|| self.external_id.cmp(&other.external_id))
    }
}

/// The largest movers of one direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Movers(Vec<Mover>);

impl Movers {
    /// Takes one in; the `most` largest stay.
    pub fn insert(&mut self, mover: Mover, most: usize) {
        let place = self.0.partition_point(|known| known.order(&mover) != Ordering::Greater);
        self.0.insert(place, mover);
        self.0.truncate(most);
    }

    /// The largest change first; ties by external id.
    pub fn as_slice(&self) -> &[Mover] {
        &self.0
    }
}

/// The sum of what was measured of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sum {
    /// The sum.
    pub sum: f64,
    /// How many accounts it is over.
    pub accounts: u64,
}

impl Sum {
    fn add(&mut self, score: Option<f64>) {
        self.sum += score.unwrap_or_default();
        self.accounts += u64::from(score.is_some());
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.accounts += other.accounts;
    }

    /// The mean; absent without any.
    pub fn mean(&self) -> Option<f64> {
        (self.accounts > 0).then(|| self.sum / self.accounts as f64)
    }
}

/// Sponsors of a year ago, and how many of them still are. Counted over other accounts than the rest: those that were active
/// on the first day of the trailing year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Pairs of account and contact with an active sponsorship on the first day of the trailing year.
    pub pairs_before: u64,
    /// Those that have one at `ending_on`.
    pub pairs_kept: u64,
}

impl Retention {
    /// The pairs of one account.
    pub fn of(rows: &AccountRows, windows: &Windows) -> Self {
        if !rows.account.is_active_on(windows.year_start_day) {
            return Self::default();
        }
        let before = Seats::on(rows, windows.year_start_day);
        let now = Seats::on(rows, windows.ending_on);
        let sponsors = (0..rows.contacts.len() as ContactIndex).filter(|contact| before.of(*contact).is_some());
        sponsors.fold(Self::default(), |sum, contact| Self {
            pairs_before: sum.pairs_before + 1,
            pairs_kept: sum.pairs_kept + u64::from(now.of(contact).is_some()),
        })
    }
}

/// Sums and counts over the accounts that are active at `ending_on`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PortfolioTotals {
    /// All of them: everything but `retention` is about these.
    pub all: Group,
    /// Those whose score is to be read with care, or absent for that reason.
    pub provisional: u64,
    /// Those with a score that is not provisional.
    pub scored: u64,
    /// The sum of those scores, rounded each.
    pub overall_sum: i64,
    /// By pattern, in its order; the last one is "not enough data".
    pub patterns: [Group; Pattern::ALL.len() + 1],
    /// By standing, in its order; the last one is of those without.
    pub standings: [Group; StandingState::ALL.len() + 1],
    /// Accounts on which each signal is raised, in the order of the signals.
    pub signals: [u64; Signal::ALL.len()],
    /// Accounts with at least one sponsor who is CHAMPION or ENGAGED.
    pub sponsor_engaged: u64,
    /// Accounts with a fact.
    pub known: u64,
    /// The sum over those of days known / max(1, days of executive contact).
    pub cadence_sum: f64,
    /// Business reviews held in the trailing year.
    pub qbrs_held: u64,
    /// Those that an executive attended.
    pub qbrs_with_executive: u64,
    /// The sum of executives who were engaged contacts in the last three months.
    pub engaged_executives: u64,
    /// Accounts whose latest executive contact is within the cadence of their tier.
    pub within_cadence: u64,
    /// The dimensions of scores that are not provisional, in order: now, and in the previous window.
    pub dimensions: [[Sum; 2]; Dimension::ALL.len()],
    /// Accounts that renew in the next 90 days.
    pub renewals: Group,
    /// The accounts that are named, and why.
    pub named: Named,
    /// Sponsors who stayed.
    pub retention: Retention,
    /// The largest gains.
    pub improved: Movers,
    /// The largest losses.
    pub declined: Movers,
}

impl PortfolioTotals {
    /// The group of a pattern, or of "not enough data".
    pub fn pattern(&mut self, pattern: Option<Pattern>) -> &mut Group {
        &mut self.patterns[pattern.map_or(Pattern::ALL.len(), |pattern| pattern as usize)]
    }

    /// The group of a standing, or of those without.
    pub fn standing(&mut self, standing: Option<StandingState>) -> &mut Group {
        &mut self.standings[standing.map_or(StandingState::ALL.len(), |standing| standing as usize)]
    }

    /// Takes in one account.
    pub fn add(&mut self, standing: &CountedAccount<'_>, keep: &Keep) {
        self.all.take(standing);
        self.pattern(standing.pattern).take(standing);
        self.standing(standing.standing).take(standing);
        self.provisional += u64::from(standing.provisional);
        if let Some(overall) = standing.overall.filter(|_| !standing.provisional) {
            self.scored += 1;
            self.overall_sum += i64::from(overall);
        }
        if !standing.provisional {
            for ([now, before], at) in self.dimensions.iter_mut().zip(0..) {
                now.add(standing.dimensions.get(at).copied().flatten());
                before.add(standing.previous_dimensions.get(at).copied().flatten());
            }
        }
        self.within_cadence += u64::from(standing.within_cadence);
        if keep.renews(standing.renewal_on) {
            self.renewals.take(standing);
        }
        if keep.movers > 0 {
            self.named.take(standing, keep);
        }
        for (signal, _) in signal::unpack(standing.signals) {
            self.signals[signal as usize] += 1;
        }
        self.sponsor_engaged += u64::from(standing.sponsor_engaged);
        if let Some(days) = standing.known_days {
            self.known += 1;
            self.cadence_sum += f64::from(days) / f64::from(standing.executive_contact_days.max(1));
        }
        self.qbrs_held += u64::from(standing.qbrs_held);
        self.qbrs_with_executive += u64::from(standing.qbrs_with_executive);
        self.engaged_executives += u64::from(standing.engaged_executives);
        if let Some(change) = standing.change.filter(|change| change.abs() >= keep.mover_points) {
            let mover =
                Mover { account: standing.account, external_id: standing.external_id.to_owned(), change, overall: standing.overall };
            if change > 0 { &mut self.improved } else { &mut self.declined }.insert(mover, keep.movers);
        }
    }

    /// Takes in the totals of other accounts.
    pub fn merge(&mut self, other: &Self, keep: &Keep) {
        let movers = keep.movers;
        self.all.merge(&other.all);
        self.provisional += other.provisional;
        self.scored += other.scored;
        self.overall_sum += other.overall_sum;
        self.patterns.iter_mut().zip(&other.patterns).for_each(|(group, more)| group.merge(more));
        self.standings.iter_mut().zip(&other.standings).for_each(|(group, more)| group.merge(more));
        self.signals.iter_mut().zip(&other.signals).for_each(|(count, more)| *count += more);
        self.sponsor_engaged += other.sponsor_engaged;
        self.known += other.known;
        self.cadence_sum += other.cadence_sum;
        self.qbrs_held += other.qbrs_held;
        self.qbrs_with_executive += other.qbrs_with_executive;
        self.engaged_executives += other.engaged_executives;
        self.within_cadence += other.within_cadence;
        for (sums, more) in self.dimensions.iter_mut().zip(&other.dimensions) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| sum.merge(*more));
        }
        self.renewals.merge(&other.renewals);
        self.named.merge(&other.named);
        self.retention.pairs_before += other.retention.pairs_before;
        self.retention.pairs_kept += other.retention.pairs_kept;
        other.improved.as_slice().iter().for_each(|mover| self.improved.insert(mover.clone(), movers));
        other.declined.as_slice().iter().for_each(|mover| self.declined.insert(mover.clone(), movers));
    }
}

/// The days that a portfolio is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortfolioDays {
    /// First day of the window.
    pub start: NaiveDate,
    /// Last day of the window that was asked for.
    pub ending_on: NaiveDate,
    /// The day whose scores it stands on: `ending_on`, or the last one before it that is stored.
    pub stands_on: NaiveDate,
    /// The scores were stored; false: computed for this report.
    pub stored: bool,
}
