//! Contacts who were erased are known by a hash of their key: it can be compared, not read.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The hash of a contact's account and external id, hexadecimal.
pub(crate) fn key_hash(account: Uuid, external_id: &str) -> String {
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    hash.update(account.as_bytes());
    hash.update(external_id.as_bytes());
    hash.finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
