//! An account as a digest names it.

use serde::{Deserialize, Serialize};

use super::account::AccountFacts;
use crate::vocabulary::id::AccountId;

/// An account as a digest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAccount {
    /// Which.
    pub id: AccountId,
    /// Its key in the customer's own systems: the way to their frontend.
    pub external_id: String,
    /// Its name.
    pub name: String,
}

pub(super) fn named(account: &AccountFacts) -> NamedAccount {
    NamedAccount {
        id: account.id,
        external_id: account.label.external_id.clone(),
        name: account.label.name.clone(),
    }
}
