//! Why the gate does not let a query pass.

/// A reason to refuse a query before it is executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is no GraphQL.
    #[error("{0}")]
    Syntax(String),
    /// The query asks for more than one request may.
    #[error("too many {what}: {found}, at most {limit} are allowed; split the query")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much of it was found before the count stopped.
        found: usize,
        /// How much would have been accepted.
        limit: usize,
    },
    /// Fragments contain one another.
    #[error("the fragment `{0}` contains itself")]
    Cycle(String),
}

impl Refusal {
    pub(super) const fn limit(what: &'static str, found: usize, limit: usize) -> Self {
        Self::Limit { what, found, limit }
    }
}
