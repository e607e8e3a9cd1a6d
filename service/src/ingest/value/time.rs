//! Days and instants of docs/import-files.md, from 1970 to 2199 and nothing else.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// Reads `YYYY-MM-DD`.
pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits(&bytes[range]);
    let day = NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)?;
    YEARS.contains(&day.year()).then_some(day)
}

/// Reads RFC 3339 or `YYYY-MM-DD HH:MM[:SS]`, which is UTC; gives microseconds since 1970.
pub(crate) fn read_instant(text: &str) -> Option<i64> {
    if let Some(micros) = read_local(text) {
        return Some(micros);
    }
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    YEARS.contains(&at.year()).then(|| at.timestamp_micros())
}

fn read_local(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !matches!(bytes.len(), 16 | 19)
        || bytes[10] != b' '
        || bytes[13] != b':'
        || (bytes.len() == 19 && bytes[16] != b':')
    {
        return None;
    }
    let day = read_day(text.get(..10)?)?;
    let second = if bytes.len() == 19 {
        digits(&bytes[17..19])?
    } else {
        0
    };
    let time = NaiveTime::from_hms_opt(digits(&bytes[11..13])?, digits(&bytes[14..16])?, second)?;
    Some(day.and_time(time).and_utc().timestamp_micros())
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}
