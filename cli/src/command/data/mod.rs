//! Commands on the data as a whole: bringing it in, scoring it, copying it, and keeping its schema current.

pub mod backup;
pub mod import;
pub mod migrate;
pub mod recompute;
