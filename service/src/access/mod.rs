//! Who asks, what they may see and do, and what is written down of what they did.

mod asker;
pub mod audit;
mod hash;
pub mod idempotency;
mod once;
pub mod rights;
mod visibility;

pub use asker::Access;
pub(crate) use hash::{hash, hash_of};
pub use once::Once;
pub(crate) use visibility::{sees, unseen_by_user};
pub use visibility::{visible_accounts, visible_users};
