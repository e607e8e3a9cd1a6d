//! The standing: whether to worry about an account, and why (docs/scoring.md § 4). The score says how engaged a customer
//! is; the standing says what to think of them, and stands above the score wherever one is shown.
//!
//! A reason is codes and parameters, so that it can be stored with each assessment and told later without the rows:
//! who, when, how many. [`Reason::message`] is the sentence.

mod account_standing;
mod change_reasons;
mod decide;
mod grounds;
mod message;
mod reason;
mod sign_reasons;
mod sponsor_reasons;

pub use account_standing::Standing;
pub(crate) use decide::decide;
pub(crate) use grounds::Grounds;
pub use grounds::is_known;
pub use reason::{Reason, SHOWN_REASONS};
