//! The gate in front of the GraphQL library: what it refuses never reaches validation or a resolver.
//!
//! In this order: a lexical scan, one parse, a count through fragments; then variables are written out, and what is left, all
//! of it constant, is priced. What passes is bounded in every way that the library's own checks are sensitive to.
//!
//! The library's own limits do not do it: they count after parsing and validation, which a hostile query makes dear, and know no
//! price of a list.

mod coercion;
#[cfg(test)]
mod conformance;
mod expansion;
#[cfg(test)]
mod hostile;
mod lexical;
mod price;
mod refusal;
mod types;
mod variables;

use async_graphql::parser::{parse_query, types::ExecutableDocument};

pub use expansion::{MAX_INTROSPECTION_DEPTH, MAX_NESTING};
pub use price::check as check_price;
pub use refusal::Refusal;
pub use types::Types;
pub use variables::write_out;

/// Parses a query text that is safe to validate.
///
/// # Errors
/// Why it is refused.
pub fn admit(text: &str) -> Result<ExecutableDocument, Refusal> {
    lexical::scan(text)?;
    let document = parse_query(text).map_err(|error| Refusal::Syntax(error.to_string()))?;
    expansion::check(&document)?;
    Ok(document)
}
