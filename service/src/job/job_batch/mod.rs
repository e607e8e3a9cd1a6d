//! Runs that several workers share: cut into batches when they begin, each batch claimed by one worker at a time for as long
//! as it gives a sign of life, and settled by whoever finishes the last batch. A worker that is killed costs its run a minute
//! at most, and its batch; one that comes back late finds that it changes nothing here, and what it scored is what the next
//! one scores.

mod begin;
mod claim;
mod model;
mod settle;

pub use begin::begin;
pub use claim::{MOST_ATTEMPTS, claim, close_abandoned, hand_back, renew};
pub use model::{BatchClaim, Begun, Coverage, Finished, Settled};
pub use settle::{Progress, left_out, progress, settle};
