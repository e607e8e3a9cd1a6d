//! Reads, for a batch of accounts, every row that scoring needs: one statement per table and batch, whatever the number
//! of accounts, and nothing that cannot change a result.
//!
//! This is the hot path of the product: a nightly run reads every account's rows. It goes past the ORM and takes columns
//! by their place. How the rows travel is the database's own business (`sqlite`, `postgres`); what they become is not
//! (`assembly`).

mod assembly;
mod load;
mod organisation;
mod packed;
mod postgres;
mod reach;
pub(crate) mod silent_owners;
mod source;
mod sqlite;
mod unpack;
mod year_ago;

pub use load::load;
pub(crate) use load::load_within;
pub use organisation::Organisation;
pub use year_ago::load_year_ago_usage;
