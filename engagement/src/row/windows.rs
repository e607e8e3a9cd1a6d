//! The only place where days become instants.
//!
//! A [`Windows`] is everything that docs/scoring.md § 1 says about time for one evaluation: the window, the one before
//! it, the trailing year and the history, in the organisation's zone. Two evaluations with the same arguments have the
//! same windows; for a past `ending_on` they do not depend on `as_of`.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::vocabulary::Period;

/// Months of history that can change a result.
const HISTORY_MONTHS: u32 = 24;
/// Months of the trailing year.
const YEAR_MONTHS: u32 = 12;

/// Microseconds of an hour: the unit in which times are compared.
pub(crate) const MICROSECONDS_OF_AN_HOUR: i64 = 3_600_000_000;

/// Days up to the end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpan {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// Its first day.
    pub start_day: NaiveDate,
    /// Calendar days, first and last counted.
    pub days: u32,
}

/// The spans of time of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// The organisation's zone: it decides on which day an instant falls.
    pub zone: Tz,
    /// The length of the window.
    pub period: Period,
    /// First day of the window.
    pub start_day: NaiveDate,
    /// Last day that counts.
    pub ending_on: NaiveDate,
    /// The first instant of the window.
    pub start: DateTime<Utc>,
    /// The end of what counts: the end of `ending_on`, or `as_of` where that is earlier.
    pub at: DateTime<Utc>,
    /// First instant of the trailing year.
    pub year_start: DateTime<Utc>,
    /// First day of the trailing year.
    pub year_start_day: NaiveDate,
    /// First instant of the history.
    pub history_start: DateTime<Utc>,
    /// First day of the history.
    pub history_start_day: NaiveDate,
}

impl Windows {
    /// The windows of the evaluation at `as_of` for the period that ends on `ending_on`.
    pub fn new(ending_on: NaiveDate, as_of: DateTime<Utc>, zone: Tz, period: Period) -> Self {
        let end_day = next_day(ending_on);
        let start_day = months_before(end_day, period.months());
        let year_start_day = months_before(end_day, YEAR_MONTHS);
        let history_start_day = months_before(end_day, HISTORY_MONTHS);
        Self {
            zone,
            period,
            start_day,
            ending_on,
            start: start_of_day(start_day, zone),
            at: start_of_day(end_day, zone).min(as_of),
            year_start: start_of_day(year_start_day, zone),
            year_start_day,
            history_start: start_of_day(history_start_day, zone),
            history_start_day,
        }
    }

    /// The windows at `as_of` itself: the period that ends on its day.
    pub fn at(as_of: DateTime<Utc>, zone: Tz, period: Period) -> Self {
        Self::new(day_of(as_of, zone), as_of, zone, period)
    }

    /// The windows of the report before this one, evaluated at its own end.
    pub fn previous(&self) -> Self {
        let ending_on = self.start_day.pred_opt().unwrap_or(self.start_day);
        // Its end is our start, and no instant of ours reaches before it: `as_of` cannot cut it short, unless it lies
        // before our window altogether.
        Self::new(ending_on, self.at.min(self.start), self.zone, self.period)
    }

    /// The windows whose last day is 12 months earlier, evaluated at their own end.
    pub fn a_year_before(&self) -> Self {
        let ending_on = months_before(self.ending_on, YEAR_MONTHS);
        Self::new(
            ending_on,
            start_of_day(next_day(ending_on), self.zone),
            self.zone,
            self.period,
        )
    }

    /// The span of the last `days` days and of the window, whichever is longer; never longer than the history.
    pub fn span(&self, days: u32) -> DaySpan {
        let wanted = next_day(self.ending_on)
            .checked_sub_days(Days::new(u64::from(days)))
            .unwrap_or(self.history_start_day);
        let start_day = wanted.min(self.start_day).max(self.history_start_day);
        let days = u32::try_from((self.ending_on - start_day).num_days() + 1)
            .unwrap_or(1)
            .max(1);
        DaySpan {
            start: if start_day == self.start_day {
                self.start
            } else {
                start_of_day(start_day, self.zone)
            },
            start_day,
            days,
        }
    }

    /// The day that lies so many months before the end of `ending_on`.
    pub fn months_before_end(&self, months: u32) -> NaiveDate {
        months_before(next_day(self.ending_on), months)
    }

    /// Microseconds from one instant to a later one, without those on Saturdays and Sundays of the zone; negative for an
    /// earlier one. Costs two look-ups of the zone for each weekend in between.
    pub fn weekday_micros(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        if to < from {
            return -self.weekday_micros(to, from);
        }
        let micros =
            |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_microseconds().unwrap_or(i64::MAX);
        let mut sum = micros(from, to);
        // The Saturday of the week of `from`: weeks begin on Monday.
        let first = self.day_of(from);
        let until_saturday = 5 - i64::from(first.weekday().num_days_from_monday());
        let mut saturday = first + TimeDelta::days(until_saturday);
        loop {
            let begin = start_of_day(saturday, self.zone);
            if begin >= to {
                return sum;
            }
            let end = start_of_day(saturday + TimeDelta::days(2), self.zone);
            if end > from {
                sum -= micros(begin.max(from), end.min(to));
            }
            saturday += TimeDelta::days(7);
        }
    }

    /// Whether the weekday hours between two instants reach so many microseconds. Spans of weeks need no look-up: a week
    /// has at least 119 weekday hours, whatever the clocks do.
    pub fn weekday_micros_reach(&self, from: DateTime<Utc>, to: DateTime<Utc>, micros: i64) -> bool {
        let elapsed = to - from;
        if elapsed.num_microseconds().is_some_and(|elapsed| elapsed < micros) {
            return false;
        }
        let sure = elapsed.num_days() / 7 * 119 * MICROSECONDS_OF_AN_HOUR;
        sure >= micros || self.weekday_micros(from, to) >= micros
    }

    /// The day on which an instant falls.
    pub fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        day_of(instant, self.zone)
    }

    /// Calendar days of the window, first and last counted.
    pub fn days(&self) -> u32 {
        u32::try_from((self.ending_on - self.start_day).num_days() + 1)
            .unwrap_or(1)
            .max(1)
    }

    /// Days since a day: 0 on `ending_on` itself, negative for a later one.
    pub fn days_since(&self, day: NaiveDate) -> i64 {
        (self.ending_on - day).num_days()
    }

    /// Whether an instant lies in the window.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.at
    }

    /// Whether an instant lies in the history.
    pub fn remembers(&self, instant: DateTime<Utc>) -> bool {
        self.history_start <= instant && instant < self.at
    }

    /// The last day that has begun before `at`: later days do not exist yet.
    pub fn last_day(&self) -> NaiveDate {
        // `at` itself does not count: the day that begins at it has not begun before it.
        day_of(self.at - TimeDelta::microseconds(1), self.zone).min(self.ending_on)
    }

    /// Whether a whole day (of usage) lies in the window.
    pub fn contains_day(&self, day: NaiveDate) -> bool {
        self.start_day <= day && day <= self.last_day()
    }

    /// Whether a whole day (of usage) lies in the history.
    pub fn remembers_day(&self, day: NaiveDate) -> bool {
        self.history_start_day <= day && day <= self.last_day()
    }
}

/// The day on which an instant falls in a zone.
pub fn day_of(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// 00:00 of a day in a zone; a midnight that daylight saving skips is the first instant of the day.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    // Zones skip at most a day (Samoa left out one in 2011); they do so in steps of minutes.
    let midnight = day.and_time(NaiveTime::MIN);
    (0..=24 * 60)
        .find_map(|minutes| {
            zone.from_local_datetime(&(midnight + TimeDelta::minutes(minutes)))
                .earliest()
        })
        .map_or_else(|| midnight.and_utc(), |instant| instant.with_timezone(&Utc))
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// Months subtracted from a date, the day clamped to the month's last.
fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months))
        .unwrap_or_else(|| NaiveDate::from_ymd_opt(day.year().max(1), 1, 1).unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_that_ends_in_september_starts_in_july() {
        let w = Windows::new(
            day("2026-09-30"),
            instant("2027-01-01T00:00:00Z"),
            Tz::UTC,
            Period::Quarterly,
        );
        assert_eq!((w.start_day, w.days()), (day("2026-07-01"), 92));
        assert_eq!(
            (w.start, w.at),
            (instant("2026-07-01T00:00:00Z"), instant("2026-10-01T00:00:00Z"))
        );
        assert_eq!(
            (w.year_start_day, w.history_start_day),
            (day("2025-10-01"), day("2024-10-01"))
        );
        let p = w.previous();
        assert_eq!(
            (p.start_day, p.ending_on, p.at),
            (
                day("2026-04-01"),
                day("2026-06-30"),
                instant("2026-07-01T00:00:00Z")
            )
        );
    }

    #[test]
    fn the_day_is_clamped_to_the_months_last() {
        // End 31 May; three months before it is 28 February.
        let w = Windows::new(
            day("2026-05-30"),
            instant("2027-01-01T00:00:00Z"),
            Tz::UTC,
            Period::Quarterly,
        );
        assert_eq!(w.start_day, day("2026-02-28"));
    }

    #[test]
    fn a_year_before_ends_on_the_same_day_of_the_month_and_at_its_own_end() {
        let now = instant("2028-02-29T15:00:00Z");
        let w = Windows::at(now, Tz::UTC, Period::Quarterly);
        let then = w.a_year_before();
        assert_eq!(
            (then.ending_on, then.at),
            (day("2027-02-28"), instant("2027-03-01T00:00:00Z")),
            "clamped, and whole"
        );
        assert_eq!(then.start_day, day("2026-12-01"), "its own three months");
        let before = w.previous().a_year_before();
        assert_eq!(
            (w.previous().ending_on, before.ending_on),
            (day("2027-11-30"), day("2026-11-30"))
        );
        assert_eq!(
            Windows::new(day("2026-05-30"), now, Tz::UTC, Period::Monthly)
                .a_year_before()
                .ending_on,
            day("2025-05-30")
        );
    }

    #[test]
    fn today_ends_now_and_past_days_never_move() {
        let now = instant("2026-11-20T15:00:00Z");
        let today = Windows::at(now, Tz::UTC, Period::Monthly);
        assert_eq!(
            (today.ending_on, today.at, today.last_day()),
            (day("2026-11-20"), now, day("2026-11-20"))
        );
        let past = |as_of| Windows::new(day("2026-11-19"), as_of, Tz::UTC, Period::Monthly);
        assert_eq!(past(now), past(instant("2030-01-01T00:00:00Z")));
    }

    #[test]
    fn days_follow_the_zone_and_a_skipped_midnight_is_the_first_instant() {
        let w = Windows::at(
            instant("2026-11-20T23:30:00Z"),
            chrono_tz::Asia::Kolkata,
            Period::Monthly,
        );
        assert_eq!(w.ending_on, day("2026-11-21"));
        // Beirut begins summer time at midnight: 29 March 2026 starts at 01:00, which is 22:00 UTC.
        assert_eq!(
            start_of_day(day("2026-03-29"), chrono_tz::Asia::Beirut),
            instant("2026-03-28T22:00:00Z")
        );
        // Havana repeats 00:00 to 01:00 in autumn: the first of the two.
        assert_eq!(
            start_of_day(day("2026-11-01"), chrono_tz::America::Havana),
            instant("2026-11-01T04:00:00Z")
        );
        // Apia had no 30 December 2011.
        assert_eq!(
            start_of_day(day("2011-12-30"), chrono_tz::Pacific::Apia),
            instant("2011-12-30T10:00:00Z")
        );
    }

    #[test]
    fn a_day_that_begins_at_the_instant_has_not_begun_before_it() {
        let w = Windows::at(instant("2026-11-20T00:00:00Z"), Tz::UTC, Period::Monthly);
        assert_eq!(
            (w.ending_on, w.last_day()),
            (day("2026-11-20"), day("2026-11-19"))
        );
    }

    proptest::proptest! {
        #[test]
        fn windows_touch_and_never_overlap(offset in 0_i64..20_000, quarterly: bool, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let ending_on = day("1990-01-01") + TimeDelta::days(offset);
            let period = if quarterly { Period::Quarterly } else { Period::Monthly };
            let w = Windows::new(ending_on, instant("2100-01-01T00:00:00Z"), chrono_tz::TZ_VARIANTS[zone], period);
            let p = w.previous();
            proptest::prop_assert_eq!(p.at, w.start);
            proptest::prop_assert_eq!(p.ending_on.succ_opt(), Some(w.start_day));
            proptest::prop_assert!(w.history_start < w.year_start && w.year_start < w.start && w.start < w.at);
            proptest::prop_assert_eq!(w.day_of(w.start), w.start_day);
        }

        #[test]
        fn weekday_hours_are_those_of_the_weekdays_in_between(
            from in 0_i64..600_000, hours in 0_i64..2_000, cut in 0_i64..2_000, limit in 0_i64..500, zone in 0..chrono_tz::TZ_VARIANTS.len()
        ) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let w = Windows::new(day("2026-09-30"), instant("2100-01-01T00:00:00Z"), zone, Period::Quarterly);
            let from = instant("1960-01-01T00:30:00Z") + TimeDelta::hours(from);
            let to = from + TimeDelta::hours(hours);
            let micros = w.weekday_micros(from, to);
            // Day by day.
            let (mut sum, mut date) = (0, w.day_of(from));
            while start_of_day(date, zone) < to {
                let end = start_of_day(date + TimeDelta::days(1), zone).min(to);
                if date.weekday().num_days_from_monday() < 5 {
                    sum += (end - start_of_day(date, zone).max(from)).num_microseconds().unwrap().max(0);
                }
                date += TimeDelta::days(1);
            }
            proptest::prop_assert_eq!(micros, sum);
            proptest::prop_assert_eq!(w.weekday_micros(to, from), -micros);
            let between = from + TimeDelta::hours(cut.min(hours));
            proptest::prop_assert_eq!(w.weekday_micros(from, between) + w.weekday_micros(between, to), micros);
            let limit = limit * MICROSECONDS_OF_AN_HOUR;
            proptest::prop_assert_eq!(w.weekday_micros_reach(from, to, limit), micros >= limit);
        }
    }
}
