//! The accounts that a digest is about, in a line.

use serde::{Deserialize, Serialize};

use crate::policy::CurrencyPolicy;
use crate::portfolio::{PortfolioTotals, worth};
use crate::score::round;

/// The accounts that a digest is about, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// How many customers.
    pub accounts: u32,
    /// Their revenue: in the reporting currency where there are rates, else one amount per currency; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr: Option<String>,
    /// Mean of the rounded scores that are not provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<i32>,
}

pub(super) fn book(totals: &PortfolioTotals, rates: &CurrencyPolicy) -> Book {
    let average = (totals.scored > 0).then(|| round(totals.overall_sum as f64 / totals.scored as f64));
    Book {
        accounts: u32::try_from(totals.all.accounts).unwrap_or(u32::MAX),
        arr: Some(worth::in_words(&totals.all.arr(), rates)).filter(|arr| !arr.is_empty()),
        average,
    }
}
