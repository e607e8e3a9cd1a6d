//! `rapport schema`: the GraphQL schema, for tools that generate code from it.

use crate::failure::Failure;
use crate::output::print;

/// Prints the schema.
///
/// # Errors
/// When stdout takes no more.
pub fn run() -> Result<(), Failure> {
    Ok(print(&api::schema_sdl())?)
}
