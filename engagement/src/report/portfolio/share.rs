//! Parts of a book of accounts: those of one pattern, of one standing, with one signal, and a dimension over all of them.

use serde::Serialize;

use super::number::whole;
use crate::portfolio::{Group, Sum};
use crate::vocabulary::money::Money;
use crate::vocabulary::{Dimension, Pattern, Signal, StandingState};

/// The accounts of one pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternShare {
    /// Absent = not enough data.
    pub pattern: Option<Pattern>,
    /// How many accounts, and their revenue.
    pub group: Group,
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

impl DimensionAverage {
    pub(super) fn of((dimension, [now, before]): (&Dimension, [Sum; 2])) -> Self {
        Self {
            dimension: *dimension,
            average: now.mean(),
            accounts: whole(now.accounts),
            previous_average: before.mean(),
            previous_accounts: whole(before.accounts),
        }
    }
}
