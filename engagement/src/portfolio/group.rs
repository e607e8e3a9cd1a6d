//! A number of accounts and what they pay. Revenue of different currencies is never added up.

use std::collections::BTreeMap;

use super::counted::CountedAccount;
use super::worth;
use crate::policy::CurrencyPolicy;
use crate::vocabulary::money::Money;

/// A number of accounts and their revenue, one amount per currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// How many.
    pub accounts: u64,
    arr: BTreeMap<Option<String>, i64>,
}

impl Group {
    /// Counts accounts without saying what they pay.
    pub fn count(&mut self, accounts: u64) {
        self.accounts += accounts;
    }

    /// Adds revenue in minor units; the accounts it comes from are counted by [`Group::count`].
    pub fn pay(&mut self, minor: i64, currency: Option<&str>) {
        match self
            .arr
            .iter_mut()
            .find(|(known, _)| known.as_deref() == currency)
        {
            Some((_, sum)) => *sum = sum.saturating_add(minor),
            None => {
                self.arr.insert(currency.map(str::to_owned), minor);
            }
        }
    }

    /// Takes in one account with its revenue.
    pub(super) fn take(&mut self, account: &CountedAccount<'_>) {
        self.count(1);
        if let Some(minor) = account.arr_minor {
            self.pay(minor, account.currency);
        }
    }

    /// Takes in another group.
    pub fn merge(&mut self, other: &Self) {
        self.count(other.accounts);
        for (currency, minor) in &other.arr {
            self.pay(*minor, currency.as_deref());
        }
    }

    /// The revenue, by currency; the one without a name first.
    pub fn arr(&self) -> Vec<Money> {
        self.arr
            .iter()
            .map(|(currency, minor)| Money::new(*minor, currency.clone()))
            .collect()
    }

    /// The same accounts, with what has a rate in the reporting currency.
    pub fn converted(&self, rates: &CurrencyPolicy) -> Self {
        let mut converted = Self {
            accounts: self.accounts,
            arr: BTreeMap::new(),
        };
        for sum in worth::sums(&self.arr(), rates) {
            converted.pay(sum.minor(), sum.currency());
        }
        converted
    }
}
