//! Days and instants as clients write and read them.
//!
//! Both are read strictly, and only of the years that Rapport takes everywhere.

use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};

/// A calendar day, `YYYY-MM-DD`, in the organisation's time zone; from 1970 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub NaiveDate);

/// Years that a day may lie in, as everywhere in Rapport.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

impl Date {
    fn read(value: &Value) -> Option<Self> {
        let Value::String(text) = value else { return None };
        // Strict: chrono would take "2026-1-2" and "+2026-01-2" too.
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| {
                if matches!(at, 4 | 7) {
                    b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            });
        if !shaped {
            return None;
        }
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        YEARS.contains(&day.year()).then_some(Self(day))
    }
}

/// A calendar day, `YYYY-MM-DD`, in the organisation's time zone; from 1970 to 2199.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value)
            .ok_or_else(|| InputValueError::custom("a date is written as YYYY-MM-DD, from 1970 to 2199"))
    }

    fn is_valid(value: &Value) -> bool {
        Self::read(value).is_some()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

/// An instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub DateTime<Utc>);

impl Instant {
    fn read(value: &Value) -> Option<Self> {
        let Value::String(text) = value else { return None };
        let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        YEARS.contains(&instant.year()).then_some(Self(instant))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// An instant in UTC as in RFC 3339, `2026-11-20T15:04:05Z`; read with any offset.
#[Scalar(name = "DateTime")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(|| {
            InputValueError::custom("an instant is written as in RFC 3339, such as 2026-11-20T15:04:05Z")
        })
    }

    fn is_valid(value: &Value) -> bool {
        Self::read(value).is_some()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_strictly() {
        let read = |text: &str| Date::read(&Value::String(text.to_owned()));
        assert_eq!(
            read("2026-02-28").map(|d| d.to_value()),
            Some(Value::String("2026-02-28".to_owned()))
        );
        for text in [
            "2026-02-29",
            "2026-2-28",
            "26-02-28",
            "2026-02-28T00:00:00Z",
            " 2026-02-28",
            "0000-01-01",
            "1969-12-31",
            "2200-01-01",
            "99999-01-01",
            "+2026-02-2",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Date::read(&Value::from(20_260_228)), None);
    }

    #[test]
    fn instants_are_written_in_utc_with_a_z() {
        let read = |text: &str| Instant::read(&Value::String(text.to_owned()));
        for (given, written) in [
            ("2026-11-20T15:04:05Z", "2026-11-20T15:04:05Z"),
            ("2026-11-20T15:04:05+02:00", "2026-11-20T13:04:05Z"),
            ("2026-11-20T15:04:05.120Z", "2026-11-20T15:04:05.120Z"),
            ("2026-11-20T15:04:05.000001Z", "2026-11-20T15:04:05.000001Z"),
        ] {
            assert_eq!(
                read(given).unwrap().to_value(),
                Value::String(written.to_owned()),
                "{given}"
            );
        }
        for text in [
            "2026-11-20",
            "2026-11-20T15:04:05",
            "2026-13-20T15:04:05Z",
            "99999-11-20T15:04:05Z",
            "now",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
