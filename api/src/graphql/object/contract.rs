//! The contract with an account, as far as it is known.

use async_graphql::SimpleObject;
use service::record::account::Account;

use crate::graphql::scalar::money::Money;
use crate::graphql::scalar::time::Date;

/// The contract with an account.
#[derive(SimpleObject)]
pub struct Contract {
    /// The first day.
    start: Option<Date>,
    /// The day it renews.
    renewal_date: Option<Date>,
    /// Annual recurring revenue.
    arr: Option<Money>,
}

impl Contract {
    /// The contract with an account; nothing where nothing is known of one.
    pub fn of(account: &Account) -> Option<Self> {
        let known =
            account.contract_start.is_some() || account.renewal_date.is_some() || account.arr.is_some();
        known.then(|| Self {
            start: account.contract_start.map(Date),
            renewal_date: account.renewal_date.map(Date),
            arr: account.arr.as_ref().map(Money::from),
        })
    }
}
