//! Words of the database → domain types: the one place where a text column is parsed.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::error::ServiceError;

/// A word of an enumeration, or anything else with a parser.
pub(crate) fn parse<T: FromStr>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T, ServiceError> {
    text.parse().map_err(|_| ServiceError::Stored {
        table,
        column,
        value: text.to_owned(),
    })
}

/// The same where the column may be NULL.
pub(crate) fn parse_optional<T: FromStr>(
    table: &'static str,
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, ServiceError> {
    text.map(|text| parse(table, column, text)).transpose()
}

/// What a column holds as JSON.
pub(crate) fn parse_json<T: DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T, ServiceError> {
    serde_json::from_str(text).map_err(|_| ServiceError::Stored {
        table,
        column,
        value: text.to_owned(),
    })
}
