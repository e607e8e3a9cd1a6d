//! Running jobs: which slot is owed ([`slot`]), the run by one worker ([`whole`]) or by several ([`share`]), the lease that
//! keeps what was claimed ([`lease`]), and what came of it ([`ran`]).

mod lease;
mod ran;
mod share;
mod slot;
mod whole;

pub use ran::{Ran, RunNowError};
pub use slot::{run_if_due, run_now};
