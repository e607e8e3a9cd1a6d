//! The rows behind a number: how many there are, and the newest of them by id. Clients read the rows with `nodes`.

use async_graphql::{ID, SimpleObject};

use crate::graphql::bounds::limits;

/// The rows behind a number: how many, and which.
#[derive(SimpleObject)]
pub struct Evidence {
    /// How many rows there are: interactions, or rows of usage where usage is what counts.
    pub count: u32,
    /// The newest of the interactions, at most 20; read them with `nodes(ids:)`.
    pub interaction_ids: Vec<ID>,
}

impl From<engagement::measure::Evidence> for Evidence {
    fn from(evidence: engagement::measure::Evidence) -> Self {
        Self {
            count: evidence.count,
            interaction_ids: limits::EVIDENCE.cut(evidence.interactions.iter().map(|id| ID(id.to_string()))),
        }
    }
}
