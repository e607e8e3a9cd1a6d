//! A row as it will be, and what that changes.

use std::collections::BTreeSet;

use engagement::vocabulary::Attendance;
use uuid::Uuid;

use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::Spec;
use crate::ingest::value::Value;

/// A row as it will be, and what that changes.
pub(in crate::ingest) struct MergedRow {
    pub(super) line: u64,
    pub(in crate::ingest) account: Option<Uuid>,
    /// Where the table has one: the stored one, or a new one.
    pub(in crate::ingest) id: Option<Uuid>,
    pub(super) values: Vec<Value>,
    pub(in crate::ingest) outcome: RowOutcome,
    /// Participants, where the row names them; with the interaction's own warning about the responder still to come.
    pub(super) participants: Option<Vec<(Uuid, Attendance)>>,
    /// The stored values, where there are any.
    pub(super) stored: Option<Vec<Value>>,
    /// Participants before and after, where they differ.
    pub(super) attendance: Option<[Attendances; 2]>,
}

/// Who takes part in an interaction, and how.
pub(in crate::ingest) type Attendances = BTreeSet<(Uuid, Attendance)>;

impl MergedRow {
    /// Whether the row is to be written.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.outcome, RowOutcome::Inserted | RowOutcome::Updated)
    }

    /// Whether the row changes anything.
    pub(in crate::ingest) fn is_changed(&self) -> bool {
        self.is_written() || self.outcome == RowOutcome::Deleted
    }

    /// A value by the name of its column in the file.
    pub(in crate::ingest) fn value(&self, spec: &Spec, name: &str) -> &Value {
        spec.columns
            .iter()
            .position(|c| c.name == name)
            .map_or(&Value::Null, |at| &self.values[at])
    }

    /// Says again what writing it changes, after its values were changed.
    pub(super) fn compare(&mut self) {
        if matches!(self.outcome, RowOutcome::Updated | RowOutcome::Unchanged)
            && let Some(stored) = &self.stored
        {
            self.outcome = if *stored == self.values {
                RowOutcome::Unchanged
            } else {
                RowOutcome::Updated
            };
        }
    }
}
