//! How revenue is added up and put in order (docs/scoring.md § 9): the one rule, for every sum, list and weight.
//!
//! Amounts with a rate count as amounts of the reporting currency. Amounts of different currencies that nothing is known to
//! compare with are never added, and never compared as numbers: each counts as its share of the total of its currency in
//! the book that is looked at. A book of one currency is ordered by its amounts, with rates or without.

use std::collections::{BTreeMap, BTreeSet};

use crate::markdown;
use crate::policy::CurrencyPolicy;
use crate::vocabulary::money::Money;

/// The revenue of a book of accounts, by the currency that it counts in: what shares are of.
#[derive(Debug, Clone)]
pub struct Worth<'p> {
    rates: &'p CurrencyPolicy,
    totals: BTreeMap<Option<String>, f64>,
}

impl<'p> Worth<'p> {
    /// The worth of a book: all its amounts, or its sums by currency.
    pub fn of<'a>(amounts: impl IntoIterator<Item = &'a Money>, rates: &'p CurrencyPolicy) -> Self {
        let mut worth = Self {
            rates,
            totals: BTreeMap::new(),
        };
        for money in amounts {
            let (counted_in, amount) = worth.counted(money);
            *worth.totals.entry(counted_in.map(str::to_owned)).or_default() += amount;
        }
        worth
    }

    /// The currency that an amount counts in, and how much it is there, in minor units.
    fn counted<'a>(&self, money: &'a Money) -> (Option<&'a str>, f64) {
        let minor = money.minor() as f64;
        match (self.rates.factor(money.currency()), self.rates.reporting()) {
            (Some(factor), Some(reporting)) => (Some(reporting), factor * minor),
            _ => (money.currency(), minor),
        }
    }

    /// The share that an amount is of the total of the currency it counts in, from 0 to 1; 0 without an amount. What is no
    /// part of the book is at most all of it.
    pub fn share(&self, money: Option<&Money>) -> f64 {
        let Some((counted_in, amount)) = money
            .map(|money| self.counted(money))
            .filter(|(_, amount)| *amount > 0.0)
        else {
            return 0.0;
        };
        let total = self
            .totals
            .get(&counted_in.map(str::to_owned))
            .copied()
            .unwrap_or_default();
        if total > amount { amount / total } else { 1.0 }
    }

    /// How the book's amounts are added and ordered, where that is not plain: sums in the reporting currency, currencies
    /// without a rate, or several currencies and no rates. Nothing for a book of one currency that needs no rate.
    pub fn note(&self, amounts: &[Money]) -> Option<String> {
        let currencies: BTreeSet<Option<&str>> = amounts.iter().map(Money::currency).collect();
        let Some(reporting) = self.rates.reporting() else {
            let several = "Amounts of different currencies are not added up. Where revenue decides an order, an account counts as its share \
                           of the total of its currency.";
            return (currencies.len() > 1).then(|| several.to_owned());
        };
        let rates = self
            .rates
            .rates()
            .filter(|(code, _)| currencies.contains(&Some(*code)));
        let rates: Vec<String> = rates
            .map(|(code, rate)| format!("1 {code} = {rate} {reporting}"))
            .collect();
        let without: Vec<&str> = currencies
            .iter()
            .filter(|code| self.rates.factor(**code).is_none())
            .map(|code| code.unwrap_or("amounts without a currency"))
            .collect();
        let mut said = Vec::new();
        if !rates.is_empty() {
            said.push(format!(
                "Sums and orders of revenue are in {reporting}: {}.",
                rates.join(", ")
            ));
        }
        if !without.is_empty() {
            let one = if without.len() == 1 {
                "its total"
            } else {
                "the total of its currency"
            };
            said.push(format!(
                "The policy has no rate for {}: such revenue stands beside the sums, and an account with it is ordered by its share of {one}.",
                listed(&without)
            ));
        }
        (!said.is_empty()).then(|| said.join(" "))
    }
}

/// Sums of revenue as people read them, in a text that has no room for [`Worth::note`]: "1,686,200 EUR (converted), 5,000 GBP
/// (no rate)". Empty where there is no amount.
pub fn in_words(amounts: &[Money], rates: &CurrencyPolicy) -> String {
    let sums = sums(amounts, rates);
    let Some(reporting) = rates.reporting() else {
        return markdown::money(&sums);
    };
    let converted = amounts
        .iter()
        .any(|money| money.currency() != Some(reporting) && rates.factor(money.currency()).is_some());
    let told = sums.iter().map(|sum| {
        let note = match sum.currency() {
            Some(currency) if currency == reporting => {
                if converted {
                    " (converted)"
                } else {
                    ""
                }
            }
            _ => " (no rate)",
        };
        format!("{}{note}", markdown::money(std::slice::from_ref(sum)))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Sums by currency, with those that have a rate in the reporting currency: one amount for each currency that is left, the
/// reporting one first, then one without a name.
pub fn sums(amounts: &[Money], rates: &CurrencyPolicy) -> Vec<Money> {
    let mut sums: BTreeMap<(bool, Option<String>), i64> = BTreeMap::new();
    for money in amounts.iter().map(|money| rates.convert(money)) {
        let other = money.currency().is_none() || money.currency() != rates.reporting();
        let sum = sums
            .entry((other, money.currency().map(str::to_owned)))
            .or_default();
        *sum = sum.saturating_add(money.minor());
    }
    sums.into_iter()
        .map(|((_, currency), minor)| Money::new(minor, currency))
        .collect()
}

/// "GBP", "GBP and SEK", "CHF, GBP and SEK".
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(list: &[(i64, &str)]) -> Vec<Money> {
        list.iter()
            .map(|(minor, currency)| {
                Money::new(*minor, Some((*currency).to_owned()).filter(|c| !c.is_empty()))
            })
            .collect()
    }

    fn rates() -> CurrencyPolicy {
        CurrencyPolicy::new(Some("EUR"), [("USD", 0.92), ("JPY", 0.0061)]).unwrap()
    }

    #[test]
    fn without_rates_an_amount_counts_as_its_share_of_its_currency() {
        let none = CurrencyPolicy::default();
        let book = amounts(&[
            (900_000, "USD"),
            (100_000, "USD"),
            (5_000_000, "JPY"),
            (1_000, ""),
        ]);
        let worth = Worth::of(&book, &none);
        let shares: Vec<f64> = book.iter().map(|money| worth.share(Some(money))).collect();
        assert_eq!(shares, [0.9, 0.1, 1.0, 1.0]);
        assert_eq!(
            (
                worth.share(None),
                worth.share(Some(&Money::new(0, Some("USD".to_owned()))))
            ),
            (0.0, 0.0)
        );
        assert!(
            worth.share(amounts(&[(7, "SEK")]).first()) >= 1.0,
            "no part of the book"
        );
        assert_eq!(
            sums(&book, &none),
            amounts(&[(1_000, ""), (5_000_000, "JPY"), (1_000_000, "USD")])
        );
        assert!(worth.note(&book).unwrap().contains("not added up"));
        assert_eq!(in_words(&book, &none), "10, 5,000,000 JPY, 10,000 USD");
    }

    #[test]
    fn with_rates_amounts_are_in_the_reporting_currency_and_say_so() {
        let rates = rates();
        let book = amounts(&[
            (10_000, "EUR"),
            (100_000, "USD"),
            (100_000, "JPY"),
            (500, "GBP"),
            (1_500, "GBP"),
        ]);
        let worth = Worth::of(&book, &rates);
        let total = 10_000.0 + 92_000.0 + 61_000.0;
        let shares: Vec<f64> = book.iter().map(|money| worth.share(Some(money))).collect();
        for (share, expected) in
            shares
                .iter()
                .zip([10_000.0 / total, 92_000.0 / total, 61_000.0 / total, 0.25, 0.75])
        {
            assert!((share - expected).abs() < 1e-12, "{shares:?}");
        }
        assert_eq!(sums(&book, &rates), amounts(&[(163_000, "EUR"), (2_000, "GBP")]));
        assert_eq!(in_words(&book, &rates), "1,630 EUR (converted), 20 GBP (no rate)");
        assert_eq!(
            worth.note(&book).unwrap(),
            "Sums and orders of revenue are in EUR: 1 JPY = 0.0061 EUR, 1 USD = 0.92 EUR. The policy has no rate for GBP: such revenue stands \
             beside the sums, and an account with it is ordered by its share of its total."
        );
    }

    #[test]
    fn a_book_of_one_currency_says_nothing_about_currencies() {
        let euros = amounts(&[(10_000, "EUR"), (5, "EUR")]);
        for rates in [CurrencyPolicy::default(), rates()] {
            assert_eq!(Worth::of(&euros, &rates).note(&euros), None);
            assert_eq!(in_words(&euros, &rates), "100 EUR");
        }
        assert_eq!(in_words(&[], &rates()), "");
    }
}
