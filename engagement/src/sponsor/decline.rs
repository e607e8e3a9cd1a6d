//! The meetings that the primary sponsor keeps declining.

use chrono::NaiveDate;

/// Meetings of the trailing year that the primary sponsor was to come to, and that the customer declined, missed or called
/// off without a new date after the last held one that they attended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declines {
    /// How many.
    pub meetings: u32,
    /// The day of the last of them.
    pub last_on: Option<NaiveDate>,
    /// The day of the last held meeting that they attended, in history.
    pub attended_on: Option<NaiveDate>,
}
