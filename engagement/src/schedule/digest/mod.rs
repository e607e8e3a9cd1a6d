//! When somebody's weekly digest is due: one for each ISO week, at their day and hour, in their zone.
//!
//! A week's slot is a wall time of that week, made an instant like every other slot ([`super`]): in every zone and over
//! every change of its clocks each week has exactly one, and later weeks have later ones. Which week is settled is read from
//! the database, so a digest is neither doubled by a second worker nor lost with a first one.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Verdict, instant_of};
use crate::vocabulary::Weekday;

/// How late a digest is still worth reading.
pub const CATCH_UP: TimeDelta = TimeDelta::days(3);

/// A week of the ISO calendar: Monday to Sunday, the year being that of its Thursday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    year: i32,
    week: u32,
}

/// A text that is no week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a week: a week is written as 2026-W25")]
pub struct WeekError;

impl Week {
    /// The week that a day lies in.
    pub fn of(day: NaiveDate) -> Self {
        let week = day.iso_week();
        Self {
            year: week.year(),
            week: week.week(),
        }
    }

    /// Its number within the year, from 1.
    pub const fn number(self) -> u32 {
        self.week
    }

    /// One of its days.
    pub fn day(self, weekday: Weekday) -> Option<NaiveDate> {
        NaiveDate::from_isoywd_opt(self.year, self.week, chrono_weekday(weekday))
    }
}

const fn chrono_weekday(day: Weekday) -> chrono::Weekday {
    match day {
        Weekday::Monday => chrono::Weekday::Mon,
        Weekday::Tuesday => chrono::Weekday::Tue,
        Weekday::Wednesday => chrono::Weekday::Wed,
        Weekday::Thursday => chrono::Weekday::Thu,
        Weekday::Friday => chrono::Weekday::Fri,
        Weekday::Saturday => chrono::Weekday::Sat,
        Weekday::Sunday => chrono::Weekday::Sun,
    }
}

/// `2026-W25`: of two weeks, the later one is the greater text too.
impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl FromStr for Week {
    type Err = WeekError;

    fn from_str(text: &str) -> Result<Self, WeekError> {
        let (year, week) = text.split_once("-W").ok_or(WeekError)?;
        let found = Self {
            year: year.parse().map_err(|_| WeekError)?,
            week: week.parse().map_err(|_| WeekError)?,
        };
        if found.day(Weekday::Monday).is_some() && found.to_string() == text {
            Ok(found)
        } else {
            Err(WeekError)
        }
    }
}

impl Serialize for Week {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// When somebody wants their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestTime {
    /// On which day of the week.
    pub day: Weekday,
    /// At which hour of it, from 0 to 23.
    pub hour: u8,
    /// By whose clock.
    pub zone: Tz,
}

/// A digest whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestSlot {
    /// Of which week.
    pub week: Week,
    /// When its time came.
    pub at: DateTime<Utc>,
    /// Whether it is still worth sending.
    pub verdict: Verdict,
}

impl DigestTime {
    /// The instant of a week's digest; none beyond the calendar.
    pub fn slot(&self, week: Week) -> Option<DateTime<Utc>> {
        let hour = NaiveTime::from_hms_opt(u32::from(self.hour), 0, 0)?;
        Some(instant_of(week.day(self.day)?.and_time(hour), self.zone))
    }

    /// The latest digest whose time had come at an instant.
    pub fn latest(&self, now: DateTime<Utc>) -> Option<(Week, DateTime<Utc>)> {
        let today = now.with_timezone(&self.zone).date_naive();
        // What the wall shows may lie on either side of the slot's week, by a skipped day at most: look a week around.
        [7, 0, -7, -14].into_iter().find_map(|days| {
            let week = Week::of(today.checked_add_signed(TimeDelta::days(days))?);
            self.slot(week).filter(|at| *at <= now).map(|at| (week, at))
        })
    }
}

/// The digest to act on now, if any: the latest one whose time has come, unless its week is settled already, or nobody owes
/// it because it was before `owed_since` (the installation, or the day the reader came). Of several that were missed only
/// the latest is looked at, and it is worth sending for three days.
pub fn due(
    time: &DigestTime,
    settled: Option<Week>,
    owed_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DigestSlot> {
    let (week, at) = time.latest(now)?;
    if at <= owed_since || settled.is_some_and(|settled| settled >= week) {
        return None;
    }
    let verdict = if now - at <= CATCH_UP {
        Verdict::Run
    } else {
        Verdict::Missed
    };
    Some(DigestSlot { week, at, verdict })
}

#[cfg(test)]
mod tests;
