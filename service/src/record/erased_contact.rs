//! Contacts who were erased are known by a hash of their key: it can be compared, not read.

use uuid::Uuid;

use crate::access::hash_of;

/// The hash of a contact's account and external id, hexadecimal.
pub(crate) fn key_hash(account: Uuid, external_id: &str) -> String {
    hash_of(&[account.as_bytes(), external_id.as_bytes()])
}
