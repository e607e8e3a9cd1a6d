//! A span of time that ends on a day, as clients write it: `period: "12m"`.

use async_graphql::Error;
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::windows::start_of_day;

use crate::graphql::error::bad_user_input;

/// From when until before when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first instant in it.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

/// The span of a period such as `12m`, `6w` or `90d` that ends with the day `ending_on`, or with `now` where that is earlier.
///
/// # Errors
/// BAD_USER_INPUT for what is no period.
fn span(period: &str, ending_on: NaiveDate, now: DateTime<Utc>, zone: Tz) -> Result<Span, Error> {
    let refuse = || {
        bad_user_input(
            "period",
            "a period is a number from 1 to 999 and d, w or m, such as 90d, 6w or 12m",
        )
    };
    let (number, unit) = period
        .split_at_checked(period.len().saturating_sub(1))
        .ok_or_else(refuse)?;
    if number.is_empty()
        || number.len() > 3
        || number.starts_with('0')
        || !number.bytes().all(|b| b.is_ascii_digit())
    {
        return Err(refuse());
    }
    let number: u32 = number.parse().map_err(|_| refuse())?;
    let end_day = ending_on.checked_add_days(Days::new(1)).unwrap_or(ending_on);
    let start_day = match unit {
        "d" => end_day.checked_sub_days(Days::new(u64::from(number))),
        "w" => end_day.checked_sub_days(Days::new(u64::from(number) * 7)),
        "m" => end_day.checked_sub_months(Months::new(number)),
        _ => return Err(refuse()),
    };
    Ok(Span {
        start: start_of_day(start_day.unwrap_or(NaiveDate::MIN), zone),
        end: start_of_day(end_day, zone).min(now),
    })
}

/// The span that a list is asked for: of `period`, back from the day `ending_on`; none without a period. `has_ending` says whether the
/// client gave that day.
///
/// # Errors
/// BAD_USER_INPUT for what is no period, and for a day without one.
pub fn span_back(
    period: Option<&str>,
    has_ending: bool,
    ending_on: NaiveDate,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Option<Span>, Error> {
    match period {
        Some(period) => span(period, ending_on, now, zone).map(Some),
        None if has_ending => Err(bad_user_input(
            "period",
            "give a `period` with `endingOn`, such as 12m",
        )),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(period: &str, ending_on: &str) -> Option<(String, String)> {
        let now = "2026-11-20T15:00:00Z".parse().unwrap();
        let text = |t: DateTime<Utc>| t.format("%F %R").to_string();
        span(period, ending_on.parse().unwrap(), now, Tz::UTC)
            .ok()
            .map(|s| (text(s.start), text(s.end)))
    }

    #[test]
    fn periods_go_back_from_the_end_of_the_last_day() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            of("12m", "2026-09-30"),
            pair("2025-10-01 00:00", "2026-10-01 00:00")
        );
        assert_eq!(
            of("1d", "2026-09-30"),
            pair("2026-09-30 00:00", "2026-10-01 00:00")
        );
        assert_eq!(
            of("6w", "2026-09-30"),
            pair("2026-08-20 00:00", "2026-10-01 00:00")
        );
        assert_eq!(
            of("1m", "2026-03-30"),
            pair("2026-02-28 00:00", "2026-03-31 00:00")
        );
        assert_eq!(
            of("90d", "2026-11-20"),
            pair("2026-08-23 00:00", "2026-11-20 15:00")
        );
        assert!(of("999m", "1970-01-01").is_some());
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "", "m", "0m", "012m", "1000d", "12", "12y", "12M", "-1m", "1.5m", " 12m", "12m ", "é", "1é",
            "１2m",
        ] {
            assert_eq!(of(text, "2026-09-30"), None, "{text:?}");
        }
    }
}
