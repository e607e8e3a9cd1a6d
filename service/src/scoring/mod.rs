//! From stored rows to scores, and what is stored of them.

pub(crate) mod account_standing;
pub mod assessment;
mod background;
pub mod evaluating;
pub(crate) mod scored_account;
pub mod sponsor_level;
pub(crate) mod store;
pub mod touched;

pub use background::holding;
pub(crate) use background::score;
pub(crate) use scored_account::ScoredAccount;
