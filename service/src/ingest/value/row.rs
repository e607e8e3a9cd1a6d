//! From a raw row to a typed one, or to the reason why not. No database is needed for that.

use sha2::{Digest, Sha256};

use crate::ingest::target::column::{DELETED, Need, Spec};
use crate::ingest::value::cell::{Cell, Flaw, RawRow};
use crate::ingest::value::{Value, read, read_truth};

/// What a row says about one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Patch {
    /// Nothing: the stored value stays.
    Keep,
    /// It is empty: the stored value goes.
    Clear,
    /// It is this.
    Set(Value),
}

/// A row whose every cell could be read. Patches stand in the order of the declared columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TypedRow {
    pub(crate) line: u64,
    pub(crate) patches: Vec<Patch>,
    pub(crate) deleted: bool,
}

/// Reads every cell of a row.
pub(crate) fn type_row(spec: &Spec, raw: &RawRow) -> Result<TypedRow, Flaw> {
    let deleted = match raw.cells.get(spec.columns.len()).and_then(Option::as_ref) {
        Some(cell) => read_truth(cell).map_err(|reason| Flaw::new(DELETED, reason))?,
        None => false,
    };
    let mut patches = Vec::with_capacity(spec.columns.len());
    for (column, cell) in spec.columns.iter().zip(&raw.cells) {
        // Of a row that goes, nothing but its key counts; what is derived is in no file.
        if column.need == Need::Derived || (deleted && !column.is_key()) {
            patches.push(Patch::Keep);
            continue;
        }
        let missing = || Flaw::new(column.name, "a required value is missing");
        patches.push(match cell.as_ref().filter(|cell| !cell.is_empty()) {
            Some(cell) => {
                Patch::Set(read(column.kind, cell).map_err(|reason| Flaw::new(column.name, reason))?)
            }
            None => match (column.need, cell) {
                (Need::Key, _) | (Need::Required, Some(_)) => return Err(missing()),
                (Need::KeyOrAbsent, _) | (Need::Optional, Some(_)) => Patch::Clear,
                (Need::Required | Need::Optional | Need::Derived, _) => Patch::Keep,
            },
        });
    }
    Ok(TypedRow {
        line: raw.line,
        patches,
        deleted,
    })
}

/// 128 bits that stand for a row's key: rows with the same key have the same.
pub(crate) fn key_digest(spec: &Spec, row: &TypedRow) -> [u8; 16] {
    let mut hash = Sha256::new();
    for (column, patch) in spec.columns.iter().zip(&row.patches) {
        if column.is_key() {
            match patch {
                Patch::Set(Value::Text(text)) => {
                    hash.update(b"t");
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
                Patch::Set(Value::Day(day)) => {
                    hash.update(b"d");
                    hash.update(chrono::Datelike::num_days_from_ce(day).to_be_bytes());
                }
                // No key holds anything else.
                Patch::Set(_) | Patch::Clear | Patch::Keep => hash.update(b"-"),
            }
        }
    }
    let full = hash.finalize();
    let mut digest = [0; 16];
    digest.copy_from_slice(&full[..16]);
    digest
}

/// The cell as text, for what is done to rows before they are typed.
pub(crate) fn cell_text(cell: Option<&Cell>) -> Option<&str> {
    match cell {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    }
}
