//! What to do next: one recommendation per action of the renewal, then of the pattern, of each raised signal and of the
//! weakest dimension (docs/scoring.md § 6). Each says who, with whom, by when, why, with the numbers of today, and what it
//! is worth, found by changing what it would change and scoring again.
//!
//! Whoever is no customer is advised nothing, and nobody who has left is ever recommended.

mod advice;
mod case;
mod change;
mod due;
mod order;
mod people;
pub mod plan;
mod play;
mod reason;

pub use advice::{Advice, Recommendation};
pub use order::{STORED_ADVICE, advice, recommend};
pub use people::{ContactLabel, Member, People};
