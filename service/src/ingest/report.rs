//! `rejected.csv` and `warnings.csv`: what is wrong with which row, for the one who made the file.
//!
//! People open these in a spreadsheet, and they quote cells of whatever was imported: a text that a spreadsheet would
//! take for a formula gets an apostrophe in front. (What is stored in the database stays as it came.)

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::db::private_files;
use crate::ingest::summary::{Issue, IssueSeverity};

/// The two files of a report, written as the import goes on. A file without rows is not made.
pub(crate) struct Report {
    folder: Option<PathBuf>,
    rejected: Option<csv::Writer<File>>,
    warned: Option<csv::Writer<File>>,
}

/// The file of rejected rows.
pub const REJECTED: &str = "rejected.csv";
/// The file of warnings.
pub const WARNINGS: &str = "warnings.csv";

impl Report {
    /// Starts a report; what an earlier import left there goes.
    pub(crate) fn start(folder: Option<&Path>) -> io::Result<Self> {
        for name in [REJECTED, WARNINGS] {
            if let Some(folder) = folder {
                match fs::remove_file(folder.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(Self {
            folder: folder.map(Path::to_owned),
            rejected: None,
            warned: None,
        })
    }

    /// Writes one line.
    pub(crate) fn add(&mut self, issue: &Issue) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let (writer, name) = match issue.severity {
            IssueSeverity::Rejected => (&mut self.rejected, REJECTED),
            IssueSeverity::Warned => (&mut self.warned, WARNINGS),
        };
        let writer = match writer {
            Some(writer) => writer,
            None => writer.insert(create(folder, name)?),
        };
        let line = issue.line.to_string();
        let cells = [issue.file.as_str(), &line, &issue.column, &issue.reason].map(defused);
        Ok(writer.write_record(cells)?)
    }

    /// Makes sure that all of it is on disk.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        for writer in [self.rejected.as_mut(), self.warned.as_mut()]
            .into_iter()
            .flatten()
        {
            writer.flush()?;
        }
        Ok(())
    }
}

fn create(folder: &Path, name: &str) -> io::Result<csv::Writer<File>> {
    private_files::create_folder(folder)?;
    let mut writer = csv::Writer::from_writer(private_files::create(&folder.join(name))?);
    writer.write_record(["file", "line", "column", "reason"])?;
    Ok(writer)
}

/// A text that no spreadsheet takes for a formula.
fn defused(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
