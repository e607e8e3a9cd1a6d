//! How mails name an account and a person.
//!
//! The digest and the mail of a departure share these. A queued mail stores them, so their fields keep their names.

use serde::{Deserialize, Serialize};

use crate::vocabulary::id::AccountId;

/// An account as a mail names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAccount {
    /// Which account it is.
    pub id: AccountId,
    /// Its key in the customer's own systems: the way to their frontend.
    pub external_id: String,
    /// Its name.
    pub name: String,
}

/// How a mail calls a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Their name.
    pub name: String,
    /// What they are.
    pub title: Option<String>,
}
