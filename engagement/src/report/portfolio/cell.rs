//! What several parts of the portfolio report write into a cell. All parts write shares, revenue and names alike.

use super::label::PortfolioLabels;
use crate::markdown::{NOTHING, capital, money, text};
use crate::portfolio::{Group, NamedAccount};
use crate::vocabulary::StandingState;

pub(super) fn name_of(named: &NamedAccount, labels: &PortfolioLabels) -> String {
    text(labels.accounts.get(&named.account).unwrap_or(&named.external_id))
}

pub(super) fn standing(state: Option<StandingState>) -> String {
    state.map_or_else(|| "None yet".to_owned(), |state| capital(state.in_words()))
}

/// " (12 %)"; nothing where there is no whole.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        String::new()
    } else {
        format!(" ({:.0} %)", 100.0 * part as f64 / whole as f64)
    }
}

/// The revenue of a group.
pub(super) fn revenue(group: &Group) -> String {
    let amounts = group.arr();
    if amounts.is_empty() {
        NOTHING.to_owned()
    } else {
        money(&amounts)
    }
}
