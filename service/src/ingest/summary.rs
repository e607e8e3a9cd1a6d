//! What an import did: counts per file, and what is wrong with which row.

use crate::ingest::target::file::Target;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is new.
    Inserted,
    /// It changed a row.
    Updated,
    /// It says what is stored already; also a removal of what is not there.
    Unchanged,
    /// It removed a row.
    Deleted,
    /// Another row of this run has the same key and counts instead.
    Duplicate,
    /// It cannot be stored.
    Rejected,
}

impl RowOutcome {
    /// Whether the row changed what is stored.
    pub(crate) fn changes(self) -> bool {
        matches!(self, Self::Inserted | Self::Updated | Self::Deleted)
    }
}

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What the row is.
    pub target: Target,
    /// The file it stands in.
    pub file: String,
    /// The line it starts on.
    pub line: u64,
    /// The column; empty when it is the whole row.
    pub column: String,
    /// What was expected.
    pub reason: String,
    /// Rejected, or landed without the value.
    pub severity: IssueSeverity,
}

/// How much of a row is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueSeverity {
    /// All of it.
    Rejected,
    /// At most a value.
    Warned,
}

/// Counts of one file. `rows` is the sum of the six counts behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// What its rows are.
    pub target: Target,
    /// Its name.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that were new.
    pub inserted: u64,
    /// Rows that changed a stored row.
    pub updated: u64,
    /// Rows that said what was stored already.
    pub unchanged: u64,
    /// Rows that removed a stored row.
    pub deleted: u64,
    /// Rows that another row of the run overtook.
    pub duplicates: u64,
    /// Rows that could not be stored.
    pub rejected: u64,
    pub warned: u64,
    /// Why the file as a whole, or the rest of it, was refused.
    pub refused: Option<String>,
}

impl FileSummary {
    pub(crate) fn new(target: Target, file: String) -> Self {
        Self {
            target,
            file,
            rows: 0,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            deleted: 0,
            duplicates: 0,
            rejected: 0,
            warned: 0,
            refused: None,
        }
    }

    pub(crate) fn count(&mut self, outcome: RowOutcome) {
        self.rows += 1;
        let count = match outcome {
            RowOutcome::Inserted => &mut self.inserted,
            RowOutcome::Updated => &mut self.updated,
            RowOutcome::Unchanged => &mut self.unchanged,
            RowOutcome::Deleted => &mut self.deleted,
            RowOutcome::Duplicate => &mut self.duplicates,
            RowOutcome::Rejected => &mut self.rejected,
        };
        *count += 1;
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSummary {
    /// In the order of reading.
    pub files: Vec<FileSummary>,
    /// Whether anything was written: not with `dry_run`, and not when `strict` found a bad row.
    pub written: bool,
}

impl ImportSummary {
    /// Whether every row of every file was good.
    pub fn is_clean(&self) -> bool {
        self.files
            .iter()
            .all(|file| file.rejected == 0 && file.refused.is_none())
    }

    /// Rows that changed something.
    pub fn changes(&self) -> u64 {
        self.files
            .iter()
            .map(|file| file.inserted + file.updated + file.deleted)
            .sum()
    }
}

/// Watches an import: a progress bar, log lines, or a mutation that answers row by row. Every method may be left out.
pub trait Progress: Send + Sync {
    /// An import starts; so many bytes will be read (every file is read twice, with `strict` four times).
    fn begin(&self, _bytes: u64) {}
    /// A file's turn has come.
    fn file(&self, _target: Target, _file: &str) {}
    /// So many bytes more have been dealt with.
    fn advance(&self, _bytes: u64) {}
    /// What became of a row; in the order of the lines within a batch.
    fn row(&self, _target: Target, _line: u64, _outcome: RowOutcome) {}
    /// Something is wrong with a row.
    fn issue(&self, _issue: &Issue) {}
    /// A file is done.
    fn file_done(&self, _summary: &FileSummary) {}
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {}
