//! When work is due, as a pure function of what was last done, the time and the zone.
//!
//! Nothing here remembers or waits: a process asks, the database answers what was done last, and a slot that passed
//! while nobody was there is found just like one that passed a second ago. Croner reads the pattern, but only over wall
//! time as if it were UTC; the step from wall time to instants is ours, one to one and in order:
//! a wall time that daylight saving repeats is its first occurrence, one that it skips is the first instant after the
//! gap. So each slot of a pattern is exactly one instant, none is skipped and none is doubled, in every zone.

pub mod digest;

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use croner::Cron;

/// No zone has ever repeated more than a day of wall time.
const LONGEST_FOLD: TimeDelta = TimeDelta::days(1);
/// How many slots that nobody made up for are counted; beyond it, "at least".
const COUNTED: u32 = 10_000;

/// A pattern that croner cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("schedule '{pattern}': {reason}")]
pub struct UnreadablePattern {
    /// What was given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Whose clock a schedule follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clockwork {
    /// The wall clock of a zone, given when asked: people expect it then.
    Wall,
    /// UTC: it only has to be regular.
    Utc,
}

/// A cron pattern, the clock it follows, and how late a slot may still be made up for.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    clockwork: Clockwork,
    catch_up: TimeDelta,
}

/// A slot that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The instant it stands for.
    pub at: DateTime<Utc>,
    /// What to do about it.
    pub verdict: Verdict,
}

/// What to do about a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Run it.
    Run,
    /// Too late: say so, and leave it.
    Missed,
}

impl Schedule {
    /// A pattern of five fields (minute, hour, day, month, weekday).
    pub fn parse(
        pattern: &str,
        clockwork: Clockwork,
        catch_up: TimeDelta,
    ) -> Result<Self, UnreadablePattern> {
        Cron::from_str(pattern)
            .map(|cron| Self {
                cron,
                clockwork,
                catch_up,
            })
            .map_err(|reason| UnreadablePattern {
                pattern: pattern.to_owned(),
                reason: reason.to_string(),
            })
    }

    /// The pattern as it was written.
    pub fn pattern(&self) -> &str {
        self.cron.as_str()
    }

    /// Whose clock it follows.
    pub fn clockwork(&self) -> Clockwork {
        self.clockwork
    }

    /// The latest slot at or before an instant.
    pub fn latest(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let zone = self.zone(zone);
        // In the second pass of a repeated hour the wall shows less than it has already shown: start ahead, walk back.
        let mut wall = whole_second(now, zone) + self.fold() + TimeDelta::seconds(1);
        loop {
            wall = self.wall_before(wall)?;
            let instant = instant_of(wall, zone);
            if instant <= now {
                return Some(instant);
            }
        }
    }

    /// The first slot after an instant.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let zone = self.zone(zone);
        // What the wall shows next may be past (a second pass) or the same instant (a gap): walk on until it is not.
        let mut wall = whole_second(after, zone) - self.fold();
        loop {
            wall = self.wall_after(wall)?;
            let instant = instant_of(wall, zone);
            if instant > after {
                return Some(instant);
            }
        }
    }

    fn zone(&self, zone: Tz) -> Tz {
        match self.clockwork {
            Clockwork::Wall => zone,
            Clockwork::Utc => Tz::UTC,
        }
    }

    fn fold(&self) -> TimeDelta {
        match self.clockwork {
            Clockwork::Wall => LONGEST_FOLD,
            Clockwork::Utc => TimeDelta::zero(),
        }
    }

    fn wall_before(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron
            .find_previous_occurrence(&wall.and_utc(), false)
            .ok()
            .map(|found| found.naive_utc())
    }

    fn wall_after(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron
            .find_next_occurrence(&wall.and_utc(), false)
            .ok()
            .map(|found| found.naive_utc())
    }
}

/// The slot to act on now, if any: the latest one that has come since the last one done (or since the installation,
/// which owes nothing from before it). A clock that jumps back finds nothing new; one that jumps ahead finds one slot.
pub fn due(schedule: &Schedule, last_slot: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<Slot> {
    let at = schedule.latest(now, zone)?;
    if at <= last_slot {
        return None;
    }
    let verdict = if now - at <= schedule.catch_up {
        Verdict::Run
    } else {
        Verdict::Missed
    };
    Some(Slot { at, verdict })
}

/// How many slots after `from` and before `until` nobody will run any more, because the one at `until` makes up for
/// them (at most 10,000 are counted).
pub fn passed_over(schedule: &Schedule, from: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> u32 {
    let mut counted = 0;
    let mut at = from;
    while counted < COUNTED {
        match schedule.next(at, zone) {
            Some(next) if next < until => at = next,
            _ => break,
        }
        counted += 1;
    }
    counted
}

/// What the wall shows at an instant, without the fraction of a second (patterns know none).
fn whole_second(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let wall = instant.with_timezone(&zone).naive_local();
    wall.with_nanosecond(0).unwrap_or(wall)
}

/// The one instant that a wall time stands for. In order: a later wall time is never an earlier instant.
fn instant_of(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // Zones skip in steps of minutes, and at most a day (Samoa left one out in 2011).
    (0..=24 * 60)
        .find_map(|minutes| {
            zone.from_local_datetime(&(wall + TimeDelta::minutes(minutes)))
                .earliest()
        })
        .map_or_else(|| wall.and_utc(), |instant| instant.to_utc())
}

#[cfg(test)]
mod tests;
