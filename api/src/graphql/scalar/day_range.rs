//! A span of whole days, as every report names its period.

use async_graphql::SimpleObject;
use chrono::NaiveDate;
use engagement::windows::Windows;

use super::time::Date;

/// A span of whole days.
#[derive(SimpleObject)]
pub struct DayRange {
    /// The first day.
    start: Date,
    /// The last day.
    end: Date,
}

impl DayRange {
    /// From one day to another, both counted.
    pub fn of(start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            start: Date(start),
            end: Date(end),
        }
    }
}

impl From<&Windows> for DayRange {
    fn from(windows: &Windows) -> Self {
        Self {
            start: Date(windows.start_day),
            end: Date(windows.ending_on),
        }
    }
}
