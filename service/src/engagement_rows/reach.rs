//! From when until when rows can change the result of an evaluation.

use chrono::{NaiveDate, TimeDelta};
use engagement::measure::BOOKED_DAYS;
use engagement::vocabulary::Period;
use engagement::windows::{Windows, start_of_day};

/// From when until when rows can change the result of one evaluation and of the one before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// Interactions at or after this instant, in microseconds since 1970, …
    pub(super) interactions_from: i64,
    /// … and before this one.
    pub(super) interactions_until: i64,
    /// Usage from this day …
    pub(super) usage_from: NaiveDate,
    /// … to this one, both counted.
    pub(super) usage_to: NaiveDate,
    /// The first days of the two histories: proof of earlier usage is looked for from them on.
    pub(super) histories: [NaiveDate; 2],
    /// What is booked is looked for at or after this instant, in microseconds since 1970, …
    pub(super) booked_from: i64,
    /// … and before this one.
    pub(super) booked_until: i64,
}

impl Reach {
    /// The standing and the sponsors are of the standard period, whatever the report's: a quarter and the one before it hold
    /// the windows of either.
    pub(super) fn of(windows: &Windows) -> Self {
        let previous =
            Windows::new(windows.ending_on, windows.at, windows.zone, Period::Quarterly).previous();
        let past_booked = windows
            .ending_on
            .checked_add_signed(TimeDelta::days(BOOKED_DAYS + 1))
            .unwrap_or(NaiveDate::MAX);
        Self {
            interactions_from: previous.history_start.timestamp_micros(),
            interactions_until: windows.at.timestamp_micros(),
            usage_from: previous.start_day,
            usage_to: windows.last_day(),
            histories: [windows.history_start_day, previous.history_start_day],
            booked_from: start_of_day(windows.ending_on, windows.zone).timestamp_micros(),
            booked_until: start_of_day(past_booked, windows.zone).timestamp_micros(),
        }
    }
}
