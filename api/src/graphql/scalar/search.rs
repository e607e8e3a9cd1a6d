//! How long a text to search for may be: lists and filters refuse a longer one, by the same words.

use async_graphql::Error;

use crate::graphql::bounds::limits::MAX_SEARCH;
use crate::graphql::error::bad_user_input;

/// Refuses a text that is too long to search for.
///
/// # Errors
/// BAD_USER_INPUT that names the argument.
pub fn check_search(argument: &str, text: Option<&str>) -> Result<(), Error> {
    if text.is_some_and(|text| text.len() > MAX_SEARCH) {
        return Err(bad_user_input(
            argument,
            format!("`search` takes at most {MAX_SEARCH} bytes"),
        ));
    }
    Ok(())
}
