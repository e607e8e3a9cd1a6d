//! Who sponsors us at an account: the report, its parts, and the primary sponsor as lists show them.
//!
//! The report is made of the parts; no part knows the report.

mod calendar;
mod change;
mod executive;
mod primary;
mod report;
mod standing;
mod succession;

pub use report::SponsorReport;
pub use standing::SponsorStanding;
