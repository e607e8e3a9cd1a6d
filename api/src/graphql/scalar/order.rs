//! In which direction a list is ordered: the inputs of several lists name it.

use async_graphql::Enum;

/// In which direction a list is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}
