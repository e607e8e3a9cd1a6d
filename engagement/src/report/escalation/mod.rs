//! The mail that arrives while a sponsor's chair is still warm: who left and how that is known, what is at stake, who could
//! follow, and what to do in the next 48 hours; and what a mail of the ladder says beside its alert.
//!
//! Plain facts become sentences here; templates only lay them out. Names and messages come from outside and have to be
//! escaped.

mod departure;
mod facts;
mod notice;
mod steps;

pub use departure::{DepartureNotice, Fact, SuccessorLine};
pub use facts::DepartureFacts;
pub use notice::{JOINING_WINDOW, JoinedNotices, MOST_ALONE, next_step, waiting};
pub use steps::NextStep;
