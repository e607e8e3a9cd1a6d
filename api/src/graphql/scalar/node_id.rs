//! Global ids as arguments: what is not an id of the kind that was asked for is the client's mistake, named.

use std::str::FromStr;

use async_graphql::{Error, ID};
use engagement::id::IdError;

use crate::graphql::error::bad_user_input;

/// Reads the id in an argument.
///
/// # Errors
/// BAD_USER_INPUT that names the argument.
pub fn parse_id<T: FromStr<Err = IdError>>(argument: &str, id: &ID) -> Result<T, Error> {
    id.parse()
        .map_err(|error: IdError| bad_user_input(argument, error.to_string()))
}
