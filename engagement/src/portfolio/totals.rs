//! The sums and counts that accounts are folded into. Two totals of different accounts merge into the totals of all of them.

use super::counted::CountedAccount;
use super::group::Group;
use super::mover::{Mover, Movers};
use super::named::{Keep, Named};
use super::retention::Retention;
use crate::signal;
use crate::vocabulary::{Dimension, Pattern, Signal, StandingState};

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
    pub fn add(&mut self, account: &CountedAccount<'_>, keep: &Keep) {
        self.all.take(account);
        self.pattern(account.pattern).take(account);
        self.standing(account.standing).take(account);
        self.provisional += u64::from(account.provisional);
        if let Some(overall) = account.overall.filter(|_| !account.provisional) {
            self.scored += 1;
            self.overall_sum += i64::from(overall);
        }
        if !account.provisional {
            for ([now, before], at) in self.dimensions.iter_mut().zip(0..) {
                now.add(account.dimensions.get(at).copied().flatten());
                before.add(account.previous_dimensions.get(at).copied().flatten());
            }
        }
        self.within_cadence += u64::from(account.within_cadence);
        if keep.renews(account.renewal_on) {
            self.renewals.take(account);
        }
        if keep.movers > 0 {
            self.named.take(account, keep);
        }
        for (signal, _) in signal::unpack(account.signals) {
            self.signals[signal as usize] += 1;
        }
        self.sponsor_engaged += u64::from(account.sponsor_engaged);
        if let Some(days) = account.known_days {
            self.known += 1;
            self.cadence_sum += f64::from(days) / f64::from(account.executive_contact_days.max(1));
        }
        self.qbrs_held += u64::from(account.qbrs_held);
        self.qbrs_with_executive += u64::from(account.qbrs_with_executive);
        self.engaged_executives += u64::from(account.engaged_executives);
        if let Some(change) = account.change.filter(|change| change.abs() >= keep.mover_points) {
            let mover = Mover {
                account: account.account,
                external_id: account.external_id.to_owned(),
                change,
                overall: account.overall,
            };
            if change > 0 {
                &mut self.improved
            } else {
                &mut self.declined
            }
            .insert(mover, keep.movers);
        }
    }

    /// Takes in the totals of other accounts.
    pub fn merge(&mut self, other: &Self, keep: &Keep) {
        let movers = keep.movers;
        self.all.merge(&other.all);
        self.provisional += other.provisional;
        self.scored += other.scored;
        self.overall_sum += other.overall_sum;
        self.patterns
            .iter_mut()
            .zip(&other.patterns)
            .for_each(|(group, more)| group.merge(more));
        self.standings
            .iter_mut()
            .zip(&other.standings)
            .for_each(|(group, more)| group.merge(more));
        self.signals
            .iter_mut()
            .zip(&other.signals)
            .for_each(|(count, more)| *count += more);
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
        other
            .improved
            .as_slice()
            .iter()
            .for_each(|mover| self.improved.insert(mover.clone(), movers));
        other
            .declined
            .as_slice()
            .iter()
            .for_each(|mover| self.declined.insert(mover.clone(), movers));
    }
}
