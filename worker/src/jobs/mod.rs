//! The jobs, one file each, and the table that says when each is due.

mod digests;
mod guardrails;
mod prune;
mod recompute;
mod table;

pub use table::{JOBS, find, scheduled};
