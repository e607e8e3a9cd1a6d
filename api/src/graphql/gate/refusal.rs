//! Why the gate does not let a query pass.

use async_graphql::Pos;

use super::variables::coercion::Unfit;

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
    /// The answer may be too long, or too dear to find.
    #[error(
        "the query costs {price}, at most {most} are allowed: ask for fewer fields or shorter lists (`first`)"
    )]
    Price {
        /// What it costs.
        price: usize,
        /// What one request may cost.
        most: usize,
    },
    /// Fragments contain one another.
    #[error("the fragment `{0}` contains itself")]
    Cycle(String),
    /// Variables are not used as the specification has it.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
        /// Where in the query.
        at: Pos,
    },
    /// A variable or an argument has a value that it does not take.
    #[error("{message}")]
    Value {
        /// Which, down to the part of it that is wrong.
        field: String,
        /// What is wrong.
        message: String,
        /// Where in the query.
        at: Pos,
    },
}

impl Refusal {
    pub(super) const fn limit(what: &'static str, found: usize, limit: usize) -> Self {
        Self::Limit { what, found, limit }
    }

    /// A value does not fit its place.
    pub(super) fn unfit(unfit: Unfit, at: Pos) -> Self {
        let message = format!("Invalid value for argument \"{}\", {}", unfit.field, unfit.reason);
        Self::Value {
            field: unfit.field,
            message,
            at,
        }
    }
}
