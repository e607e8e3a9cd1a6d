//! Amounts of money: whole minor units and a currency, never a floating-point number.

/// Decimals of an amount whose currency is not known.
const USUAL_DECIMALS: u32 = 2;

/// Currencies in force (ISO 4217 list one), by their decimals.
const CURRENCIES: &[(u32, &[&str])] = &[
    (
        2,
        &[
            "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
            "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF",
            "CHW", "CNY", "COP", "COU", "CRC", "CUC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN",
            "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HRK",
            "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK",
            "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
            "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK",
            "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP",
            "SLE", "SLL", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY",
            "TTD", "TWD", "TZS", "UAH", "USD", "USN", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER",
            "ZAR", "ZMW", "ZWG", "ZWL",
        ],
    ),
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
            "XAF", "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

fn find(code: &str) -> Option<(&'static str, u32)> {
    CURRENCIES.iter().find_map(|(decimals, codes)| {
        codes
            .iter()
            .find(|c| c.eq_ignore_ascii_case(code))
            .map(|c| (*c, *decimals))
    })
}

/// A currency's code (ISO 4217), however it was written; nothing for what is none.
pub fn currency(text: &str) -> Option<&'static str> {
    find(text).map(|(code, _)| code)
}

/// How many decimals a currency has; two where ISO 4217 does not say otherwise.
pub fn decimals(currency: &str) -> u32 {
    find(currency).map_or(USUAL_DECIMALS, |(_, decimals)| decimals)
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
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{part:0width$}", width = decimals as usize)
        }
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
        assert_eq!(
            (
                Money::new(100, None).amount().as_str(),
                Money::new(100, None).currency()
            ),
            ("1.00", None)
        );
    }
}
