//! The engagement report of one account: everything that docs/scoring.md §§ 3 to 6 and 10 say about one window.
//!
//! Built from an [`Evaluation`](crate::evaluation::Evaluation); nothing is computed here that is not in it. Contacts are named
//! by id; whoever shows the report knows their names ([`Labels`]).

mod activity;
mod activity_table;
mod advice;
mod ending;
mod label;
mod markdown;
mod preface;
mod report;
mod stakeholder;
mod stakeholder_map;
mod summary;
mod trend;
mod warning;
mod words;

pub use crate::recommendation::{ContactLabel, People};
pub use activity::Activity;
pub use label::{HistoryPoint, Labels, SignRow};
pub use report::EngagementReport;
pub use stakeholder::Stakeholder;
pub(super) use words::component_name;
