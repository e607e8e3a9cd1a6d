//! Why an import as a whole could not be done. What is wrong with a row or a file is no error but part of the summary.

use std::io;
use std::path::PathBuf;

use crate::error::ServiceError;

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database refused. What was committed before stays; importing again picks up the rest.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The report could not be written.
    #[error("the report in {folder} could not be written: {source}")]
    Report {
        /// Where it was to go.
        folder: PathBuf,
        source: io::Error,
    },
    /// A temporary file could not be used.
    #[error("a temporary file could not be used: {0} (is the disk full? TMPDIR says where they go)")]
    Temporary(#[source] io::Error),
    /// The reading thread ended before its time.
    #[error("reading {0} ended before its time")]
    Reader(String),
}
