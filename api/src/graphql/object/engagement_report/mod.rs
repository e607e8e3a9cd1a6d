//! How engaged an account was in one period: the report and its parts.
//!
//! The report is made of the parts; no part knows the report.

mod history;
mod ledger;
mod recommendation;
mod report;
mod stakeholder;

pub use report::EngagementReport;
