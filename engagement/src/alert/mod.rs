//! Alerts: what is wrong, since when, and what became of it (docs/scoring.md § 11).
//!
//! An evaluation says which conditions hold ([`Condition`]); [`lifecycle`] compares that with the alerts there are and says
//! what to write; [`action`] is what people do with an alert; [`ladder`] says who is to be told now, and [`recipients`] who
//! that is. All of it is pure: the same alerts, conditions and instant give the same result, so running twice changes nothing.

pub mod action;
mod condition;
pub mod ladder;
pub mod lifecycle;
pub mod recipients;
mod record;
mod rule;
mod subject;

pub use condition::{Condition, Key};
pub use record::Alert;
pub use rule::{AlertRule, Ending};
pub use subject::{Subject, SubjectError};
