//! What a portfolio report is about, and what it is made with.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::id::AccountId;
use engagement::report::portfolio::{PortfolioLabels, PortfolioReport};
use engagement::vocabulary::Period;

use crate::record::account_list::AccountFilter;

/// What a portfolio report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioRequest {
    /// How long the window is.
    pub period: Period,
    /// The last day that counts.
    pub ending_on: NaiveDate,
    /// The instant of the evaluation.
    pub as_of: DateTime<Utc>,
    /// Which accounts.
    pub filter: AccountFilter,
}

/// A portfolio report with everything that its Markdown shows besides numbers.
#[derive(Debug, Clone)]
pub struct LabelledPortfolio {
    /// The report.
    pub report: PortfolioReport,
    /// Names, and where the numbers come from.
    pub labels: PortfolioLabels,
}

/// How a report will be made: so that whoever asks for it can be told what it takes before it is begun.
#[derive(Debug, Clone)]
pub struct PortfolioPlan {
    pub(super) request: PortfolioRequest,
    /// The day whose stored scores it stands on, with those who have none of that day; none where every account is scored.
    pub(super) stored: Option<(NaiveDate, Vec<AccountId>)>,
    pub(super) accounts_to_score: u64,
}

impl PortfolioPlan {
    /// How many accounts will have to be scored from their rows.
    pub fn accounts_to_score(&self) -> u64 {
        self.accounts_to_score
    }
}
