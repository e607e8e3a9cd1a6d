//! What a recompute is asked for, and what it did.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use engagement::score::{Assessment, round};
use engagement::vocabulary::Pattern;
use serde::{Deserialize, Serialize};

use crate::alert::evaluation::AlertCounts;

/// Which accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All that are customers on the day.
    All,
    /// Those that are customers on the day and have no score for it.
    Missing,
    /// Those that changed since they were last scored.
    Touched,
    Accounts(Vec<AccountId>),
}

/// What to score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recompute {
    /// The instant of the evaluation.
    pub as_of: DateTime<Utc>,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// Which accounts.
    pub scope: Scope,
}

/// An account that could not be scored, while others were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Which; absent for all of a batch.
    pub account: Option<AccountId>,
    /// For which day.
    pub day: NaiveDate,
    /// As imports call it.
    pub name: String,
    /// Why; the log says more.
    pub reason: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Accounts that were scored and stored.
    pub accounts: u64,
    /// Of these, accounts without a pattern: not enough data.
    pub without_pattern: u64,
    /// Of these, accounts whose score is provisional.
    pub provisional: u64,
    /// Accounts of each pattern, in the order of [`Pattern::ALL`].
    pub patterns: [u64; 4],
    /// Coverage of the accounts without a pattern, least and most, in whole percent.
    pub thin_coverage: Option<(i32, i32)>,
    /// What became of the accounts' alerts.
    pub alerts: AlertCounts,
    /// Accounts that could not be scored.
    pub set_aside: Vec<SetAside>,
}

impl Recomputed {
    pub(super) fn count(&mut self, assessment: &Assessment) {
        self.accounts += 1;
        self.provisional += u64::from(assessment.provisional.is_some());
        if let Some(at) = assessment
            .pattern
            .and_then(|pattern| Pattern::ALL.iter().position(|one| *one == pattern))
        {
            self.patterns[at] += 1;
        } else {
            self.without_pattern += 1;
            let coverage = round(assessment.coverage);
            self.widen((coverage, coverage));
        }
    }

    fn widen(&mut self, (least, most): (i32, i32)) {
        self.thin_coverage = Some(
            self.thin_coverage
                .map_or((least, most), |(a, b)| (Ord::min(a, least), Ord::max(b, most))),
        );
    }

    /// Adds what another batch, or another run, did.
    pub fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.without_pattern += other.without_pattern;
        self.provisional += other.provisional;
        for (sum, more) in self.patterns.iter_mut().zip(other.patterns) {
            *sum += more;
        }
        if let Some(coverage) = other.thin_coverage {
            self.widen(coverage);
        }
        self.alerts.add(&other.alerts);
        self.set_aside.extend(other.set_aside.iter().cloned());
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Accounts stored so far.
    pub done: u64,
    /// Accounts to store.
    pub total: u64,
}
