//! The ledger of job runs: one row per job and slot, and the row is the lock.
//!
//! Whoever inserts the row runs the slot; nobody else can, and no other slot of the job is begun while it is under way. A run
//! is its worker's for a minute at a time ([`LEASE`]): a worker that is alive renews it, one that stops hands it back (the row
//! goes), and what a worker leaves behind that was killed is taken over by the next one that looks. Each holder has a number,
//! so that one that comes back late changes nothing. What time it is says the shared clock ([`crate::db::shared_clock`]). A run that
//! several workers share has no lease: its batches have (`job_batch`), and whoever finishes the last of them settles it.

mod claim;
mod lease;
mod ledger;
mod outcome;
mod row;
mod settle;

pub(crate) use claim::is_under_way;
pub use claim::{Claim, begin_burst, claim};
pub use lease::LEASE;
pub(crate) use lease::{has_lapsed, longest_lease};
pub use ledger::{JobRun, Standing, find, last_slot, latest, standings};
pub use outcome::{RunCounts, RunOutcome};
pub(crate) use row::{close, insert, row_of, write_outcome};
pub use settle::{hand_back, let_go, record_missed, renew, settle};
