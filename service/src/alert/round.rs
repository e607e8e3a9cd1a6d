//! What a round over alerts is about: its day, its instant, and the accounts that it examines.

use chrono::{DateTime, NaiveDate, Utc};
use engagement::alert::AlertRule;
use engagement::id::AccountId;
use engagement::vocabulary::Feed;

use crate::scoring::ScoredAccount;

/// One account of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Examined<'a> {
    /// A customer, scored.
    Customer(&'a ScoredAccount),
    /// No customer any more.
    Over(AccountId),
}

impl Examined<'_> {
    /// Which account.
    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::Customer(scored) => scored.rows.account.id,
            Self::Over(account) => *account,
        }
    }
}

/// When an evaluation takes place, and what it looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round<'a> {
    /// The day that it is about: today.
    pub(crate) day: NaiveDate,
    /// The instant.
    pub(crate) at: DateTime<Utc>,
    /// The feeds that are stale.
    pub(crate) stale: &'a [Feed],
    /// The rules that are looked at; all unless given.
    pub(crate) only: Option<&'static [AlertRule]>,
}
