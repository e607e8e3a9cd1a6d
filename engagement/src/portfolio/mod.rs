//! A book of accounts in numbers (docs/scoring.md § 9): sums and counts that accounts are folded into, batch by batch, or that
//! a database has counted. The report is a closed form of them (`report::portfolio`), so the two ways cannot disagree.
//!
//! Memory does not grow with the number of accounts: of single accounts only the largest movers are kept, and those that are
//! named ([`Named`]).

mod counted;
mod days;
mod group;
mod mover;
mod named;
mod retention;
mod totals;
pub mod worth;

pub use counted::CountedAccount;
pub use days::PortfolioDays;
pub use group::Group;
pub use mover::{Mover, Movers};
pub use named::{Concern, Keep, MOST_LISTED, MOST_NAMED, Named, NamedAccount, RENEWAL_DAYS};
pub use retention::Retention;
pub use totals::{PortfolioTotals, Sum};
