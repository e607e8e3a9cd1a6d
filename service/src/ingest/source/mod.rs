//! Where rows come from. Files, a mapping over foreign files and rows in memory all look the same from here on: parts,
//! each of which can be read more than once (once to find repeated keys, once to write; twice as often with `--strict`).

use crate::ingest::target::file::Target;
use crate::ingest::value::cell::{Flaw, RawRow};

mod csv_rows;
mod folder;
mod in_memory;
mod mapped;
mod mapping;
mod ndjson_rows;
pub(crate) mod spill_sort;

pub use folder::Folder;
pub use in_memory::InMemory;
pub use mapped::Mapped;
pub use mapping::{Mapping, MappingError};

/// Longest cell, in bytes.
pub(crate) const LONGEST_CELL: usize = 1 << 20;
/// Longest row, in bytes: what a reader holds in memory at most.
pub(crate) const LONGEST_ROW: usize = 4 << 20;

/// Rows of one file, for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What the rows are.
    pub target: Target,
    /// The file's name, as reports name it.
    pub name: String,
    /// How much there is to read.
    pub bytes: u64,
    /// What happens to rows with the same key.
    pub on_repeat: OnRepeat,
}

/// What happens to rows with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnRepeat {
    /// The last one counts; the others are counted as duplicates.
    #[default]
    Last,
    /// The first one counts; the others are rejected.
    Reject,
}

/// A row that could not be read, or the end of a file that broke.
#[derive(Debug)]
pub enum BadRow {
    /// One row; reading goes on behind it.
    Flawed {
        /// The line it starts on.
        line: u64,
        /// What is wrong.
        flaw: Flaw,
    },
    /// Reading failed; nothing follows.
    Broken(String),
}

/// Something that has rows.
pub trait Source: Send + Sync {
    /// What there is to read, in the order of [`Target::ALL`].
    fn parts(&self) -> Vec<Part>;

    /// Starts reading a part.
    ///
    /// # Errors
    /// Says why the whole part is refused.
    fn open(&self, part: usize) -> Result<Box<dyn Rows>, String>;
}

/// Rows, one after the other.
pub trait Rows: Send {
    /// The next row.
    fn next_row(&mut self) -> Option<Result<RawRow, BadRow>>;

    /// How much has been read.
    fn bytes_read(&self) -> u64;

    /// Columns that the target does not have, with the line where each was first met; those not told yet.
    fn unknown_columns(&mut self) -> Vec<(u64, String)> {
        Vec::new()
    }
}
