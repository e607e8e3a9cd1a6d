//! The key under which a caller asks for something that is to be done once.

use super::hash::hash;
use crate::error::ServiceError;

/// Longest key, in characters: room for two UUIDs and a word of the client's own.
const LONGEST_KEY: usize = 128;

/// A caller's word that requests with one key are one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub(super) key_hash: String,
    pub(super) body_hash: String,
}

impl Once {
    /// A key, and all that the caller asks for under it, in a form that is the same whenever they ask for the same.
    ///
    /// # Errors
    /// [`ServiceError::BadInput`] for a key that has not 1 to 128 printable characters.
    pub fn new(key: &str, body: &str) -> Result<Self, ServiceError> {
        if key.is_empty() || key.chars().count() > LONGEST_KEY || !key.chars().all(is_printable) {
            let message = format!("an idempotencyKey has 1 to {LONGEST_KEY} printable characters");
            return Err(ServiceError::bad_input("idempotencyKey", message));
        }
        Ok(Self {
            key_hash: hash(key),
            body_hash: hash(body),
        })
    }
}

/// Whether a character shows itself: Rust writes what does not as an escape.
fn is_printable(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_printable_and_not_too_long() {
        for good in [
            "k",
            " ",
            "2026-06-17/plan 'Q3' \"\\",
            "Zürich",
            "計画",
            &"é".repeat(LONGEST_KEY),
        ] {
            assert!(Once::new(good, "").is_ok(), "{good}");
        }
        for bad in [
            "",
            "a\tb",
            "a\nb",
            "\0",
            "a\u{7f}",
            "a\u{200b}b",
            "\u{202e}x",
            "\u{feff}",
            &"é".repeat(LONGEST_KEY + 1),
        ] {
            assert!(
                matches!(Once::new(bad, ""), Err(ServiceError::BadInput { ref field, .. }) if field == "idempotencyKey"),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn neither_the_key_nor_the_body_can_be_read_from_it() {
        let shown = format!("{:?}", Once::new("plan for Cleo", "Cleo").unwrap());
        assert!(!shown.contains("Cleo"), "{shown}");
    }
}
