//! SHA-256, hexadecimal: how secrets, keys of requests and what is left of erased contacts are kept.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The hash of a text.
pub(crate) fn hash(text: &str) -> String {
    hash_of(&[text.as_bytes()])
}

/// The hash of several parts, one after the other.
pub(crate) fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
