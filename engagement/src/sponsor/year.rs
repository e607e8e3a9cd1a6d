//! What the portfolio counts of one account over the trailing year (docs/scoring.md § 9).

use chrono::{DateTime, Utc};

use crate::row::windows::Windows;

/// Numbers of the trailing year about all executives of `ending_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExecutiveYear {
    /// Distinct days of executive contact with any executive.
    pub contact_days: u32,
    /// Days since the account's first fact, both counted, at most 365; absent without a fact.
    pub known_days: Option<u32>,
    /// Business reviews held.
    pub qbrs_held: u32,
    /// Those that an executive attended.
    pub qbrs_with_executive: u32,
}

/// A set of days of the trailing year: at most 366, one bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DaysOfYear([u64; 6]);

impl DaysOfYear {
    /// Adds the day of an instant, unless it lies outside the trailing year.
    pub(super) fn insert(&mut self, time: DateTime<Utc>, windows: &Windows) {
        if time < windows.year_start || time >= windows.at {
            return;
        }
        let place = (windows.day_of(time) - windows.year_start_day)
            .num_days()
            .clamp(0, 383) as usize;
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}
