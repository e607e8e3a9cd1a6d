//! Amounts of money: whole minor units and a currency, never a floating-point number.

/// Currencies without a minor unit (ISO 4217).
const WHOLE: &[&str] =
    &["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies whose minor unit is a thousandth (ISO 4217).
const THOUSANDTHS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// Currencies whose minor unit is a ten-thousandth (ISO 4217).
const TEN_THOUSANDTHS: &[&str] = &["CLF", "UYW"];

/// How many decimals a currency has; two where ISO 4217 does not say otherwise.
pub fn decimals(currency: &str) -> u32 {
    if WHOLE.contains(&currency) {
        0
    } else if THOUSANDTHS.contains(&currency) {
        3
    } else if TEN_THOUSANDTHS.contains(&currency) {
        4
    } else {
        2
    }
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Option<String>,
}

impl Money {
    /// An amount in minor units.
    pub fn new(minor: i64, currency: Option<String>) -> Self {
        Self { minor, currency }
    }

    /// In minor units.
    pub fn minor(&self) -> i64 {
        self.minor
    }

    /// ISO 4217; absent where none was given.
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// In whole units of its currency, to compare with amounts of the same one.
    pub fn whole(&self) -> f64 {
        self.minor as f64 / 10_f64.powi(decimals(self.currency().unwrap_or_default()) as i32)
    }

    /// The amount as a decimal: "1234.50".
    pub fn amount(&self) -> String {
        let decimals = decimals(self.currency().unwrap_or_default());
        let sign = if self.minor < 0 { "-" } else { "" };
        let unit = 10_u64.pow(decimals);
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0width$}", width = decimals as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let amount = |minor, currency: &str| Money::new(minor, Some(currency.to_owned())).amount();
        assert_eq!(amount(123_450, "EUR"), "1234.50");
        assert_eq!(amount(5, "USD"), "0.05");
        assert_eq!(amount(1234, "JPY"), "1234");
        assert_eq!(amount(1234, "KWD"), "1.234");
        assert_eq!(amount(-5, "USD"), "-0.05");
        assert_eq!(amount(i64::MIN, "USD"), "-92233720368547758.08");
        assert_eq!((Money::new(100, None).amount().as_str(), Money::new(100, None).currency()), ("1.00", None));
    }
}
