//! What the worker does on a schedule, and the ledger of its runs.

pub mod guardrail_round;
pub mod job_batch;
pub mod job_run;
pub mod prune;
pub mod recompute;
mod statement;
