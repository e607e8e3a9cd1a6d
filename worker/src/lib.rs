//! Work that nobody asks for by hand: jobs on a schedule, and mail ([`mail`]).
//!
//! What is due is computed from the ledger of runs, the clock and the zone (`engagement::schedule`), so it does not
//! matter who was up when a slot came: the row of the ledger is the lock, the next worker that looks makes up for what
//! was missed. Any number of workers may run. The cron tick only wakes; without it, a look every thirty seconds finds
//! the same slots.

pub mod context;
pub mod job;
pub mod jobs;
pub mod mail;
mod pulse;
mod run;
mod serve;

pub use context::Context;
pub use job::{BatchOutcome, Counts, Job, JobError, Outcome, Sharing, Work};
pub use pulse::{Pulse, Stuck, UnderWay};
pub use run::{Ran, RunNowError, run_if_due, run_now};
pub use serve::{WorkerError, serve};
