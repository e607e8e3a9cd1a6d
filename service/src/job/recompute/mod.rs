//! Scores accounts and stores the result: batch by batch, in memory that does not grow with the book, the next batch
//! being read while the last one is scored and written. Running it twice changes nothing.

mod batch;
mod request;
mod run;
mod selection;

pub use request::{Progress, Recompute, Recomputed, Scope, SetAside};
pub(crate) use run::examine;
pub use run::{recompute, recompute_portion};
pub(crate) use selection::portions;
pub use selection::{Portion, Which};
