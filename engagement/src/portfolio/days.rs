//! The days that a portfolio is about.

use chrono::NaiveDate;

/// The days that a portfolio is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortfolioDays {
    /// First day of the window.
    pub start: NaiveDate,
    /// Last day of the window that was asked for.
    pub ending_on: NaiveDate,
    /// The day whose scores it stands on: `ending_on`, or the last one before it that is stored.
    pub stands_on: NaiveDate,
    /// The scores were stored; false: computed for this report.
    pub stored: bool,
}
