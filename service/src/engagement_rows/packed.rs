//! Reads the packed texts that SQLite sends, one per account and table: fields one after the other, of known width or
//! with their length before them. A row of its own for each would cost more to hand over than to read.

use chrono::NaiveDate;
use uuid::Uuid;

/// A field that may be absent is there, but is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// A text being read from its start.
#[derive(Debug, Clone)]
pub(super) struct Packed<'a> {
    rest: &'a str,
}

impl<'a> Packed<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet: shown in errors.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next `bytes` bytes.
    pub(super) fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    /// Everything up to a separator, which is dropped.
    pub(super) fn until(&mut self, separator: u8) -> Option<&'a str> {
        let at = self.rest.as_bytes().iter().position(|byte| *byte == separator)?;
        let taken = self.take(at)?;
        self.take(1)?;
        Some(taken)
    }

    /// An id in 32 hexadecimal digits.
    pub(super) fn id(&mut self) -> Option<Uuid> {
        hex(self.take(32)?)
    }

    /// An id up to a separator, or nothing.
    pub(super) fn optional_id(&mut self, separator: u8) -> Result<Option<Uuid>, Malformed> {
        match self.until(separator).ok_or(Malformed)? {
            "" => Ok(None),
            text => hex(text).map(Some).ok_or(Malformed),
        }
    }

    /// A number up to a separator.
    pub(super) fn number(&mut self, separator: u8) -> Option<i64> {
        self.until(separator)?.parse().ok()
    }

    /// A number up to a separator, or nothing.
    pub(super) fn optional_number(&mut self, separator: u8) -> Result<Option<i64>, Malformed> {
        match self.until(separator).ok_or(Malformed)? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Malformed),
        }
    }

    /// A day in ten characters.
    pub(super) fn day(&mut self) -> Option<NaiveDate> {
        day(self.take(10)?)
    }
}

/// `2026-11-20`. chrono's own parser takes any of its formats, at twenty times the cost.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u32, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
        })
    };
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)
}

fn hex(text: &str) -> Option<Uuid> {
    if text.len() != 32 {
        return None;
    }
    let mut value = 0_u128;
    for byte in text.bytes() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        };
        value = (value << 4) | u128::from(digit);
    }
    Some(Uuid::from_u128(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_order() {
        let mut packed = Packed::new("0188BAC74AFA78AABC3BBD1EEF28D8812026-02-2817|6:naïve|-5|");
        assert_eq!(
            packed.id(),
            Some(Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881))
        );
        assert_eq!(packed.day(), NaiveDate::from_ymd_opt(2026, 2, 28));
        assert_eq!(packed.number(b'|'), Some(17));
        let length = packed.number(b':').unwrap();
        assert_eq!(packed.take(length as usize), Some("naïve"));
        assert_eq!(packed.until(b'|'), Some(""));
        assert_eq!(packed.optional_number(b'|'), Ok(Some(-5)));
        assert!(packed.is_empty() && packed.day().is_none());
    }

    #[test]
    fn what_is_malformed_is_nothing() {
        for text in [
            "2026-02-30",
            "2026/02/28",
            "20260228",
            "२०२६-02",
            "",
            "2026-2-281",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(
            Packed::new("0188bac74afa78aabc3bbd1eef28d881").id(),
            None,
            "SQLite writes capitals"
        );
        assert_eq!(Packed::new("é").take(1), None, "inside a character");
        assert_eq!(Packed::new("|").optional_id(b'|'), Ok(None));
        assert_eq!(Packed::new("12|").optional_id(b'|'), Err(Malformed));
        assert_eq!(
            Packed::new("12").optional_number(b'|'),
            Err(Malformed),
            "cut short"
        );
    }
}
