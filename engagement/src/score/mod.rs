//! From measures to scores: every point accounted for, with the pattern and the ledger that follow from them.

mod assessment;
pub mod ledger;
pub mod pattern;
pub mod season;

pub use assessment::{Assessment, ComponentScore, DimensionScore, round, score};
