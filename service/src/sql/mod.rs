//! How statements are written: where the two databases differ, how a page is cut, how a stored value is read.

pub mod dialect;
pub(crate) mod lock;
pub mod page;
pub(crate) mod stored;
