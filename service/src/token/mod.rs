//! Bearer tokens: shown once, kept as their SHA-256 (they are random enough to need no more), found by it.
//!
//! A token that was made with a token is that one's child and ends with it, and so do its own children: it may not be made
//! to last longer, whoever revokes a token revokes what came of it in the same transaction, and a removed user takes theirs
//! along. So whether a token is good stands in its own row.

mod authenticate;
mod create;
mod list;
mod model;
mod revoke;
mod secret;

pub use authenticate::authenticate;
pub use create::{LONGEST_LIFE, create};
pub use list::{is_private_to, list, pages_of};
pub use model::{DEFAULT_LIFE, NewToken, Token};
pub use revoke::{revoke, revoke_all};
pub use secret::is_well_formed;
