//! The only reader of the wall clock. Everything else is handed an instant.
//!
//! Instants are cut to microseconds, which is what the databases keep: what was written compares equal to what is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Tells the time: the system's, or one that a test sets.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Microseconds since 1970, shared by every clone.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is set.
    pub fn fixed(now: DateTime<Utc>) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(now.timestamp_micros()))))
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place")]
            Source::System => truncate(Utc::now()),
            Source::Fixed(micros) => instant(micros.load(Ordering::SeqCst)),
        }
    }

    /// Sets a fixed clock, and every clone of it; the system's cannot be set and is left alone.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Source::Fixed(micros) = &self.0 {
            micros.store(now.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Moves a fixed clock, and every clone of it.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }
}

/// When something is done: an instant, and the day it is in the organisation's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub now: DateTime<Utc>,
    /// The day.
    pub today: NaiveDate,
}

/// Cuts an instant to what the databases keep.
pub fn truncate(at: DateTime<Utc>) -> DateTime<Utc> {
    instant(at.timestamp_micros())
}

/// Microseconds since 1970, as a column holds them, as an instant. What chrono cannot represent (years beyond 262,000)
/// becomes its last or first instant.
pub fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(if micros < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_time_survives_a_round_trip_through_a_column() {
        let now = Clock::system().now();
        assert_eq!(instant(now.timestamp_micros()), now);
    }

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(instant(1_000_000));
        let other = clock.clone();
        clock.advance(TimeDelta::hours(2));
        assert_eq!(other.now(), instant(1_000_000 + 7_200_000_000));
    }

    #[test]
    fn instants_beyond_the_calendar_do_not_panic() {
        assert_eq!(instant(i64::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(instant(i64::MIN), DateTime::<Utc>::MIN_UTC);
    }
}
