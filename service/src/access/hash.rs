//! The SHA-256 of a text, as secrets and keys are kept.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text, hexadecimal.
pub(crate) fn hash(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
