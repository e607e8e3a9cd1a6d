//! Import: rows of any source, through one path, into the database (docs/import-files.md).
//!
//! ```text
//! source ── raw rows ──> typed rows ──> batch ──> lookups, stored rows ──> difference ──> written, one transaction
//!   files, a mapping,      per file       16,384 rows
//!   rows in memory         declared in target/
//! ```
//!
//! What holds: memory does not grow with the files; a batch lands whole or not at all; the same rows twice change
//! nothing; nothing that a file can hold makes an import panic or leaves half a row behind.

mod call;
mod error;
mod import;
mod report;
mod source;
mod summary;
mod target;
mod value;
pub(crate) mod write;

pub use call::{CallRow, MOST_ROWS, RowResult, write};
pub use error::ImportError;
pub use import::{ImportOptions, import};
pub use report::{REJECTED, WARNINGS};
pub use source::{BadRow, Folder, InMemory, Mapped, Mapping, MappingError, OnRepeat, Part, Rows, Source};
pub use summary::{FileSummary, ImportSummary, Issue, IssueSeverity, Progress, RowOutcome, Unwatched};
pub use target::file::Target;
pub use value::cell::{Cell, Flaw, RawRow};
