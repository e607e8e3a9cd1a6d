//! Amounts: decimals with a point in files, minor units in the database. How many decimals a currency has is ISO 4217's.

use engagement::money::decimals;

/// A decimal number that is not negative, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// The number without its point.
    unscaled: i64,
    /// How many of its digits stand behind the point.
    decimals: u32,
}

impl Decimal {
    /// An amount as the database has it.
    pub(crate) fn from_minor(minor: i64, currency: Option<&str>) -> Self {
        Self {
            unscaled: minor,
            decimals: decimals_of(currency),
        }
    }

    /// The amount in the minor unit of a currency; a reason where that unit is too coarse or the amount too large.
    pub(crate) fn minor(self, currency: Option<&str>) -> Result<i64, String> {
        let wanted = decimals_of(currency);
        let too_large = || "larger than can be stored".to_owned();
        if wanted >= self.decimals {
            let factor = 10_i64.checked_pow(wanted - self.decimals).ok_or_else(too_large)?;
            return self.unscaled.checked_mul(factor).ok_or_else(too_large);
        }
        let factor = 10_i64.checked_pow(self.decimals - wanted).ok_or_else(too_large)?;
        if self.unscaled % factor != 0 {
            return Err(format!(
                "more decimals than {} has ({wanted})",
                currency.unwrap_or("an amount without currency")
            ));
        }
        Ok(self.unscaled / factor)
    }
}

/// Reads a decimal with a point. Zeros at the end of its decimals mean nothing (exports write `12.500000`).
pub(crate) fn read(text: &str) -> Option<Decimal> {
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, part)) => (whole, part.trim_end_matches('0')),
        None => (text, ""),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let decimals_are_digits = text.split_once('.').is_none_or(|(_, part)| all_digits(part));
    if whole.is_empty() || !all_digits(whole) || !decimals_are_digits {
        return None;
    }
    let unscaled = whole
        .bytes()
        .chain(part.bytes())
        .try_fold(0_i64, |n, b| n.checked_mul(10)?.checked_add(i64::from(b - b'0')))?;
    Some(Decimal {
        unscaled,
        decimals: u32::try_from(part.len()).ok()?,
    })
}

fn decimals_of(currency: Option<&str>) -> u32 {
    decimals(currency.unwrap_or_default())
}
