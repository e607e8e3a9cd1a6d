//! The domain of Rapport, pure: rows → measures → scores, signals, recommendations, reports.
//!
//! Nothing here does I/O, awaits, reads a clock or draws a random number: the same rows, policy and windows give the
//! same result on every machine, on every day. The definitions stand in docs/scoring.md; where code and document
//! disagree, one of the two is a bug.

pub mod alert;
pub mod delivery;
pub mod dimension;
pub mod evaluation;
pub mod guardrail;
mod in_words;
pub mod lever;
pub mod markdown;
pub mod measure;
pub mod policy;
pub mod portfolio;
pub mod recommendation;
pub mod report;
pub mod row;
pub mod schedule;
pub mod score;
pub mod signal;
pub mod sponsor;
pub mod standing;
pub mod vocabulary;

pub use recommendation::plan;
pub use row::{retention, seat, windows};
pub use score::{ledger, pattern};
pub use vocabulary::{email_address, id, money};

/// The edition of docs/scoring.md that scores are made by: raised whenever a definition changes what a score means. It is stored
/// with each score, and scores of two editions are not compared.
pub const DEFINITIONS: i32 = 4;
