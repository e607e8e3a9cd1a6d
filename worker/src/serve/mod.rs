//! The worker as a process: its loops ([`loops`]), the tick that wakes them ([`ticker`]), and a watch on the clocks
//! ([`clock_watch`]).

mod clock_watch;
mod loops;
mod ticker;

pub use loops::{WorkerError, serve};
