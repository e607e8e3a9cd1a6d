//! The accounts that a report names: for each thing to look at the few that weigh most, so that whoever reads it knows where
//! to begin. What weighs most is known only when the whole book has been read ([`Worth`]); until then the largest of each
//! currency are kept, so memory does not grow with the book.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::counted::CountedAccount;
use super::worth::Worth;
use crate::policy::Policy;
use crate::recommendation::Advice;
use crate::row::renewal::renews_within;
use crate::signal;
use crate::standing::Reason;
use crate::vocabulary::id::AccountId;
use crate::vocabulary::money::Money;
use crate::vocabulary::{PortfolioMetric, Signal, StandingState};

/// Days ahead in which renewals are listed.
pub const RENEWAL_DAYS: i64 = 90;
/// Accounts that are listed as at risk, or as renewing.
pub const MOST_LISTED: usize = 20;
/// Accounts that each thing to do names.
pub const MOST_NAMED: usize = 5;

/// Why an account is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Its standing is AT_RISK.
    AtRisk,
    /// It renews soon.
    Renewal,
    /// None of its sponsors is CHAMPION or ENGAGED.
    NoEngagedSponsor,
    /// The last executive contact is longer ago than its tier's cadence allows.
    BeyondCadence,
    /// Business reviews were held without an executive.
    ReviewWithoutExecutive,
    /// A sponsor of a year ago is none any more.
    LostSponsor,
    /// Not more executives are in touch than the target.
    FewExecutives,
    /// There is not enough data for a pattern.
    NotEnoughData,
    /// A signal is raised.
    Signal(Signal),
}

impl Concern {
    /// How many accounts are named for it.
    pub const fn most(self) -> usize {
        match self {
            Self::AtRisk | Self::Renewal => MOST_LISTED,
            _ => MOST_NAMED,
        }
    }
}

/// What of single accounts is kept beside the sums, and by which numbers.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// How many movers each way; 0 keeps no account at all.
    pub movers: usize,
    /// Points from which an account is one.
    pub mover_points: i32,
    /// The executives in touch that an account has to have more than.
    pub executives: f64,
    /// The day that renewals are looked for from.
    pub day: NaiveDate,
}

impl Keep {
    /// Nothing but sums.
    pub const NOTHING: Self = Self {
        movers: 0,
        mover_points: i32::MAX,
        executives: 0.0,
        day: NaiveDate::MIN,
    };

    /// What a report of a day shows.
    pub fn of(policy: &Policy, day: NaiveDate) -> Self {
        let executives = policy.portfolio.target(PortfolioMetric::MultiThreadScore);
        Self {
            movers: policy.portfolio.movers as usize,
            mover_points: policy.pattern.trend,
            executives,
            day,
        }
    }

    /// Whether a renewal is listed: in the 90 days from the day, both ends counted.
    pub fn renews(&self, renewal_on: Option<NaiveDate>) -> bool {
        renews_within(renewal_on, self.day, RENEWAL_DAYS)
    }
}

/// An account that is named.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedAccount {
    /// The account that is named.
    pub account: AccountId,
    /// Its key; decides ties.
    pub external_id: String,
    /// Revenue a year, in its own currency.
    pub arr: Option<Money>,
    /// When it is to be renewed.
    pub renewal_on: Option<NaiveDate>,
    /// The rounded score.
    pub overall: Option<i32>,
    /// What to think of it.
    pub standing: Option<StandingState>,
    /// Why; of accounts at risk only.
    pub reasons: Vec<Reason>,
    /// What to do first; of accounts at risk only.
    pub next: Option<Advice>,
}

impl NamedAccount {
    fn of(account: &CountedAccount<'_>, concern: Concern) -> Self {
        let explained = concern == Concern::AtRisk;
        Self {
            account: account.account,
            external_id: account.external_id.to_owned(),
            arr: account
                .arr_minor
                .map(|minor| Money::new(minor, account.currency.map(str::to_owned))),
            renewal_on: account.renewal_on,
            overall: account.overall,
            standing: account.standing,
            reasons: if explained {
                account.reasons.to_vec()
            } else {
                Vec::new()
            },
            next: account.next.filter(|_| explained).cloned(),
        }
    }

    /// Within one currency: the larger amount first, then the smaller external id.
    fn order(&self, other: &Self) -> Ordering {
        let minor = |named: &Self| named.arr.as_ref().map(Money::minor);
        minor(other)
            .cmp(&minor(self))
            .then_with(|| self.external_id.cmp(&other.external_id))
    }
}

/// Accounts by why they are named, whether they have revenue, and its currency; the largest of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Named(BTreeMap<(Concern, bool, Option<String>), Vec<NamedAccount>>);

impl Named {
    /// Takes in an account wherever it belongs.
    pub fn take(&mut self, account: &CountedAccount<'_>, keep: &Keep) {
        let holds = [
            (Concern::AtRisk, account.standing == Some(StandingState::AtRisk)),
            (Concern::Renewal, keep.renews(account.renewal_on)),
            (Concern::NoEngagedSponsor, !account.sponsor_engaged),
            (Concern::BeyondCadence, !account.within_cadence),
            (
                Concern::ReviewWithoutExecutive,
                account.qbrs_with_executive < account.qbrs_held,
            ),
            (Concern::LostSponsor, account.lost_sponsor),
            (
                Concern::FewExecutives,
                f64::from(account.engaged_executives) <= keep.executives,
            ),
            (Concern::NotEnoughData, account.pattern.is_none()),
        ];
        let signals = signal::unpack(account.signals)
            .into_iter()
            .map(|(signal, _)| Concern::Signal(signal));
        for concern in holds
            .into_iter()
            .filter_map(|(concern, holds)| holds.then_some(concern))
            .chain(signals)
        {
            if !self.is_outweighed(concern, account) {
                self.insert(concern, NamedAccount::of(account, concern));
            }
        }
    }

    /// Whether enough accounts of the same currency that weigh more are named for the reason: most of a book are outweighed.
    fn is_outweighed(&self, concern: Concern, account: &CountedAccount<'_>) -> bool {
        let has_revenue = account.arr_minor.is_some();
        let currency = account.currency.filter(|_| has_revenue);
        let mut lists = self
            .0
            .range((concern, has_revenue, None)..)
            .take_while(|((of, has, _), _)| (*of, *has) == (concern, has_revenue));
        let list = lists
            .find(|((_, _, known), _)| known.as_deref() == currency)
            .map(|(_, list)| list);
        list.filter(|list| list.len() == concern.most())
            .and_then(|list| list.last())
            .is_some_and(|last| {
                let minor = last.arr.as_ref().map(Money::minor);
                account
                    .arr_minor
                    .cmp(&minor)
                    .then_with(|| last.external_id.as_str().cmp(account.external_id))
                    == Ordering::Less
            })
    }

    /// Takes in an account for one reason; once.
    pub fn insert(&mut self, concern: Concern, named: NamedAccount) {
        let currency = named.arr.as_ref().and_then(Money::currency).map(str::to_owned);
        let list = self
            .0
            .entry((concern, named.arr.is_some(), currency))
            .or_default();
        if list
            .iter()
            .any(|known| known.external_id == named.external_id && known.account == named.account)
        {
            return;
        }
        let place = list.partition_point(|known| known.order(&named) != Ordering::Greater);
        list.insert(place, named);
        list.truncate(concern.most());
    }

    /// Takes in those of other accounts.
    pub fn merge(&mut self, other: &Self) {
        for ((concern, ..), list) in &other.0 {
            for named in list {
                self.insert(*concern, named.clone());
            }
        }
    }

    /// The accounts that are named for a reason: what weighs most in the book first; ties by external id.
    pub fn first(&self, concern: Concern, worth: &Worth<'_>) -> Vec<NamedAccount> {
        let of_concern = self
            .0
            .iter()
            .filter(|((of, ..), _)| *of == concern)
            .flat_map(|(_, list)| list);
        let mut shares: Vec<(f64, &NamedAccount)> = of_concern
            .map(|named| (worth.share(named.arr.as_ref()), named))
            .collect();
        shares.sort_by(|(x, a), (y, b)| y.total_cmp(x).then_with(|| a.external_id.cmp(&b.external_id)));
        shares
            .into_iter()
            .take(concern.most())
            .map(|(_, named)| named.clone())
            .collect()
    }
}
