//! How `rapport.toml` may write a value: as the text that the flag takes, or as what TOML has for it. Either becomes that text.

use serde::{Deserialize, Deserializer};

/// A number, or a text that is one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u64),
    Text(String),
}

/// A list, or one text with commas.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Addresses {
    Text(String),
    List(Vec<String>),
}

/// A text; an empty one is none.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer).map(present)
}

/// A number.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let count = Option::<Count>::deserialize(deserializer)?;
    Ok(count.map(|count| match count {
        Count::Number(number) => number.to_string(),
        Count::Text(text) => text,
    }))
}

/// Addresses.
pub(super) fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let addresses = Option::<Addresses>::deserialize(deserializer)?;
    Ok(addresses.map(|addresses| match addresses {
        Addresses::Text(text) => text,
        Addresses::List(list) => list.join(","),
    }))
}

/// A value that says something.
pub(super) fn present(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty())
}
