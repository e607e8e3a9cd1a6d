//! A row as it is stored.

use uuid::Uuid;

use crate::ingest::value::Value;

/// A stored row.
pub(in crate::ingest) struct StoredRow {
    /// Its id, where its table has one.
    pub(super) id: Option<Uuid>,
    /// Its values in the order of the declared columns.
    pub(in crate::ingest) values: Vec<Value>,
}
