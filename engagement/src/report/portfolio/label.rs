//! What the Markdown needs and the domain does not know: names, and where the numbers come from.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::vocabulary::id::{AccountId, ContactId};

/// What the Markdown needs and the domain does not know.
#[derive(Debug, Clone)]
pub struct PortfolioLabels {
    /// Which accounts these are, as a phrase: "All accounts", "Enterprise accounts of Mia Torres".
    pub scope: String,
    /// Names of the accounts that it names.
    pub accounts: HashMap<AccountId, String>,
    /// Who looks after the accounts at risk: the first customer success manager of their team, by name.
    pub csms: HashMap<AccountId, String>,
    /// Names of the contacts that reasons and recommendations are about.
    pub contacts: HashMap<ContactId, String>,
    /// The instant of the report.
    pub as_of: DateTime<Utc>,
    /// The last day for which data has come in.
    pub data_through: Option<NaiveDate>,
    /// The policy in force.
    pub policy_hash: String,
}
