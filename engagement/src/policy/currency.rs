//! The currency that an organisation reports in, and what others are worth in it (docs/scoring.md § 9). No score depends on
//! it: it decides how revenue is added up and put in order (`worth`), and so it is no part of the policy's hash.

use std::collections::BTreeMap;

use crate::vocabulary::money::{Money, currency, decimals};

/// Exchange rates. There are none unless a reporting currency is named; a rate is above 0 and finite.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CurrencyPolicy {
    reporting: Option<&'static str>,
    rates: BTreeMap<&'static str, f64>,
}

/// Rates that nothing could be reported with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CurrencyError {
    /// Not a currency.
    #[error("`{field}`: “{text}” is no currency; an ISO 4217 code such as EUR is needed")]
    Unknown {
        /// Path of the field, as in the file.
        field: &'static str,
        /// What it holds.
        text: String,
    },
    /// Rates to nothing.
    #[error(
        "`currency.rates` has rates, but `currency.reporting` does not name the currency that they are to"
    )]
    NoReporting,
    /// A rate of the reporting currency.
    #[error("`currency.rates.{0}`: {0} is the reporting currency, which needs no rate")]
    Reporting(&'static str),
    /// The same currency in another spelling.
    #[error("`currency.rates.{0}` is there twice")]
    Twice(&'static str),
    /// Not a rate.
    #[error(
        "`currency.rates.{currency}` is {rate}; it must be a finite number above 0: what one {currency} is worth in {reporting}"
    )]
    Rate {
        /// The currency.
        currency: &'static str,
        /// What was said.
        rate: f64,
        /// The reporting currency.
        reporting: &'static str,
    },
}

impl CurrencyPolicy {
    /// What one unit of each other currency is worth in the reporting currency. Codes may be written in any case.
    ///
    /// # Errors
    /// The first thing that is wrong, as a sentence that names the field.
    pub fn new<'a>(
        reporting: Option<&str>,
        rates: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<Self, CurrencyError> {
        let known = |field, text: &str| {
            currency(text.trim()).ok_or_else(|| CurrencyError::Unknown {
                field,
                text: text.to_owned(),
            })
        };
        let mut rates = rates.into_iter().peekable();
        let Some(reporting) = reporting else {
            return if rates.peek().is_some() {
                Err(CurrencyError::NoReporting)
            } else {
                Ok(Self::default())
            };
        };
        let reporting = known("currency.reporting", reporting)?;
        let mut policy = Self {
            reporting: Some(reporting),
            rates: BTreeMap::new(),
        };
        for (code, rate) in rates {
            let code = known("currency.rates", code)?;
            if code == reporting {
                return Err(CurrencyError::Reporting(code));
            }
            if !rate.is_finite() || rate <= 0.0 {
                return Err(CurrencyError::Rate {
                    currency: code,
                    rate,
                    reporting,
                });
            }
            if policy.rates.insert(code, rate).is_some() {
                return Err(CurrencyError::Twice(code));
            }
        }
        Ok(policy)
    }

    /// The currency that is reported in; absent where none was named.
    pub fn reporting(&self) -> Option<&'static str> {
        self.reporting
    }

    /// The currencies with a rate, and what one unit of each is worth in the reporting currency.
    pub fn rates(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.rates.iter().map(|(code, rate)| (*code, *rate))
    }

    /// What one minor unit of a currency is worth in minor units of the reporting currency; nothing without a rate. That of
    /// the reporting currency is 1.
    pub fn factor(&self, of: Option<&str>) -> Option<f64> {
        let (reporting, of) = (self.reporting?, of?);
        if of == reporting {
            return Some(1.0);
        }
        let rate = self.rates.get(of)?;
        let places =
            i32::try_from(decimals(reporting)).unwrap_or(0) - i32::try_from(decimals(of)).unwrap_or(0);
        Some(rate * 10_f64.powi(places))
    }

    /// The amount in the reporting currency, in whole minor units; as it is where there is no rate.
    pub fn convert(&self, money: &Money) -> Money {
        match (self.factor(money.currency()), self.reporting) {
            (Some(factor), Some(reporting)) if money.currency() != Some(reporting) => Money::new(
                (money.minor() as f64 * factor).round() as i64,
                Some(reporting.to_owned()),
            ),
            _ => money.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(rates: &[(&str, f64)]) -> Result<CurrencyPolicy, CurrencyError> {
        CurrencyPolicy::new(Some("eur"), rates.iter().copied())
    }

    #[test]
    fn amounts_are_converted_between_minor_units() {
        let policy = euros(&[("usd", 0.92), ("JPY", 0.0061), ("Kwd", 3.0)]).unwrap();
        let convert = |minor, currency: &str| {
            let money = policy.convert(&Money::new(minor, Some(currency.to_owned())));
            (money.amount(), money.currency().map(str::to_owned))
        };
        let euro = |amount: &str| (amount.to_owned(), Some("EUR".to_owned()));
        assert_eq!(convert(100_000, "USD"), euro("920.00"));
        assert_eq!(convert(100_000, "JPY"), euro("610.00"), "yen have no cents");
        assert_eq!(convert(1_000, "KWD"), euro("3.00"), "a dinar has a thousand fils");
        assert_eq!(
            convert(i64::MAX, "EUR"),
            euro("92233720368547758.07"),
            "no digit of the reporting currency is lost"
        );
        assert_eq!(
            convert(5, "GBP"),
            ("0.05".to_owned(), Some("GBP".to_owned())),
            "without a rate it stays what it is"
        );
        assert_eq!((policy.factor(Some("GBP")), policy.factor(None)), (None, None));
    }

    #[test]
    fn rates_that_say_nothing_are_refused_by_name() {
        let said = |refused: Result<CurrencyPolicy, CurrencyError>| refused.unwrap_err().to_string();
        assert_eq!(
            said(euros(&[("USD", 0.0)])),
            "`currency.rates.USD` is 0; it must be a finite number above 0: what one USD is worth in EUR"
        );
        for rate in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(
                said(euros(&[("usd", rate)])).starts_with("`currency.rates.USD` is"),
                "{rate}"
            );
        }
        assert_eq!(
            said(euros(&[("EUR", 1.0)])),
            "`currency.rates.EUR`: EUR is the reporting currency, which needs no rate"
        );
        assert_eq!(
            said(euros(&[("USD", 0.9), ("usd", 0.9)])),
            "`currency.rates.USD` is there twice"
        );
        assert!(said(euros(&[("EURO", 0.9)])).contains("`currency.rates`: “EURO” is no currency"));
        assert!(
            said(CurrencyPolicy::new(Some("€"), [])).contains("`currency.reporting`: “€” is no currency")
        );
        assert!(
            said(CurrencyPolicy::new(None, [("USD", 0.9)])).contains("`currency.reporting` does not name")
        );
        assert_eq!(CurrencyPolicy::new(None, []), Ok(CurrencyPolicy::default()));
    }
}
