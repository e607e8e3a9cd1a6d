//! What a query text has to pass before anything looks at its meaning: a lexical scan, one parse, a count through fragments.
//!
//! Each step makes the next one safe: the parser recurses by brackets, which the scan bounds, and the count needs what the parser made.

mod expansion;
mod lexical;

use async_graphql::parser::{parse_query, types::ExecutableDocument};

use super::refusal::Refusal;

pub use expansion::{MAX_INTROSPECTION_DEPTH, MAX_NESTING};

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
