//! How a line of the digest gets the name of its account from the account's facts. Every section names accounts this way.

use super::account::AccountFacts;
use crate::report::named::NamedAccount;

pub(super) fn named(account: &AccountFacts) -> NamedAccount {
    NamedAccount {
        id: account.id,
        external_id: account.label.external_id.clone(),
        name: account.label.name.clone(),
    }
}
