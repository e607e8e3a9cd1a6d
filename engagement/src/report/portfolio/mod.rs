//! The portfolio report: a book of accounts for whoever leads it (docs/scoring.md § 9), as fields and as Markdown.
//!
//! A closed form of [`PortfolioTotals`](crate::portfolio::PortfolioTotals). Accounts are named by id; whoever shows the report
//! knows their names ([`PortfolioLabels`]).

mod account_list;
mod advice;
mod advice_list;
mod averages;
mod cell;
mod headline;
mod label;
mod markdown;
mod metric;
mod number;
mod parts;
mod report;
mod share;
mod write;

pub use label::PortfolioLabels;
pub use metric::MetricValue;
pub(super) use metric::{in_unit, name};
pub use report::{Advice, PortfolioReport};
pub use share::{DimensionAverage, PatternShare, SignalCount, StandingShare};
